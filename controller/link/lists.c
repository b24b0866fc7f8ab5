/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/link/lists.h"

#include <stdlib.h>
#include <string.h>

#include "controller/link/held.h"

struct lists {
	struct map slots;
	uint64_t versions;
	size_t swept; /* How many slots, in this round. */
};

struct slot_key {
	enum list_kind kind;
	const char *uuid;
};

static uint64_t slot_hash(enum list_kind kind, const char *uuid)
{
	return map_hash_more(map_hash_text(uuid), &kind, sizeof(kind));
}

static bool is_slot(const struct map_node *node, const void *key)
{
	const struct list_slot *slot = CONTAINER_OF(node, struct list_slot, by_name);
	const struct slot_key *wanted = key;

	return slot->kind == wanted->kind && strcmp(slot->uuid, wanted->uuid) == 0;
}

static struct list_slot *find_slot(const struct lists *lists, enum list_kind kind, const char *uuid)
{
	struct slot_key key = { kind, uuid };
	struct map_node *node = map_find(&lists->slots, slot_hash(kind, uuid), is_slot, &key);

	return node ? CONTAINER_OF(node, struct list_slot, by_name) : NULL;
}

struct lists *lists_new(void)
{
	return mem_alloc(sizeof(struct lists));
}

static void slot_free(struct list_slot *slot)
{
	list_unref(slot->now);
	free(slot->uuid);
	free(slot);
}

void lists_free(struct lists *lists)
{
	struct map_node *node, *after;

	if (!lists)
		return;
	map_for_each (&lists->slots, node, after)
		slot_free(CONTAINER_OF(node, struct list_slot, by_name));
	map_clear(&lists->slots);
	free(lists);
}

struct list *list_ref(struct list *list)
{
	list->references++;
	return list;
}

void list_unref(struct list *list)
{
	if (!list || --list->references)
		return;
	list->slot->n_versions--;
	text_clear(&list->upsert);
	json_decref(list->remove);
	free(list->uuids);
	free(list->text);
	free(list->entries);
	free(list);
}

/* ---- making --------------------------------------------------------------------------------- */

static int by_uuid(const void *a, const void *b)
{
	return strcmp(((const struct list_entry *)a)->uuid, ((const struct list_entry *)b)->uuid);
}

/* 'entries' have texts of their own, which go into one. */
static void gather_texts(struct list *list)
{
	size_t uuids = 0, length = 0;
	char *uuid, *text;

	for (size_t i = 0; i < list->n; i++) {
		uuids += strlen(list->entries[i].uuid) + 1;
		length += list->entries[i].length + 1;
	}
	list->uuids = uuid = mem_alloc(uuids + 1);
	list->text = text = mem_alloc(length + 1);
	for (size_t i = 0; i < list->n; i++) {
		struct list_entry *entry = &list->entries[i];
		char *own = (char *)(uintptr_t)entry->text;

		entry->uuid = strcpy(uuid, entry->uuid);
		uuid += strlen(uuid) + 1;
		entry->text = memcpy(text, own, entry->length);
		text += entry->length;
		*text++ = i + 1 < list->n ? ',' : '\0';
		free(own);
	}
}

