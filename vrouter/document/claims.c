/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct map_node by_what;
	const char *uuid; /* Behind 'what'. */
	char what[];
};

struct claims {
	struct map by_what;
};

static bool is_entry(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct entry, by_what)->what, key) == 0;
}

static struct entry *find(const struct claims *claims, const char *what)
{
	struct map_node *node = map_find(&claims->by_what, map_hash_text(what), is_entry, what);

	return node ? CONTAINER_OF(node, struct entry, by_what) : NULL;
}

struct claims *claims_new(void)
{
	return mem_alloc(sizeof(struct claims));
}

void claims_free(struct claims *claims)
{
	struct map_node *node, *after;

	if (!claims)
		return;
	map_for_each (&claims->by_what, node, after)
		free(CONTAINER_OF(node, struct entry, by_what));
	map_clear(&claims->by_what);
	free(claims);
}

int claim(struct claims *claims, const char *what, const char *uuid, const char **holder)
{
	size_t what_size = strlen(what) + 1, uuid_size = strlen(uuid) + 1;
	struct entry *entry = find(claims, what);

	if (entry) {
		*holder = entry->uuid;
		return -EEXIST;
	}
	entry = mem_alloc(sizeof(*entry) + what_size + uuid_size);
	memcpy(entry->what, what, what_size);
	memcpy(entry->what + what_size, uuid, uuid_size);
	entry->uuid = entry->what + what_size;
	map_add(&claims->by_what, &entry->by_what, map_hash_text(what));
	return 0;
}

void unclaim(struct claims *claims, const char *what, const char *uuid)
{
	struct entry *entry = find(claims, what);

	if (!entry || strcmp(entry->uuid, uuid) != 0)
		return;
	map_remove(&claims->by_what, &entry->by_what);
	free(entry);
}

const char *claim_holder(const struct claims *claims, const char *what)
{
	const struct entry *entry = find(claims, what);

	return entry ? entry->uuid : NULL;
}
