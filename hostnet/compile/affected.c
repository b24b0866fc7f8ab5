/* SPDX-License-Identifier: GPL-2.0-or-later */
/* affected.c - whose items hang on an object beside its own: those that refer to it, whose own are
 * made of what it says. */
#include "hostnet/compile/compile.h"

void host_affected(const struct document *document, struct object *object, document_visit_fn *visit,
		   void *data)
{
	visit(data, object);
	document_users(document, object, visit, data);
}
