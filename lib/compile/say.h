/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say.h - the phrases in which compilers speak: items as an operator would read them.
 *
 * Kinds and texts are those of docs/items.md. */
#ifndef WEFT_COMPILE_SAY_H
#define WEFT_COMPILE_SAY_H

#include "lib/document/document.h"
#include "lib/item/facts.h"
#include "lib/item/note.h"

/* What a compiler works on, and where to. */
struct compiler {
	const char *table; /* Family and name of its nftables table: "inet weft". */
	const struct document *document;
	const struct facts *facts;
	struct item_set *items;
	struct notes *notes;
};

void say(const struct compiler *compiler, const char *owner, const char *kind, const char *value,
	 const char *key, ...) PRINTF(5, 6);

/* In the compiler's table: a base chain ('hook' as "filter input 0 drop") or a regular one (""). */
void say_chain(const struct compiler *compiler, const char *owner, const char *hook,
	       const char *chain, ...) PRINTF(4, 5);
void say_set(const struct compiler *compiler, const char *owner, const char *type, const char *set,
	     ...) PRINTF(4, 5);
/* 'data' is empty for a set's element; the element's text is 'key' formatted. */
void say_element(const struct compiler *compiler, const char *owner, const char *set,
		 const char *data, const char *key, ...) PRINTF(5, 6);
void say_rule(const struct compiler *compiler, const char *owner, const char *chain,
	      const char *order, const char *rule, ...) PRINTF(5, 6);

void say_sysctl(const struct compiler *compiler, const char *owner, const char *value,
		const char *path, ...) PRINTF(4, 5);

/* A subnet as sets and rules write it: without host bits, a single address plain. */
struct prefix_text network_text(const struct prefix *prefix);

/* Says of an object that it rests, and why: what is in 'why', which is cleared; -EOPNOTSUPP is
 * what this machine cannot. */
void say_rest(const struct compiler *compiler, const struct object *object, struct err *why);

#endif