static bool same_entry(const struct list_entry *a, const struct list_entry *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Calls 'each' with what is in one of them alone, or another: 'was' or 'is' is NULL. */
typedef void differ_fn(void *data, const struct list_entry *was, const struct list_entry *is);

static void compare(const struct list *was, const struct list *is, differ_fn *each, void *data)
{
	size_t i = 0, j = 0, n = was ? was->n : 0, m = is ? is->n : 0;

	while (i < n || j < m) {
		int order = i == n ? 1 : j == m ? -1 : by_uuid(&was->entries[i], &is->entries[j]);

		if (order < 0)
			each(data, &was->entries[i], NULL);
		else if (order > 0)
			each(data, NULL, &is->entries[j]);
		else if (!same_entry(&was->entries[i], &is->entries[j]))
			each(data, &was->entries[i], &is->entries[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

static void sum_one(void *data, const struct list_entry *was, const struct list_entry *is)
{
	struct list *list = data;
	const char *section = project_list_section(list->slot->kind);

	if (was)
		held_sum(list->sum, section, was->text, was->length, false);
	if (is)
		held_sum(list->sum, section, is->text, is->length, true);
}

static struct list *list_new(struct lists *lists, struct list_slot *slot, const json_t *objects)
{
	struct list *list = mem_alloc(sizeof(*list));
	json_t *object;
	size_t i;

	list->references = 1;
	list->slot = slot;
	slot->n_versions++;
	list->version = ++lists->versions;
	list->n = json_array_size(objects);
	list->entries = mem_array(list->n + 1, sizeof(*list->entries));
	json_array_foreach (objects, i, object) {
		char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

		list->entries[i] =
			(struct list_entry){ json_string_value(json_object_get(object, "uuid")),
					     text, strlen(text) };
	}
	qsort(list->entries, list->n, sizeof(*list->entries), by_uuid);
	gather_texts(list);
	return list;
}

static bool same_list(const struct list *was, const struct list *is)
{
	return was && was->n == is->n && strcmp(was->text, is->text) == 0;
}

static int make(struct lists *lists, struct shared *shared, struct list_slot *slot, struct err *err)
{
	json_t *objects;
	struct list *list;

	if (project_list(shared, slot->kind, slot->uuid, &objects, err) < 0)
		return err->code;
	list = list_new(lists, slot, objects);
	json_decref(objects);
	slot->stale = false;
	if (same_list(slot->now, list)) {
		list_unref(list);
		return 0;
	}
	if (slot->now)
		memcpy(list->sum, slot->now->sum, sizeof(list->sum));
	compare(slot->now, list, sum_one, list);
	list_unref(slot->now);
	slot->now = list;
	return 0;
}

int lists_now(struct lists *lists, struct shared *shared, struct list_slot *slot, struct list **ret,
	      struct err *err)
{
	if (slot->stale && make(lists, shared, slot, err) < 0)
		return err->code;
	*ret = list_ref(slot->now);
	return 0;
}

int lists_get(struct lists *lists, struct shared *shared, enum list_kind kind, const char *uuid,
	      struct list **ret, struct err *err)
{
	struct list_slot *slot = find_slot(lists, kind, uuid);

	if (slot)
		return lists_now(lists, shared, slot, ret, err);
	slot = mem_alloc(sizeof(*slot));
	slot->kind = kind;
	slot->uuid = mem_text(uuid);
	if (make(lists, shared, slot, err) < 0) {
		slot_free(slot);
		return err->code;
	}
	map_add(&lists->slots, &slot->by_name, slot_hash(kind, uuid));
	*ret = list_ref(slot->now);
	return 0;
}

/* ---- changes -------------------------------------------------------------------------------- */

struct list_slot *lists_touch(struct lists *lists, enum list_kind kind, const char *uuid)
{
	struct list_slot *slot = find_slot(lists, kind, uuid);

	if (slot)
		slot->stale = true;
	return slot;
}

void lists_touch_kind(struct lists *lists, enum list_kind kind)
{
	struct map_node *node, *after;

	map_for_each (&lists->slots, node, after) {
		struct list_slot *slot = CONTAINER_OF(node, struct list_slot, by_name);

		slot->stale |= slot->kind == kind;
	}
}

static struct list_slot *next_to_sweep(struct lists *lists)
{
	struct map_node *node, *after;
	size_t at = 0;

	if (lists->swept >= lists->slots.n)
		lists->swept = 0;
	map_for_each (&lists->slots, node, after)
		if (at++ == lists->swept) {
			lists->swept++;
			return CONTAINER_OF(node, struct list_slot, by_name);
		}
	return NULL;
}

bool lists_sweep(struct lists *lists, struct shared *shared, struct err *err)
{
	struct list_slot *slot = next_to_sweep(lists);
	const struct list *was = slot ? slot->now : NULL;

	if (slot && slot->n_versions == 1 && was->references == 1) {
		map_remove(&lists->slots, &slot->by_name);
		slot_free(slot);
		return false;
	}
	if (!slot || slot->stale)
		return false;
	return make(lists, shared, slot, err) == 0 && slot->now != was;
}

static void note_one(void *data, const struct list_entry *was, const struct list_entry *is)
{
	struct list *list = data;

	if (!is) {
		if (!list->remove)
			list->remove = json_array();
		json_array_append_new(list->remove, json_string(was->uuid));
		return;
	}
	if (list->upsert.length)
		text_add(&list->upsert, ",");
	text_add_n(&list->upsert, is->text, is->length);
}

/* Kept in the newer one: the next who comes from there asks for the same. */
static void find_difference(struct list *was, struct list *is)
{
	struct list *keeper = is ? is : was;

	keeper->since = was && is ? was->version : 0;
	text_clear(&keeper->upsert);
	json_decref(STEAL(keeper->remove));
	compare(was, is, note_one, keeper);
}

void list_difference(struct list *was, struct list *is, const char **upsert, json_t **remove)
{
	struct list *keeper = is ? is : was;

	*upsert = "";
	*remove = NULL;
	if (!was) {
		*upsert = is ? is->text : "";
		return;
	}
	if (!is || is->since != was->version)
		find_difference(was, is);
	*upsert = text_view(&keeper->upsert);
	*remove = keeper->remove;
}
