/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects that a change may touch, remembered by name: the objects themselves come and go. */
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"

struct name {
	struct map_node in_names;
	const struct section_type *section;
	char uuid[];
};

struct affected {
	struct map names;
	size_t derived; /* Of these. */
};

struct name_key {
	const struct section_type *section;
	const char *uuid;
};

static bool is_name(const struct map_node *node, const void *key)
{
	const struct name *name = CONTAINER_OF(node, struct name, in_names);
	const struct name_key *wanted = key;

	return name->section == wanted->section && strcmp(name->uuid, wanted->uuid) == 0;
}

struct affected *affected_new(void)
{
	return mem_alloc(sizeof(struct affected));
}

void affected_free(struct affected *affected)
{
	struct map_node *node, *after;

	if (!affected)
		return;
	map_for_each (&affected->names, node, after)
		free(CONTAINER_OF(node, struct name, in_names));
	map_clear(&affected->names);
	free(affected);
}

void affected_add(struct affected *affected, struct object *object)
{
	struct name_key key = { object->section, object->uuid };
	uint64_t hash = map_hash_more(map_hash_text(object->uuid), object->section->name,
				      strlen(object->section->name));
	size_t size = strlen(object->uuid) + 1;
	struct name *name;

	if (map_find(&affected->names, hash, is_name, &key))
		return;
	name = mem_alloc(sizeof(*name) + size);
	name->section = object->section;
	affected->derived += object->section->derived;
	memcpy(name->uuid, object->uuid, size);
	map_add(&affected->names, &name->in_names, hash);
}

size_t affected_count(const struct affected *affected)
{
	return affected->names.n - affected->derived;
}

void affected_compile(const struct agent *agent, const struct affected *affected,
		      struct item_set *items, struct notes *notes)
{
	struct map_node *node, *after;

	map_for_each (&affected->names, node, after) {
		const struct name *name = CONTAINER_OF(node, struct name, in_names);
		const struct object *object =
			document_find(agent->document, name->section->name, name->uuid);

		notes_forget(notes, name->uuid);
		if (object)
			agent->type->compile_object(agent->document, &agent->facts, object, items,
						    notes);
	}
}
