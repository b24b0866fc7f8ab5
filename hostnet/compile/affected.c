/* SPDX-License-Identifier: GPL-2.0-or-later */
/* affected.c - whose items hang on an object beside its own: those that refer to it, whose own are
 * made of what it says. */
#include <string.h>

#include "hostnet/compile/compile.h"

void host_affected(const struct document *document, struct object *object, document_visit_fn *visit,
		   void *data)
{
	struct object *host = document_single(document, SECTION_HOST);

	visit(data, object);
	/* Ports and other groups name its chains and sets, whatever is in them: a member costs
	 * nothing for each that uses the group. The first and the last one make the host track. */
	if (strcmp(object->section->name, SECTION_SECURITY_GROUPS) == 0) {
		if (host)
			visit(data, host);
		return;
	}
	document_users(document, object, visit, data);
}
