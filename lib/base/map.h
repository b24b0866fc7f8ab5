/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map.h - a hash table whose links live in what it holds.
 *
 * The table knows nothing of its contents: the caller brings hash and comparison. The hash is keyed
 * with a secret of this process, because keys come from outside. */
#ifndef WEFT_BASE_MAP_H
#define WEFT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

struct map {
	struct map_node **buckets;
	size_t n_buckets, n;
};

#define MAP_NONE  \
	{         \
		0 \
	}

uint64_t map_hash(const void *bytes, size_t size);
uint64_t map_hash_text(const char *text);
uint64_t map_hash_more(uint64_t hash, const void *bytes, size_t size); /* Chains keys. */

/* The first node with 'hash' for which 'same' holds, or NULL. */
struct map_node *map_find(const struct map *map, uint64_t hash,
			  bool (*same)(const struct map_node *node, const void *key),
			  const void *key);

/* Fetches what map_find() of 'hash' will look at, without waiting: the place of the first node,
 * then the node. In a large table each is somewhere else in memory; asked for before, many finds
 * wait once. */
void map_expect(const struct map *map, uint64_t hash);
void map_expect_node(const struct map *map, uint64_t hash);

void map_add(struct map *map, struct map_node *node, uint64_t hash);
void map_remove(struct map *map, struct map_node *node);

/* Walks the table in no order. The node may be removed while the walk stands on it. */
struct map_node *map_first(const struct map *map);
struct map_node *map_next(const struct map *map, const struct map_node *node);

#define map_for_each(map, node, after)                                                       \
	for ((node) = map_first(map), (after) = (node) ? map_next(map, node) : NULL; (node); \
	     (node) = (after), (after) = (node) ? map_next(map, node) : NULL)

/* Frees the table, not what it held. */
void map_clear(struct map *map);

#endif
