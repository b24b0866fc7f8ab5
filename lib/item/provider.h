/* SPDX-License-Identifier: GPL-2.0-or-later */
/* provider.h - a backend, seen as a set of items.
 *
 * A provider never decides what ought to be there. Ours is known by a mark in the backend (route
 * protocol, table name, link alias), never by our memory: that makes a restart harmless. What lacks
 * the mark is not read, and so can never be removed. */
#ifndef WEFT_ITEM_PROVIDER_H
#define WEFT_ITEM_PROVIDER_H

#include "lib/item/plan.h"

struct provider {
	const char *name;         /* In logs and failures: "nftables", "links". */
	const char *const *kinds; /* NULL-terminated. */
	void *self;

	/* Adds to 'have' what the backend holds of ours. 'want' is given because some kinds
	 * (settings of links, sysctls) have no mark: only what is wanted is looked at. After a
	 * failure 'have' is incomplete; the caller lets it go. */
	int (*read)(void *self, const struct item_set *want, struct item_set *have,
		    struct err *err);

	/* The same of one link alone; 'want' is what is looked at there. NULL: it cannot be told
	 * apart, or nothing is told by links. */
	int (*read_link)(void *self, const char *link, const struct item_set *want,
			 struct item_set *have, struct err *err);

	/* NULL: the texts are compared. */
	item_same_fn *same;

	/* Kinds whose items hold their owner: with another owner an item is another. NULL: none. */
	const char *const *owned;

	/* Makes the changes, which are all of this provider's kinds. Failures go into each
	 * change's 'err', with a sentence for the operator; one failure never keeps the others
	 * from being made. The engine calls it with additions and changes first, in the order of
	 * the providers, then with removals in reverse; with everything at once where
	 * 'at_once' is set (a backend with transactions). */
	void (*apply)(void *self, struct change **changes, size_t n);
	bool at_once;

	/* Its removals are made before anything else of the plan: nothing goes on by what stands
	 * here while what guards it is taken away. */
	bool removals_first;
};

#endif
