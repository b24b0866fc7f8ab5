/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rebuild.c - a set that is wanted otherwise than it is cannot be changed under its elements and
 * rules: its table is made anew, in the one transaction that puts everything back. What its
 * elements had counted and remember is read before, and goes back with them. */
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/message.h"

/* An element of a table that is made anew. */
struct kept {
	struct map_node by_key;
	struct message_element element; /* Has the item. */
};

static bool is_kept(const struct map_node *node, const void *key)
{
	return strcmp(item_key(CONTAINER_OF(node, struct kept, by_key)->element.item), key) == 0;
}

static char *table_of(const char *key)
{
	struct place place;
	char *table;

	place_parse(key, &place);
	table = mem_format("%s %s", place.family, place.table);
	place_clear(&place);
	return table;
}

static bool is_rebuilt(const struct nft *nft, const struct item *item)
{
	AUTO(free_ptr) char *table = table_of(item_key(item));

	return item_set_find(&nft->rebuild, "nft.table", table) != NULL;
}

static void find_tables(struct nft *nft, const struct item_set *want, const struct item_set *have)
{
	struct item *item, *after;

	item_set_for_each_of (have, "nft.set", item, after) {
		const struct item *wanted = item_set_find(want, "nft.set", item_key(item));
		AUTO(free_ptr) char *table = NULL;

		if (!wanted || strcmp(item_value(wanted), item_value(item)) == 0)
			continue;
		table = table_of(item_key(item));
		item_set_say(&nft->rebuild, "nft.table", "", table, "");
	}
}

static bool has_count(const struct nft *nft, const struct item *item)
{
	struct place place;

	place_parse(item_key(item), &place);
	AUTO(free_ptr)
	char *key = mem_format("%s %s %s", place.family, place.table, place.name);
	const struct known_set *set = known_set_find(nft, key);

	place_clear(&place);
	return set && (set->declaration.counter || *set->declaration.since[0]);
}

static void keep(struct nft *nft, struct item *item, const struct nft_count *count)
{
	struct kept *kept = mem_alloc(sizeof(*kept));

	kept->element = (struct message_element){ .item = item_ref(item), .sum = count->sum };
	memcpy(kept->element.since, count->since, sizeof(count->since));
	map_add(&nft->kept, &kept->by_key, map_hash_text(item_key(item)));
}

static int keep_counts(struct nft *nft, const struct item_set *have, struct err *err)
{
	struct nft_count *counts = mem_array(item_set_count(have), sizeof(*counts));
	struct item **items = mem_array(item_set_count(have), sizeof(struct item *));
	struct item *item, *after;
	size_t n = 0;
	int ret;

	item_set_for_each_of (have, "nft.element", item, after)
		if (has_count(nft, item) && is_rebuilt(nft, item)) {
			counts[n] = (struct nft_count){ .key = item_key(item) };
			items[n++] = item;
		}
	ret = nft_counts_read(nft, counts, n, err);
	for (size_t i = 0; ret == 0 && i < n; i++)
		keep(nft, items[i], &counts[i]);
	free(counts);
	free(items);
	return ret;
}

int rebuild_find(struct nft *nft, const struct item_set *want, struct item_set *have,
		 struct err *err)
{
	struct item *item, *after;

	rebuild_done(nft);
	find_tables(nft, want, have);
	if (!item_set_count(&nft->rebuild))
		return 0;
	if (keep_counts(nft, have, err) < 0)
		return err->code;
	item_set_for_each (have, item, after)
		if (is_rebuilt(nft, item))
			item_unref(item_set_take(have, item));
	item_set_for_each (&nft->rebuild, item, after)
		known_clear(nft, item_key(item));
	return 0;
}

void rebuild_messages(struct nft *nft, struct transaction *batch)
{
	struct item *table, *after;

	item_set_for_each (&nft->rebuild, table, after) {
		message_table(nft, batch, table, false, NULL);
		message_table(nft, batch, table, true, NULL);
	}
}

const struct message_element *rebuild_kept(const struct nft *nft, const struct item *item)
{
	struct map_node *node =
		map_find(&nft->kept, map_hash_text(item_key(item)), is_kept, item_key(item));
	struct kept *kept = node ? CONTAINER_OF(node, struct kept, by_key) : NULL;

	if (!kept || strcmp(item_owner(kept->element.item), item_owner(item)) != 0)
		return NULL;
	return &kept->element;
}

void rebuild_done(struct nft *nft)
{
	struct map_node *node, *after;

	map_for_each (&nft->kept, node, after) {
		struct kept *kept = CONTAINER_OF(node, struct kept, by_key);

		map_remove(&nft->kept, node);
		item_unref((struct item *)(uintptr_t)kept->element.item);
		free(kept);
	}
	map_clear(&nft->kept);
	item_set_clear(&nft->rebuild);
}
