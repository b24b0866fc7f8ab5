/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.h - what turns what there is into what is wanted. */
#ifndef WEFT_ITEM_PLAN_H
#define WEFT_ITEM_PLAN_H

#include <jansson.h>

#include "lib/base/err.h"
#include "lib/item/item.h"

enum change_action {
	CHANGE_ADD,
	CHANGE_CHANGE,
	CHANGE_REMOVE,
};

struct change {
	enum change_action action;
	struct item *want; /* A reference; NULL for CHANGE_REMOVE. */
	struct item *have; /* A reference; NULL for CHANGE_ADD. */
	struct err err; /* Why a backend could not do it; code 0: it is done, or not tried yet. */
};

struct plan {
	struct change *changes;
	size_t n, room;
};

#define PLAN_NONE \
	{         \
		0 \
	}

/* Whether an item that is there is as wanted; both have the same kind and key. Pure. */
typedef bool item_same_fn(const struct item *want, const struct item *have);

/* Notes one change; at least one of the two is given. The plan takes references of its own. */
void plan_note(struct plan *plan, struct item *want, struct item *have);

/* The item that a change is about: the wanted one, or the one that goes. */
const struct item *change_item(const struct change *change);

/* Orders the changes by kind and key, so that a plan reads the same every time. */
void plan_sort(struct plan *plan);

/* The list of the interface: {action, kind, key, owner, from, to}. A new reference. */
json_t *plan_json(const struct plan *plan);

void plan_clear(struct plan *plan);

#endif
