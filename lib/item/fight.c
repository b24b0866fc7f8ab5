/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/fight.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define TIMES_AT_ONCE  5
#define QUIET_FIRST_MS 10000
#define WAIT_FIRST_MS  1000
#define WAIT_MAX_MS    30000

struct fight {
	struct map_node by_name;
	unsigned int times;
	uint64_t wait_ms;
	uint64_t last_ms;
	const char *name; /* Behind the kind, in 'kind'. */
	char kind[];
};

struct fight_name {
	const char *kind, *name;
};

static bool is_called(const struct map_node *node, const void *key)
{
	const struct fight *fight = CONTAINER_OF(node, struct fight, by_name);
	const struct fight_name *wanted = key;

	return strcmp(fight->name, wanted->name) == 0 && strcmp(fight->kind, wanted->kind) == 0;
}

static bool is_over(const struct fight *fight, uint64_t now_ms)
{
	return now_ms > fight->last_ms + QUIET_FIRST_MS + 2 * fight->wait_ms;
}

static struct fight *find(const struct fights *fights, const char *kind, const char *name,
			  uint64_t *hash)
{
	struct fight_name wanted = { kind, name };
	struct map_node *node;

	*hash = map_hash_more(map_hash_text(kind), name, strlen(name));
	node = map_find(&fights->by_name, *hash, is_called, &wanted);
	return node ? CONTAINER_OF(node, struct fight, by_name) : NULL;
}

static struct fight *find_or_add(struct fights *fights, const char *kind, const char *name)
{
	size_t kind_size = strlen(kind) + 1, name_size = strlen(name) + 1;
	uint64_t hash;
	struct fight *fight = find(fights, kind, name, &hash);

	if (fight)
		return fight;
	fight = mem_alloc(sizeof(*fight) + kind_size + name_size);
	memcpy(fight->kind, kind, kind_size);
	memcpy(fight->kind + kind_size, name, name_size);
	fight->name = fight->kind + kind_size;
	map_add(&fights->by_name, &fight->by_name, hash);
	return fight;
}

uint64_t fights_touch(struct fights *fights, const char *kind, const char *name, uint64_t now_ms)
{
	struct fight *fight = find_or_add(fights, kind, name);

	if (now_ms < fight->last_ms + fight->wait_ms)
		return fight->last_ms + fight->wait_ms - now_ms;
	if (is_over(fight, now_ms)) {
		fight->times = 0;
		fight->wait_ms = 0;
	}
	fight->last_ms = now_ms;
	if (++fight->times <= TIMES_AT_ONCE)
		return 0;
	fight->wait_ms = fight->wait_ms ? 2 * fight->wait_ms : WAIT_FIRST_MS;
	if (fight->wait_ms > WAIT_MAX_MS)
		fight->wait_ms = WAIT_MAX_MS;
	return fight->wait_ms;
}

uint64_t fights_wait_ms(const struct fights *fights, const char *kind, const char *name,
			uint64_t now_ms)
{
	uint64_t hash;
	const struct fight *fight = find(fights, kind, name, &hash);

	if (!fight || now_ms >= fight->last_ms + fight->wait_ms)
		return 0;
	return fight->last_ms + fight->wait_ms - now_ms;
}

static void forget(struct fights *fights, struct fight *fight)
{
	map_remove(&fights->by_name, &fight->by_name);
	free(fight);
}

void fights_forgive(struct fights *fights, uint64_t now_ms)
{
	struct map_node *node, *after;

	map_for_each (&fights->by_name, node, after) {
		struct fight *fight = CONTAINER_OF(node, struct fight, by_name);

		if (is_over(fight, now_ms))
			forget(fights, fight);
	}
}

void fights_clear(struct fights *fights)
{
	struct map_node *node, *after;

	map_for_each (&fights->by_name, node, after)
		forget(fights, CONTAINER_OF(node, struct fight, by_name));
	map_clear(&fights->by_name);
}
