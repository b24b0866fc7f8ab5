/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/mem.h"

/* FNV-1a with a random start and a final mix: the start keeps an outsider from choosing keys of
 * one bucket, the mix spreads the low bits that choose it. */
static uint64_t hash_start(void)
{
	static uint64_t start;

	while (!start)
		if (getrandom(&start, sizeof(start), 0) != sizeof(start))
			start = 0;
	return start;
}

uint64_t map_hash(const void *bytes, size_t size)
{
	return map_hash_more(hash_start(), bytes, size);
}

uint64_t map_hash_text(const char *text)
{
	return map_hash(text, strlen(text));
}

uint64_t map_hash_more(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ULL;
	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93ULL;
	hash ^= hash >> 32;
	return hash;
}

static struct map_node **bucket(const struct map *map, uint64_t hash)
{
	return &map->buckets[hash & (map->n_buckets - 1)];
}

struct map_node *map_find(const struct map *map, uint64_t hash,
			  bool (*same)(const struct map_node *node, const void *key),
			  const void *key)
{
	if (!map->n)
		return NULL;
	for (struct map_node *node = *bucket(map, hash); node; node = node->next)
		if (node->hash == hash && same(node, key))
			return node;
	return NULL;
}

void map_expect(const struct map *map, uint64_t hash)
{
	if (map->n)
		__builtin_prefetch(bucket(map, hash));
}

void map_expect_node(const struct map *map, uint64_t hash)
{
	if (map->n)
		__builtin_prefetch(*bucket(map, hash));
}

static void grow(struct map *map)
{
	struct map wide = { .n_buckets = map->n_buckets ? map->n_buckets * 2 : 16 };
	struct map_node *node, *after;

	wide.buckets = mem_array(wide.n_buckets, sizeof(*wide.buckets));
	wide.n = map->n;
	map_for_each (map, node, after) {
		struct map_node **to = bucket(&wide, node->hash);

		node->next = *to;
		*to = node;
	}
	free(map->buckets);
	*map = wide;
}

void map_add(struct map *map, struct map_node *node, uint64_t hash)
{
	struct map_node **to;

	if (map->n >= map->n_buckets)
		grow(map);
	node->hash = hash;
	to = bucket(map, hash);
	node->next = *to;
	*to = node;
	map->n++;
}

void map_remove(struct map *map, struct map_node *node)
{
	struct map_node **at = bucket(map, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	node->next = NULL;
	map->n--;
}

static struct map_node *first_from(const struct map *map, size_t i)
{
	for (; i < map->n_buckets; i++)
		if (map->buckets[i])
			return map->buckets[i];
	return NULL;
}

struct map_node *map_first(const struct map *map)
{
	return first_from(map, 0);
}

struct map_node *map_next(const struct map *map, const struct map_node *node)
{
	if (node->next)
		return node->next;
	return first_from(map, (node->hash & (map->n_buckets - 1)) + 1);
}

void map_clear(struct map *map)
{
	free(map->buckets);
	*map = (struct map)MAP_NONE;
}
