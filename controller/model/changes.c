/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a transaction touched is noted while it runs, and told when it is done. */
#include "controller/model/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "lib/base/field_value.h"
#include "lib/base/map.h"

struct model_subscription {
	struct model *model;
	model_changed_fn *changed;
	void *data;
	struct model_subscription *next;
	bool ended; /* While the others hear: freed afterwards. */
};

/* A resource that the transaction has written. */
struct touch {
	struct map_node in_touched;
	const struct model_type *type;
	char *uuid;
	void *was, *is; /* Owned; NULL: there is none. */
	struct touch *next;
};

struct changes {
	struct model_subscription *subscriptions;
	struct map touched;
	struct touch *first, **end; /* In the order of touching. */
	unsigned int telling;
};

struct touch_key {
	const struct model_type *type;
	const char *uuid;
};

struct changes *changes_new(void)
{
	struct changes *changes = mem_alloc(sizeof(*changes));

	changes->end = &changes->first;
	return changes;
}

static void record_free(const struct model_type *type, void *record)
{
	if (!record)
		return;
	model_clear(type, record);
	free(record);
}

static void touches_free(struct touch *touch)
{
	while (touch) {
		struct touch *next = touch->next;

		record_free(touch->type, touch->was);
		record_free(touch->type, touch->is);
		free(touch->uuid);
		free(touch);
		touch = next;
	}
}

/* The list alone: the transaction is over. */
static struct touch *take_touches(struct changes *changes)
{
	struct touch *first = changes->first;

	map_clear(&changes->touched);
	changes->touched = (struct map)MAP_NONE;
	changes->first = NULL;
	changes->end = &changes->first;
	return first;
}

void changes_forget(struct changes *changes)
{
	touches_free(take_touches(changes));
}

void changes_free(struct changes *changes)
{
	if (!changes)
		return;
	changes_forget(changes);
	while (changes->subscriptions) {
		struct model_subscription *subscription = changes->subscriptions;

		changes->subscriptions = subscription->next;
		free(subscription);
	}
	free(changes);
}

struct model_subscription *model_subscribe(struct model *model, model_changed_fn *changed,
					   void *data)
{
	struct model_subscription *subscription = mem_alloc(sizeof(*subscription));
	struct model_subscription **at = &model->changes->subscriptions;

	*subscription =
		(struct model_subscription){ .model = model, .changed = changed, .data = data };
	while (*at)
		at = &(*at)->next;
	*at = subscription;
	return subscription;
}

static void drop_ended(struct changes *changes)
{
	struct model_subscription **at = &changes->subscriptions;

	while (*at) {
		struct model_subscription *subscription = *at;

		if (!subscription->ended) {
			at = &subscription->next;
			continue;
		}
		*at = subscription->next;
		free(subscription);
	}
}

void model_unsubscribe(struct model_subscription *subscription)
{
	struct changes *changes;

	if (!subscription)
		return;
	changes = subscription->model->changes;
	subscription->ended = true;
	if (!changes->telling)
		drop_ended(changes);
}

/* Its record as the database has it now; NULL: there is none. */
static int read_now(struct model *model, const struct model_type *type, const char *uuid,
		    void **record, struct err *err)
{
	int ret = db_has(model->db, &type->table, uuid, err);

	*record = NULL;
	if (ret <= 0)
		return ret;
	*record = mem_alloc(type->table.size);
	ret = db_get(model->db, &type->table, uuid, *record, err);
	if (ret < 0) {
		free(*record);
		*record = NULL;
	}
	return ret;
}

static bool is_touch(const struct map_node *node, const void *key)
{
	const struct touch *touch = CONTAINER_OF(node, struct touch, in_touched);
	const struct touch_key *wanted = key;

	return touch->type == wanted->type && strcmp(touch->uuid, wanted->uuid) == 0;
}

int changes_touch(struct model *model, const struct model_type *type, const char *uuid,
		  struct err *err)
{
	struct changes *changes = model->changes;
	struct touch_key key = { type, uuid };
	uint64_t hash =
		map_hash_more(map_hash_text(uuid), type->table.name, strlen(type->table.name));
	struct touch *touch;
	void *was;

	if (!changes->subscriptions || map_find(&changes->touched, hash, is_touch, &key))
		return 0;
	if (read_now(model, type, uuid, &was, err) < 0)
		return err->code;
	touch = mem_alloc(sizeof(*touch));
	touch->type = type;
	touch->uuid = mem_text(uuid);
	touch->was = was;
	map_add(&changes->touched, &touch->in_touched, hash);
	*changes->end = touch;
	changes->end = &touch->next;
	return 0;
}

int changes_read(struct model *model, struct err *err)
{
	for (struct touch *touch = model->changes->first; touch; touch = touch->next)
		if (read_now(model, touch->type, touch->uuid, &touch->is, err) < 0)
			return err->code;
	return 0;
}

static bool value_equal(const struct field *field, const void *was, const void *is)
{
	struct field alone[2] = { *field, { 0 } };
	json_t *before = field_encode(alone, was, true), *now = field_encode(alone, is, true);
	bool equal = json_equal(before, now);

	json_decref(before);
	json_decref(now);
	return equal;
}

/* When it was changed does not count: that is written each time. */
static bool touch_is_event(const struct touch *touch)
{
	if (!touch->was || !touch->is)
		return touch->was || touch->is;
	for (const struct field *field = touch->type->table.fields; field->name; field++)
		if (field->offset != offsetof(struct resource, changed_ms) &&
		    !value_equal(field, touch->was, touch->is))
			return true;
	return false;
}

static void tell(struct changes *changes, const struct model_event *events, size_t n)
{
	changes->telling++;
	for (struct model_subscription *at = changes->subscriptions; at; at = at->next)
		if (!at->ended)
			at->changed(events, n, at->data);
	if (--changes->telling == 0)
		drop_ended(changes);
}

void changes_tell(struct model *model)
{
	struct changes *changes = model->changes;
	struct touch *first = take_touches(changes);
	struct model_event *events = NULL;
	size_t n = 0, room = 0;

	for (const struct touch *touch = first; touch; touch = touch->next) {
		if (!touch_is_event(touch))
			continue;
		mem_grow(&events, &room, n + 1, sizeof(*events));
		events[n++] =
			(struct model_event){ touch->type, touch->uuid, touch->was, touch->is };
	}
	if (n)
		tell(changes, events, n);
	free(events);
	touches_free(first);
}

const char *model_event_name(const struct model_event *event)
{
	if (!event->was)
		return "created";
	return event->is ? "updated" : "deleted";
}

bool model_event_concerns(const struct model_event *event, const char *const *fields)
{
	if (!event->was || !event->is)
		return true;
	for (; *fields; fields++)
		if (!value_equal(db_field(&event->type->table, *fields), event->was, event->is))
			return true;
	return false;
}
