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

	item->in_set.hash = map_hash(key, key_size - 1);
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

/* The items of one kind. It stays when the last of them goes: a walk may stand there. */
struct kind {
	struct map_node in_set;
	struct map by_key;
	char name[];
};

static bool has_kind(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct kind, in_set)->name, key) == 0;
}

static struct kind *kind_of(const struct map_node *node)
{
	return node ? CONTAINER_OF(node, struct kind, in_set) : NULL;
}

static struct kind *find_kind(const struct item_set *set, const char *name)
{
	return kind_of(map_find(&set->kinds, map_hash_text(name), has_kind, name));
}

static struct kind *make_kind(struct item_set *set, const char *name)
{
	struct kind *kind = find_kind(set, name);
	size_t size = strlen(name) + 1;

	if (kind)
		return kind;
	kind = mem_alloc(sizeof(*kind) + size);
	memcpy(kind->name, name, size);
	map_add(&set->kinds, &kind->in_set, map_hash_text(name));
	return kind;
}

static struct item *item_of(const struct map_node *node)
{
	return node ? CONTAINER_OF(node, struct item, in_set) : NULL;
}

static bool has_key(const struct map_node *node, const void *key)
{
	return strcmp(item_key(item_of(node)), key) == 0;
}

static struct item *find_key(const struct kind *kind, const char *key, uint64_t hash)
{
	return item_of(map_find(&kind->by_key, hash, has_key, key));
}

bool item_set_add(struct item_set *set, struct item *item)
{
	struct kind *kind = make_kind(set, item_kind(item));

	if (find_key(kind, item_key(item), item->in_set.hash)) {
		item_unref(item);
		return false;
	}
	map_add(&kind->by_key, &item->in_set, item->in_set.hash);
	set->n++;
	return true;
}

bool item_set_say(struct item_set *set, const char *kind, const char *owner, const char *key,
		  const char *value)
{
	return item_set_add(set, item_new(kind, key, value, owner));
}

struct item *item_set_find(const struct item_set *set, const char *kind, const char *key)
{
	const struct kind *found = find_kind(set, kind);

	return found ? find_key(found, key, map_hash_text(key)) : NULL;
}

struct item *item_set_like(const struct item_set *set, const struct item *item)
{
	const struct kind *kind = find_kind(set, item_kind(item));

	return kind ? find_key(kind, item_key(item), item->in_set.hash) : NULL;
}

/* More would push each other out of the caches before they are used. */
#define EXPECTED_MOST 256

void item_set_expect(const struct item_set *set, const struct item_set *items)
{
	void (*const expect[])(const struct map *, uint64_t) = { map_expect, map_expect_node };
	const struct map_node *node;

	if (items->n > EXPECTED_MOST)
		return;
	for (size_t step = 0; step < ARRAY_SIZE(expect); step++)
		for (node = map_first(&items->kinds); node; node = map_next(&items->kinds, node)) {
			const struct kind *of = kind_of(node), *in = find_kind(set, of->name);
			const struct map_node *at = in ? map_first(&of->by_key) : NULL;

			for (; at; at = map_next(&of->by_key, at))
				expect[step](&in->by_key, at->hash);
		}
}

struct item *item_set_take(struct item_set *set, struct item *item)
{
	map_remove(&find_kind(set, item_kind(item))->by_key, &item->in_set);
	set->n--;
	return item;
}

size_t item_set_count(const struct item_set *set)
{
	return set->n;
}

struct item *item_set_first_of(const struct item_set *set, const char *kind)
{
	const struct kind *found = find_kind(set, kind);

	return found ? item_of(map_first(&found->by_key)) : NULL;
}

struct item *item_set_next_of(const struct item_set *set, const struct item *item)
{
	return item_of(map_next(&find_kind(set, item_kind(item))->by_key, &item->in_set));
}

/* The first item of this kind or of those behind it. */
static struct item *first_from(const struct item_set *set, const struct kind *kind)
{
	struct item *item = NULL;

	for (; kind && !item; kind = kind_of(map_next(&set->kinds, &kind->in_set)))
		item = item_of(map_first(&kind->by_key));
	return item;
}

struct item *item_set_first(const struct item_set *set)
{
	return first_from(set, kind_of(map_first(&set->kinds)));
}

struct item *item_set_next(const struct item_set *set, const struct item *item)
{
	const struct kind *kind = find_kind(set, item_kind(item));
	struct item *next = item_of(map_next(&kind->by_key, &item->in_set));

	return next ? next : first_from(set, kind_of(map_next(&set->kinds, &kind->in_set)));
}

void item_set_clear(struct item_set *set)
{
	struct map_node *node, *node_after;
	struct item *item, *after;

	item_set_for_each (set, item, after)
		item_unref(item_set_take(set, item));
	map_for_each (&set->kinds, node, node_after) {
		struct kind *kind = kind_of(node);

		map_remove(&set->kinds, node);
		map_clear(&kind->by_key);
		free(kind);
	}
	map_clear(&set->kinds);
}
