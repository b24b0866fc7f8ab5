/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/link/held.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/hex.h"

void held_sum(uint64_t sum[4], const char *section, const char *text, size_t length, bool add)
{
	AUTO(free_ptr) char *whole = mem_format("%s %.*s", section, (int)length, text);
	uint64_t lanes[4];

	SHA256((const unsigned char *)whole, strlen(whole), (unsigned char *)lanes);
	explicit_bzero(whole, strlen(whole));
	for (size_t i = 0; i < 4; i++)
		sum[i] += add ? lanes[i] : -lanes[i];
}

static void sum_object(struct held *held, const char *section, const json_t *object, bool add)
{
	AUTO(free_ptr) char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	held_sum(held->sum, section, text, strlen(text), add);
	/* There may be secrets in it. */
	explicit_bzero(text, strlen(text));
}

static void sum_add(struct held *held, const char *section, const json_t *object)
{
	sum_object(held, section, object, true);
}

static void sum_remove(struct held *held, const char *section, const json_t *object)
{
	sum_object(held, section, object, false);
}

struct held_digest held_digest(const struct held *held)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct held_digest text = { "" };

	if (!held->sections)
		return text;
	SHA256((const unsigned char *)held->sum, sizeof(held->sum), digest);
	hex_write(text.s, digest, sizeof(digest));
	return text;
}

void held_clear(struct held *held)
{
	for (size_t i = 0; i < held->n_lists; i++)
		list_unref(held->lists[i]);
	free(held->lists);
	json_decref(held->sections);
	*held = (struct held)HELD_NONE;
}

void held_copy(struct held *copy, const struct held *held)
{
	const char *name;
	json_t *section;

	*copy = *held;
	copy->lists = mem_array(held->n_lists + 1, sizeof(struct list *));
	for (size_t i = 0; i < held->n_lists; i++)
		copy->lists[i] = list_ref(held->lists[i]);
	copy->sections = json_object();
	json_object_foreach (held->sections, name, section)
		json_object_set_new(copy->sections, name, json_copy(section));
}

void held_patch_clear(struct held_patch *patch)
{
	json_decref(patch->upsert);
	json_decref(patch->remove);
	for (size_t i = 0; i < N_LISTS; i++)
		text_clear(&patch->lists[i]);
	*patch = (struct held_patch){ 0 };
}

bool held_patch_empty(const struct held_patch *patch)
{
	for (size_t i = 0; i < N_LISTS; i++)
		if (patch->lists[i].length)
			return false;
	return !patch->upsert && !patch->remove;
}

void held_set(struct held *held, const json_t *document)
{
	struct held_patch patch = { 0 };

	held_clear(held);
	held_change(held, document, &patch);
	held_patch_clear(&patch);
}

static void note(json_t **sections, const char *section, json_t *what)
{
	json_t *list;

	if (!*sections)
		*sections = json_object();
	list = json_object_get(*sections, section);
	if (!list) {
		list = json_array();
		json_object_set_new(*sections, section, list);
	}
	json_array_append_new(list, what);
}

static void change_single(struct held *held, const char *name, const json_t *object,
			  struct held_patch *patch)
{
	const json_t *was = json_object_get(held->sections, name);

	if (was && json_equal(was, object))
		return;
	if (was)
		sum_remove(held, name, was);
	sum_add(held, name, object);
	json_object_set(held->sections, name, (json_t *)(uintptr_t)object);
	if (!patch->upsert)
		patch->upsert = json_object();
	json_object_set(patch->upsert, name, (json_t *)(uintptr_t)object);
}

static void upsert(struct held *held, const char *name, json_t *objects, json_t *object,
		   struct held_patch *patch)
{
	const char *uuid = json_string_value(json_object_get(object, "uuid"));
	const json_t *was = json_object_get(objects, uuid);

