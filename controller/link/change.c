/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a member's document is now, held against what it was sent: its own parts are made anew from
 * the model where they are touched, lists that it has in common with others once for all. */
#include <stdlib.h>
#include <string.h>

#include "controller/link/agents_state.h"

static int project(const struct member *member, json_t **document, struct err *err)
{
	int ret;

	if (member->type != &host_type)
		return project_router(member->agents->model, member->type, member->uuid, true,
				      document, err);
	*document = json_object();
	ret = project_host_parts(agents_shared(member->agents), member->uuid, HOST_ALL, *document,
				 err);
	if (ret < 0)
		json_decref(*document);
	return ret;
}

/* ---- lists ---------------------------------------------------------------------------------- */

struct wanting {
	struct agents *agents;
	struct list **lists;
	size_t n, room;
	struct err *err;
	int ret;
};

static struct list **next_of(struct wanting *wanting)
{
	mem_grow(&wanting->lists, &wanting->room, wanting->n + 1, sizeof(*wanting->lists));
	return &wanting->lists[wanting->n];
}

static void want(void *data, enum list_kind kind, const char *uuid)
{
	struct wanting *wanting = data;
	struct agents *agents = wanting->agents;

	if (wanting->ret == 0)
		wanting->ret = lists_get(agents->lists, agents_shared(agents), kind, uuid,
					 next_of(wanting), wanting->err);
	wanting->n += wanting->ret == 0;
}

/* The same lists as before, as they are now. */
static void want_held(struct wanting *wanting, const struct held *held)
{
	struct agents *agents = wanting->agents;

	for (size_t i = 0; wanting->ret == 0 && i < held->n_lists; i++) {
		wanting->ret = lists_now(agents->lists, agents_shared(agents), held->lists[i]->slot,
					 next_of(wanting), wanting->err);
		wanting->n += wanting->ret == 0;
	}
}

/* 'document' NULL: it has the lists that it had. */
static int change_lists(struct member *member, const json_t *document, struct held *held,
			struct held_patch *patch, struct err *err)
{
	struct wanting wanting = { .agents = member->agents, .err = err };

	if (member->type != &host_type)
		return 0;
	if (document)
		project_host_lists(document, want, &wanting);
	else
		want_held(&wanting, held);
	if (wanting.ret == 0)
		held_change_lists(held, wanting.lists, wanting.n, patch);
	for (size_t i = 0; wanting.ret < 0 && i < wanting.n; i++)
		list_unref(wanting.lists[i]);
	free(wanting.lists);
	return wanting.ret;
}

/* ---- parts ---------------------------------------------------------------------------------- */

/* What is held of a host, in the projections' form. */
static json_t *held_host(const struct held *held)
{
	json_t *document = json_object(), *section, *object;
	const char *name, *uuid;

	json_object_foreach (held->sections, name, section) {
		json_t *list;

		if (strcmp(name, "host") == 0) {
			json_object_set(document, name, section);
			continue;
		}
		list = json_array();
		json_object_foreach (section, uuid, object)
			json_array_append(list, object);
		json_object_set_new(document, name, list);
	}
	return document;
}

/* Makes parts of a host's document anew. */
static int change_parts(struct member *member, unsigned int parts, struct held *held,
			struct held_patch *patch, struct err *err)
{
	json_t *document = held_host(held);
	int ret = project_host_parts(agents_shared(member->agents), member->uuid, parts, document,
				     err);

	parts = project_host_following(parts);
	for (unsigned int part = 1; ret == 0 && part < HOST_ALL; part <<= 1) {
		const char *const *section = project_host_sections(part);

		for (; parts & part && *section; section++)
			held_change_section(held, *section, json_object_get(document, *section),
					    patch);
	}
	if (ret == 0)
		ret = change_lists(member,
				   parts & (HOST_L2 | HOST_NETWORKS | HOST_GROUPS) ? document
										   : NULL,
				   held, patch, err);
	json_decref(document);
	return ret;
}

int change_all(struct member *member, struct held *held, struct held_patch *patch,
	       json_t **document, struct err *err)
{
	int ret = project(member, document, err);

	if (ret < 0)
		return ret;
	held_change(held, *document, patch);
	ret = change_lists(member, *document, held, patch, err);
	if (ret < 0) {
		json_decref(*document);
		/* The half of it that is done was not sent. */
		held_clear(held);
	}
	return ret;
}

int change_touched(struct member *member, struct held *held, struct held_patch *patch,
		   json_t **whole, struct err *err)
{
	unsigned int parts = member->touched & HOST_ALL;
	bool known = held->sections;
	json_t *document;
	int ret;

	if (known && member->type == &host_type && parts != HOST_ALL) {
		ret = parts ? change_parts(member, parts, held, patch, err)
			    : change_lists(member, NULL, held, patch, err);
		if (ret < 0)
			held_clear(held);
		return ret;
	}
	ret = change_all(member, held, patch, &document, err);
	if (ret == 0 && known)
		json_decref(document);
	else if (ret == 0)
		*whole = document;
	return ret;
}
