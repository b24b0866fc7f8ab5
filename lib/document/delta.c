/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a patch, done to a document and undone again.
 *
 * Order: indexes forget what goes, edges go, objects leave; then objects come, edges come, indexes
 * learn, and what can only be seen at the end is checked. Taking back walks the same way back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/document/document_state.h"

static struct section *section_of(const struct document *document, const struct object *object)
{
	return document_section(document, object->section->name);
}

static void list_put(struct section *section, struct object *object)
{
	if (object->previous)
		object->previous->next = object;
	else
		section->first = object;
	if (object->next)
		object->next->previous = object;
	else
		section->last = object;
	map_add(&section->by_uuid, &object->by_uuid, map_hash_text(object->uuid));
	section->n++;
}

/* The object keeps its neighbours, so that list_put() in reverse order restores the list. */
static void list_take(struct section *section, struct object *object)
{
	if (object->previous)
		object->previous->next = object->next;
	else
		section->first = object->next;
	if (object->next)
		object->next->previous = object->previous;
	else
		section->last = object->previous;
	map_remove(&section->by_uuid, &object->by_uuid);
	section->n--;
}

static void move_users(struct object *to, struct object *from)
{
	to->users = from->users;
	to->n_users = from->n_users;
	to->users_room = from->users_room;
	from->users = NULL;
	from->n_users = from->users_room = 0;
}

static void step_link(struct document *document, struct document_step *step)
{
	struct object *was = step->was, *is = step->is;
	struct section *section = section_of(document, was ? was : is);

	if (was)
		list_take(section, was);
	if (!is)
		return;
	if (was) {
		is->previous = was->previous;
		is->next = was->next;
		move_users(is, was);
	} else {
		is->previous = section->last;
	}
	list_put(section, is);
}

static void step_unlink(struct document *document, struct document_step *step)
{
	struct object *was = step->was, *is = step->is;
	struct section *section = section_of(document, was ? was : is);

	if (is)
		list_take(section, is);
	if (was && is)
		move_users(was, is);
	if (was)
		list_put(section, was);
}

struct edge {
	struct document *document;
	struct object *user;
};

static int edge_add(void *data, const char *section, const char *uuid, const char *where,
		    struct err *err)
{
	struct edge *edge = data;
	struct object *target = document_find(edge->document, section, uuid);

	if (!target) {
		err_set(err, -EINVAL, "there is no \"%s\" in %s", uuid, section);
		return err_at(err, "%s", where);
	}
	mem_grow(&target->users, &target->users_room, target->n_users + 1, sizeof(*target->users));
	target->users[target->n_users++] = edge->user;
	return 0;
}

static int edge_remove(void *data, const char *section, const char *uuid, const char *where,
		       struct err *err)
{
	struct edge *edge = data;
	struct object *target = document_find(edge->document, section, uuid);

	(void)where;
	(void)err;
	for (size_t i = 0; target && i < target->n_users; i++) {
		if (target->users[i] != edge->user)
			continue;
		memmove(&target->users[i], &target->users[i + 1],
			(target->n_users - i - 1) * sizeof(*target->users));
		target->n_users--;
		break;
	}
	return 0;
}

static void edges_remove(struct document *document, struct object *object)
{
	struct edge edge = { document, object };

	object_references(object, edge_remove, &edge, NULL);
}

/* Adds all edges of an object, or none. */
static int edges_add(struct document *document, struct object *object, struct err *err)
{
	struct edge edge = { document, object };
	int ret = object_references(object, edge_add, &edge, err);

	if (ret < 0)
		edges_remove(document, object);
	return ret;
}

static int index_add(const struct document *document, const struct object *object, struct err *err)
{
	const struct document_type *type = document->type;

	return type->add ? type->add(document->index, document, object, err) : 0;
}

static void index_remove(const struct document *document, const struct object *object)
{
	if (document->type->remove)
		document->type->remove(document->index, document, object);
}

