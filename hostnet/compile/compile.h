/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile.h - a host's document into the items that give its guests their networks. Pure.
 *
 * What the items together do to a frame is told in docs/host-semantics.md. */
#ifndef WEFT_HOSTNET_COMPILE_COMPILE_H
#define WEFT_HOSTNET_COMPILE_COMPILE_H

#include "hostnet/document/host.h"
#include "lib/item/facts.h"
#include "lib/item/note.h"

/* All items of a document, and what is said of objects that rest. A document without a host (the
 * empty one) has none: the machine is left as it is. */
void host_compile(const struct document *document, const struct facts *facts,
		  struct item_set *items, struct notes *notes);

/* The items of one object alone. The union over all objects is what host_compile() gives; no two
 * objects say the same item. */
void host_compile_object(const struct document *document, const struct facts *facts,
			 const struct object *object, struct item_set *items, struct notes *notes);

/* Whether a change of an object of this section is wholly seen by host_compile_object() of what
 * host_affected() names, asked before and after the change. Else everything is compiled. */
bool host_compile_local(const struct section_type *section);

/* 'object' and all objects whose items may be others with it there than without it, each once. */
void host_affected(const struct document *document, struct object *object, document_visit_fn *visit,
		   void *data);

/* The port whose device it is, and its elastic IPs; see lib/agent/agent.h. */
bool host_affected_by_link(const struct document *document, const struct facts *facts,
			   const struct facts_link *link, document_visit_fn *visit, void *data);

#endif
