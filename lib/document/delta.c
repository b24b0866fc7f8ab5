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
	to->users = STEAL(from->users);
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
		err_set(err, -EINVAL, "no %s \"%s\"", section_kind(section).s, uuid);
		return err_at(err, "%s", where);
	}
	users_add(target, edge->user);
	return 0;
}

static int edge_remove(void *data, const char *section, const char *uuid, const char *where,
		       struct err *err)
{
	struct edge *edge = data;
	struct object *target = document_find(edge->document, section, uuid);

	(void)where;
	(void)err;
	if (target)
		users_remove(target, edge->user);
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

static int step_failed(const struct document_delta *delta, const struct document_step *step,
		       struct err *err)
{
	const struct section_type *type = (step->is ? step->is : step->was)->section;
	const char *prefix = !step->is ? "remove." : delta->whole ? "" : "upsert.";

	if (type->single && step->is)
		return err_at(err, "%s%s", prefix, type->name);
	return err_at(err, "%s%s[%zu]", prefix, type->name, step->at);
}

/* Of an object that need not be in the patch. */
static int object_failed(const struct document_delta *delta, const struct object *object,
			 struct err *err)
{
	const char *prefix = delta->whole ? "" : "state.";
	size_t at = 0;

	for (size_t i = 0; i < delta->n; i++)
		if (delta->steps[i].is == object)
			return step_failed(delta, &delta->steps[i], err);
	err_in(err, "%s", object_text(object).s);
	if (object->section->single)
		return err_at(err, "%s%s", prefix, object->section->name);
	for (const struct object *before = object->previous; before; before = before->previous)
		at++;
	return err_at(err, "%s%s[%zu]", prefix, object->section->name, at);
}

static void leave(struct document_delta *delta)
{
	for (size_t i = delta->n; i-- > 0;)
		if (delta->steps[i].was)
			index_remove(delta->document, delta->steps[i].was);
	for (size_t i = 0; i < delta->n; i++)
		if (delta->steps[i].was)
			edges_remove(delta->document, delta->steps[i].was);
	delta->left = true;
}

static int check_unused(const struct document_delta *delta, struct err *err)
{
	for (size_t i = 0; i < delta->n; i++) {
		const struct document_step *step = &delta->steps[i];

		if (step->is || !step->was->users)
			continue;
		err_set(err, -EINVAL, "%s is used by %s", object_text(step->was).s,
			object_text(document_user(step->was, 0)).s);
		return step_failed(delta, step, err);
	}
	return 0;
}

static int come(struct document_delta *delta, struct err *err)
{
	for (; delta->linked < delta->n; delta->linked++)
		step_link(delta->document, &delta->steps[delta->linked]);
	for (; delta->joined < delta->n; delta->joined++) {
		struct document_step *step = &delta->steps[delta->joined];

		if (step->is && edges_add(delta->document, step->is, err) < 0)
			return step_failed(delta, step, err);
	}
	if (check_unused(delta, err) < 0)
		return err->code;
	for (; delta->indexed < delta->n; delta->indexed++) {
		struct document_step *step = &delta->steps[delta->indexed];

		if (step->is && index_add(delta->document, step->is, err) < 0)
			return step_failed(delta, step, err);
	}
	return 0;
}

static int check_users(const struct document_delta *delta, const struct document_step *step,
		       struct err *err)
{
	for (size_t i = 0; i < document_user_count(step->is); i++) {
		const struct object *user = document_user(step->is, i);

		if (check(delta->document, user, err) < 0)
			return object_failed(delta, user, err);
	}
	return 0;
}

static int check_steps(const struct document_delta *delta, struct err *err)
{
	for (size_t i = 0; i < delta->n; i++) {
		const struct document_step *step = &delta->steps[i];

		if (!step->is)
			continue;
		if (check(delta->document, step->is, err) < 0)
			return step_failed(delta, step, err);
		if (step->was && check_users(delta, step, err) < 0)
			return err->code;
	}
	return 0;
}

static int check_every(const struct document_delta *delta, struct err *err)
{
	const struct document *document = delta->document;

	for (size_t i = 0; i < document->n_sections; i++)
		for (const struct object *object = document->sections[i].first; object;
		     object = object->next)
			if (check(document, object, err) < 0)
				return object_failed(delta, object, err);
	return 0;
}

static bool concerns_all(const struct document *document)
{
	return document->type->concerns_all && document->type->concerns_all(document->index);
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
	for (size_t i = 0; delta->left && i < delta->n; i++)
		if (delta->steps[i].was)
			edges_add(delta->document, delta->steps[i].was, NULL);
	for (size_t i = 0; delta->left && i < delta->n; i++)
		if (delta->steps[i].was)
			index_add(delta->document, delta->steps[i].was, NULL);
	concerns_all(delta->document); /* What it was was checked when it came. */
}

static void digest(const struct document_delta *delta, bool back)
{
	for (size_t i = 0; i < delta->n; i++) {
		const struct document_step *step = &delta->steps[i];

		if (step->was)
			(back ? digest_add : digest_remove)(delta->document, step->was);
		if (step->is)
			(back ? digest_remove : digest_add)(delta->document, step->is);
	}
}

int delta_make(struct document_delta *delta, struct err *err)
{
	int ret;

	leave(delta);
	ret = come(delta, err);
	if (ret == 0)
		ret = check_steps(delta, err);
	if (ret == 0 && concerns_all(delta->document) && !delta->whole)
		ret = check_every(delta, err);
	if (ret < 0)
		go_back(delta);
	else
		digest(delta, false);
	return ret;
}

void delta_free(struct document_delta *delta, bool keep)
{
	for (size_t i = 0; i < delta->n; i++)
		object_free(keep ? delta->steps[i].was : delta->steps[i].is);
	free(delta->steps);
	*delta = (struct document_delta)DOCUMENT_DELTA_NONE;
}

void document_keep(struct document_delta *delta)
{
	delta_free(delta, true);
}

void document_take_back(struct document_delta *delta)
{
	if (!delta->document)
		return;
	digest(delta, true);
	go_back(delta);
	delta_free(delta, false);
}
