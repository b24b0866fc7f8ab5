/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/item.h"

#include <stdlib.h>
#include <string.h>

struct item *item_new(const char *kind, const char *key, const char *value, const char *owner)
{
	size_t kind_size = strlen(kind) + 1, key_size = strlen(key) + 1;
	size_t value_size = strlen(value) + 1, owner_size = strlen(owner) + 1;
	struct item *item =
		mem_alloc(sizeof(*item) + kind_size + key_size + value_size + owner_size);

	item->references = 1;
	item->key_at = (uint32_t)kind_size;
	item->value_at = (uint32_t)(kind_size + key_size);
	item->owner_at = (uint32_t)(kind_size + key_size + value_size);
	memcpy(item->bytes, kind, kind_size);
	memcpy(item->bytes + item->key_at, key, key_size);
	memcpy(item->bytes + item->value_at, value, value_size);
	memcpy(item->bytes + item->owner_at, owner, owner_size);
	return item;
}

struct item *item_ref(struct item *item)
{
	item->references++;
	return item;
}

void item_unref(struct item *item)
{
	if (item && --item->references == 0)
		free(item);
}

void item_unref_auto(struct item **item)
{
	item_unref(*item);
}

bool item_is(const struct item *item, const char *kind)
{
	return strcmp(item_kind(item), kind) == 0;
}

struct name {
	const char *kind, *key;
};

static uint64_t name_hash(const char *kind, const char *key)
{
	return map_hash_more(map_hash_text(kind), key, strlen(key));
}

static bool has_name(const struct map_node *node, const void *key)
{
	const struct item *item = CONTAINER_OF(node, struct item, in_set);
	const struct name *name = key;

	return strcmp(item_key(item), name->key) == 0 && strcmp(item_kind(item), name->kind) == 0;
}

bool item_set_add(struct item_set *set, struct item *item)
{
	if (item_set_find(set, item_kind(item), item_key(item))) {
		item_unref(item);
		return false;
	}
	map_add(&set->by_key, &item->in_set, name_hash(item_kind(item), item_key(item)));
	return true;
}

bool item_set_say(struct item_set *set, const char *kind, const char *owner, const char *key,
		  const char *value)
{
	return item_set_add(set, item_new(kind, key, value, owner));
}

struct item *item_set_find(const struct item_set *set, const char *kind, const char *key)
{
	struct name name = { kind, key };
	struct map_node *node = map_find(&set->by_key, name_hash(kind, key), has_name, &name);

	return node ? CONTAINER_OF(node, struct item, in_set) : NULL;
}

struct item *item_set_take(struct item_set *set, struct item *item)
{
	map_remove(&set->by_key, &item->in_set);
	return item;
}

size_t item_set_count(const struct item_set *set)
{
	return set->by_key.n;
}

struct item *item_set_first(const struct item_set *set)
{
	struct map_node *node = map_first(&set->by_key);

	return node ? CONTAINER_OF(node, struct item, in_set) : NULL;
}

struct item *item_set_next(const struct item_set *set, const struct item *item)
{
	struct map_node *node = map_next(&set->by_key, &item->in_set);

	return node ? CONTAINER_OF(node, struct item, in_set) : NULL;
}

void item_set_clear(struct item_set *set)
{
	struct item *item, *after;

	item_set_for_each (set, item, after)
		item_unref(item_set_take(set, item));
	map_clear(&set->by_key);
}
