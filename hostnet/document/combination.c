/* SPDX-License-Identifier: GPL-2.0-or-later */
/* combination.c - the groups that ports are in together: ports with the same ones share what leads
 * to these, and have nothing of their own there but a number.
 *
 * A combination is there as long as a port has it, and never changes meanwhile. It is known by its
 * groups' names, in their order, each once; its number is made of that, and the next free one where
 * that is taken. */
#include <stdlib.h>
#include <string.h>

#include "hostnet/document/index.h"
#include "lib/base/text.h"

static const struct section_type section = { .name = SECTION_COMBINATIONS, .derived = true };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, each once; the texts stay the port's. */
static const char **groups_of(const struct port *port, size_t *n)
{
	const char **groups = mem_array(port->security_groups.n, sizeof(*groups));

	memcpy(groups, port->security_groups.items, port->security_groups.n * sizeof(*groups));
	qsort(groups, port->security_groups.n, sizeof(*groups), by_name);
	*n = 0;
	for (size_t i = 0; i < port->security_groups.n; i++)
		if (!*n || strcmp(groups[*n - 1], groups[i]) != 0)
			groups[(*n)++] = groups[i];
	return groups;
}

/* No uuid has a comma. */
static char *name_of(const char *const *groups, size_t n)
{
	struct text text = TEXT_NONE;

	for (size_t i = 0; i < n; i++)
		text_format(&text, "%s%s", i ? "," : "", groups[i]);
	return text_take(&text);
}

static bool has_name(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct combination, object.by_uuid)->object.uuid, key) ==
	       0;
}

struct combination *combinations_find(const struct combinations *combinations, const char *name)
{
	struct map_node *node =
		map_find(&combinations->by_name, map_hash_text(name), has_name, name);

	return node ? CONTAINER_OF(node, struct combination, object.by_uuid) : NULL;
}

static uint64_t hash_of(uint32_t number)
{
	return map_hash(&number, sizeof(number));
}

static bool has_number(const struct map_node *node, const void *key)
{
	return CONTAINER_OF(node, struct combination, by_number)->number == *(const uint32_t *)key;
}

static uint32_t free_number(const struct combinations *combinations, const char *name)
{
	uint32_t number = (uint32_t)link_digest(name);

	while (!number || map_find(&combinations->by_number, hash_of(number), has_number, &number))
		number++;
	return number;
}

static struct combination *combination_new(struct combinations *combinations, const char *name,
					   const char *const *groups, size_t n)
{
	struct combination *combination = mem_alloc(sizeof(*combination));

	combination->object.uuid = mem_text(name);
	combination->object.section = &section;
	combination->groups = mem_array(n, sizeof(char *));
	combination->n = n;
	for (size_t i = 0; i < n; i++)
		combination->groups[i] = mem_text(groups[i]);
	combination->number = free_number(combinations, name);
	map_add(&combinations->by_name, &combination->object.by_uuid, map_hash_text(name));
	map_add(&combinations->by_number, &combination->by_number, hash_of(combination->number));
	return combination;
}

static void combination_free(struct combination *combination)
{
	for (size_t i = 0; i < combination->n; i++)
		free(combination->groups[i]);
	free(combination->groups);
	free(combination->object.uuid);
	free(combination);
}

void combinations_take(struct combinations *combinations, struct port *port)
{
	AUTO(free_ptr) const char **groups = NULL;
	AUTO(free_ptr) char *name = NULL;
	size_t n;

	if (!port->security_groups.n)
		return;
	groups = groups_of(port, &n);
	name = name_of(groups, n);
	port->combination = combinations_find(combinations, name);
	if (!port->combination)
		port->combination = combination_new(combinations, name, groups, n);
	port->combination->ports++;
}

void combinations_give(struct combinations *combinations, struct port *port)
{
	struct combination *combination = STEAL(port->combination);

	if (!combination || --combination->ports)
		return;
	map_remove(&combinations->by_name, &combination->object.by_uuid);
	map_remove(&combinations->by_number, &combination->by_number);
	combination_free(combination);
}

void combinations_clear(struct combinations *combinations)
{
	struct map_node *node, *after;

	map_for_each (&combinations->by_name, node, after) {
		map_remove(&combinations->by_name, node);
		combination_free(CONTAINER_OF(node, struct combination, object.by_uuid));
	}
	map_clear(&combinations->by_name);
	map_clear(&combinations->by_number);
}

void host_combinations(const struct document *document, document_visit_fn *visit, void *data)
{
	const struct host_index *index = document_index(document);
	struct map_node *node, *after;

	map_for_each (&index->combinations.by_name, node, after)
		visit(data, &CONTAINER_OF(node, struct combination, object.by_uuid)->object);
}
