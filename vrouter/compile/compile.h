/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile.h - a router's document into the items that make a machine this router. Pure.
 *
 * What the items together do to a packet is told in docs/router-semantics.md. */
#ifndef WEFT_VROUTER_COMPILE_COMPILE_H
#define WEFT_VROUTER_COMPILE_COMPILE_H

#include "lib/item/facts.h"
#include "lib/item/note.h"
#include "vrouter/document/router.h"

/* All items of a document, and what is said of objects that rest. A document without a router (the
 * empty one) has none: the machine is left as it is. */
void router_compile(const struct document *document, const struct facts *facts,
		    struct item_set *items, struct notes *notes);

/* The items of one object alone. The union over all objects is what router_compile() gives; no two
 * objects say the same item. */
void router_compile_object(const struct document *document, const struct facts *facts,
			   const struct object *object, struct item_set *items,
			   struct notes *notes);

/* The elements that count what the object carries, as router_compile_object() says them while it
 * does not rest. The owner is the object, or for each listener of a load balancer the listener. */
void router_count_object(const struct document *document, const struct object *object,
			 struct item_set *items);

/* Whether a change of an object of this section is wholly seen by router_compile_object() of what
 * router_affected() names, asked before and after the change. Else everything is compiled. */
bool router_compile_local(const struct section_type *section);

/* 'object' and all objects whose items may be others with it there than without it, each once. */
void router_affected(const struct document *document, struct object *object,
		     document_visit_fn *visit, void *data);

#endif