static int check(const struct document *document, const struct object *object, struct err *err)
{
	const struct document_type *type = document->type;

	return type->check ? type->check(document->index, document, object, err) : 0;
}

static void leave(struct document_delta *delta)
{
	for (size_t i = delta->n; i-- > 0;)
		if (delta->steps[i].was)
			index_remove(delta->document, delta->steps[i].was);
	for (size_t i = 0; i < delta->n; i++)
		if (delta->steps[i].was)
			edges_remove(delta->document, delta->steps[i].was);
	delta->unlinked = true;
}

static int come(struct document_delta *delta, struct err *err)
{
	for (; delta->linked < delta->n; delta->linked++)
		step_link(delta->document, &delta->steps[delta->linked]);
	for (; delta->joined < delta->n; delta->joined++) {
		struct document_step *step = &delta->steps[delta->joined];

		if (step->is && edges_add(delta->document, step->is, err) < 0)
			return err_at(err, "%s", step->path);
	}
	for (size_t i = 0; i < delta->n; i++) {
		const struct document_step *step = &delta->steps[i];

		if (!step->is && step->was->n_users) {
			err_set(err, -EINVAL, "%s is used by %s of %s", step->was->uuid,
				step->was->users[0]->uuid, step->was->users[0]->section->name);
			return err_at(err, "%s", step->path);
		}
	}
	for (; delta->indexed < delta->n; delta->indexed++) {
		struct document_step *step = &delta->steps[delta->indexed];

		if (step->is && index_add(delta->document, step->is, err) < 0)
			return err_at(err, "%s", step->path);
	}
	return 0;
}

static int check_users(const struct document_delta *delta, const struct document_step *step,
		       struct err *err)
{
	if (!step->was || !step->is)
		return 0;
	for (size_t i = 0; i < step->is->n_users; i++) {
		const struct object *user = step->is->users[i];

		if (check(delta->document, user, err) < 0)
			return err_in(err, "%s of %s, which uses it", user->uuid,
				      user->section->name);
	}
	return 0;
}

static int check_all(const struct document_delta *delta, struct err *err)
{
	for (size_t i = 0; i < delta->n; i++) {
		const struct document_step *step = &delta->steps[i];

		if ((step->is && check(delta->document, step->is, err) < 0) ||
		    check_users(delta, step, err) < 0)
			return err_at(err, "%s", step->path);
	}
	return 0;
}

static void go_back(struct document_delta *delta)
{
	while (delta->indexed > 0)
		if (delta->steps[--delta->indexed].is)
			index_remove(delta->document, delta->steps[delta->indexed].is);
	while (delta->joined > 0)
		if (delta->steps[--delta->joined].is)
			edges_remove(delta->document, delta->steps[delta->joined].is);
	while (delta->linked > 0)
		step_unlink(delta->document, &delta->steps[--delta->linked]);
	for (size_t i = 0; delta->unlinked && i < delta->n; i++)
		if (delta->steps[i].was)
			edges_add(delta->document, delta->steps[i].was, NULL);
	for (size_t i = 0; delta->unlinked && i < delta->n; i++)
		if (delta->steps[i].was)
			index_add(delta->document, delta->steps[i].was, NULL);
}

int delta_make(struct document_delta *delta, struct err *err)
{
	leave(delta);
	if (come(delta, err) == 0 && check_all(delta, err) == 0)
		return 0;
	go_back(delta);
	return err->code;
}

void delta_free(struct document_delta *delta, bool keep)
{
	for (size_t i = 0; i < delta->n; i++) {
		object_free(keep ? delta->steps[i].was : delta->steps[i].is);
		free(delta->steps[i].path);
	}
	free(delta->steps);
	*delta = (struct document_delta)DOCUMENT_DELTA_NONE;
}

void document_keep(struct document_delta *delta)
{
	delta_free(delta, true);
}

void document_take_back(struct document_delta *delta)
{
	go_back(delta);
	delta_free(delta, false);
}
