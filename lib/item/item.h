/* SPDX-License-Identifier: GPL-2.0-or-later */
/* item.h - the smallest thing that can be added, changed or removed by itself.
 *
 * One address on a link, one route, one nftables element, one DHCP host. Kind, key and value are
 * texts as an operator would read them; docs/items.md says which texts each kind takes. Compilers
 * write them, backends read them, and neither sees the other. */
#ifndef WEFT_ITEM_ITEM_H
#define WEFT_ITEM_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"

struct item {
	struct map_node in_set; /* An item is in one set at most. Its hash is of the key, always. */
	unsigned int references;
	uint32_t key_at, value_at, owner_at; /* Where they begin in 'bytes'. */
	char bytes[];                        /* Kind, key, value, owner: each NUL-terminated. */
};

/* 'owner' is the uuid of the user's object that the item was compiled from. The caller holds the
 * one reference. */
struct item *item_new(const char *kind, const char *key, const char *value, const char *owner);
struct item *item_ref(struct item *item);
void item_unref(struct item *item); /* NULL is fine. */
void item_unref_auto(struct item **item);

static inline const char *item_kind(const struct item *item)
{
	return item->bytes;
}

static inline const char *item_key(const struct item *item)
{
	return item->bytes + item->key_at;
}

static inline const char *item_value(const struct item *item)
{
	return item->bytes + item->value_at;
}

static inline const char *item_owner(const struct item *item)
{
	return item->bytes + item->owner_at;
}

bool item_is(const struct item *item, const char *kind);

/* A set holds at most one item of a kind and key. The items of a kind are together: who asks for
 * them does not walk all others. */
struct item_set {
	struct map kinds;
	size_t n;
};

#define ITEM_SET_NONE       \
	{                   \
		MAP_NONE, 0 \
	}

/* Takes over the caller's reference. If the set holds one of this kind and key, the new one is
 * let go and false returned. */
bool item_set_add(struct item_set *set, struct item *item);

/* item_new() and item_set_add() in one; false as item_set_add(). */
bool item_set_say(struct item_set *set, const char *kind, const char *owner, const char *key,
		  const char *value);

/* The set's own item, or NULL. */
struct item *item_set_find(const struct item_set *set, const char *kind, const char *key);

/* Takes the item out; the set's reference becomes the caller's. */
struct item *item_set_take(struct item_set *set, struct item *item);

/* The same of the kind and key that 'item' has, in whatever set that is. */
struct item *item_set_like(const struct item_set *set, const struct item *item);

/* Says that item_set_like() is going to be asked for each of 'items'. Among many that are not in
 * the processor's caches they are waited for together. */
void item_set_expect(const struct item_set *set, const struct item_set *items);

size_t item_set_count(const struct item_set *set);
struct item *item_set_first(const struct item_set *set);
struct item *item_set_next(const struct item_set *set, const struct item *item);

/* The same among the items of one kind. */
struct item *item_set_first_of(const struct item_set *set, const char *kind);
struct item *item_set_next_of(const struct item_set *set, const struct item *item);

/* Walks the set in no order; the item that the walk stands on may be taken out. */
#define item_set_for_each(set, item, after)                                                    \
	for ((item) = item_set_first(set), (after) = (item) ? item_set_next(set, item) : NULL; \
	     (item); (item) = (after), (after) = (item) ? item_set_next(set, item) : NULL)

#define item_set_for_each_of(set, kind, item, after)               \
	for ((item) = item_set_first_of(set, kind),                \
	    (after) = (item) ? item_set_next_of(set, item) : NULL; \
	     (item); (item) = (after), (after) = (item) ? item_set_next_of(set, item) : NULL)

void item_set_clear(struct item_set *set);

#endif