	if (was && json_equal(was, object))
		return;
	if (was)
		sum_remove(held, name, was);
	sum_add(held, name, object);
	json_object_set(objects, uuid, object);
	note(&patch->upsert, name, json_incref(object));
}

/* Those that 'now' does not name. */
static void drop_others(struct held *held, const char *name, json_t *objects, const json_t *now,
			struct held_patch *patch)
{
	json_t *named = json_object(), *object;
	const char *uuid;
	void *after;
	size_t i;

	json_array_foreach (now, i, object)
		json_object_set_new(named, json_string_value(json_object_get(object, "uuid")),
				    json_true());
	json_object_foreach_safe(objects, after, uuid, object)
	{
		if (json_object_get(named, uuid))
			continue;
		sum_remove(held, name, object);
		note(&patch->remove, name, json_string(uuid));
		json_object_del(objects, uuid);
	}
	json_decref(named);
}

void held_change_section(struct held *held, const char *name, const json_t *section,
			 struct held_patch *patch)
{
	json_t *objects, *object;
	size_t i;

	if (!held->sections)
		held->sections = json_object();
	if (json_is_object(section)) {
		change_single(held, name, section, patch);
		return;
	}
	objects = json_object_get(held->sections, name);
	if (!objects) {
		objects = json_object();
		json_object_set_new(held->sections, name, objects);
	}
	json_array_foreach (section, i, object)
		upsert(held, name, objects, object, patch);
	if (json_object_size(objects) > json_array_size(section))
		drop_others(held, name, objects, section, patch);
}

void held_change(struct held *held, const json_t *document, struct held_patch *patch)
{
	const char *name;
	json_t *section;

	json_object_foreach (held->sections, name, section)
		if (!json_object_get(document, name))
			held_change_section(held, name, NULL, patch);
	json_object_foreach ((json_t *)(uintptr_t)document, name, section)
		held_change_section(held, name, section, patch);
}

/* ---- lists ---------------------------------------------------------------------------------- */

static int by_slot(const void *a, const void *b)
{
	const struct list *one = *(struct list *const *)a, *other = *(struct list *const *)b;

	return (one->slot > other->slot) - (one->slot < other->slot);
}

/* 'was' or 'is' may be NULL. */
static void change_list(struct held *held, enum list_kind kind, struct list *was, struct list *is,
			struct held_patch *patch)
{
	const char *section = project_list_section(kind), *upsert;
	json_t *remove, *uuid;
	size_t i;

	if (was == is)
		return;
	for (i = 0; i < 4; i++)
		held->sum[i] += (is ? is->sum[i] : 0) - (was ? was->sum[i] : 0);
	list_difference(was, is, &upsert, &remove);
	if (*upsert)
		text_format(&patch->lists[kind], "%s%s", patch->lists[kind].length ? "," : "",
			    upsert);
	json_array_foreach (remove, i, uuid)
		note(&patch->remove, section, json_incref(uuid));
}

void held_change_lists(struct held *held, struct list **lists, size_t n, struct held_patch *patch)
{
	struct list **was = held->lists;
	size_t i = 0, j = 0;

	qsort(lists, n, sizeof(*lists), by_slot);
	while (i < held->n_lists || j < n) {
		int order = i == held->n_lists ? 1 : j == n ? -1 : by_slot(&was[i], &lists[j]);

		change_list(held, (order <= 0 ? was[i] : lists[j])->slot->kind,
			    order <= 0 ? was[i] : NULL, order >= 0 ? lists[j] : NULL, patch);
		i += order <= 0;
		j += order >= 0;
	}
	for (i = 0; i < held->n_lists; i++)
		list_unref(was[i]);
	free(was);
	held->lists = mem_copy(lists, n * sizeof(*lists));
	held->n_lists = n;
}

bool held_has_list(const struct held *held, const struct list_slot *slot)
{
	for (size_t i = 0; i < held->n_lists; i++)
		if (held->lists[i]->slot == slot)
			return true;
	return false;
}
