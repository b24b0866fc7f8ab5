/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON into steps: a whole state, or a patch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/document/document_state.h"

/* A large document is the same as a patch of an empty one; objects that are named twice are found
 * by the map of the section, or within the patch by 'named'. */
struct named {
	struct map_node node;
	const struct section_type *section;
	const char *uuid;
};

struct reader {
	struct document_delta *delta;
	const struct document *held;
	struct map names;
	const char *prefix; /* "" or "upsert.". */
};

static bool is_named(const struct map_node *node, const void *key)
{
	const struct named *one = CONTAINER_OF(node, struct named, node), *other = key;

	return one->section == other->section && strcmp(one->uuid, other->uuid) == 0;
}

static int name_once(struct reader *reader, const struct section_type *section, const char *uuid,
		     struct err *err)
{
	struct named key = { .section = section, .uuid = uuid };
	uint64_t hash = map_hash_text(uuid);
	struct named *entry;

	if (map_find(&reader->names, hash, is_named, &key))
		return err_set(err, -EINVAL, "\"%s\" is named twice", uuid);
	entry = mem_copy(&key, sizeof(key));
	map_add(&reader->names, &entry->node, hash);
	return 0;
}

static void reader_clear(struct reader *reader)
{
	struct map_node *node, *after;

	map_for_each (&reader->names, node, after)
		free(CONTAINER_OF(node, struct named, node));
	map_clear(&reader->names);
}

static struct document_step *step_new(struct document_delta *delta)
{
	mem_grow(&delta->steps, &delta->room, delta->n + 1, sizeof(*delta->steps));
	delta->steps[delta->n] = (struct document_step){ 0 };
	return &delta->steps[delta->n++];
}

static const struct object *held_object(const struct document *held,
					const struct section_type *type, json_t *json)
{
	const char *uuid = json_string_value(json_object_get(json, "uuid"));

	if (!held)
		return NULL;
	if (type->single)
		return document_single(held, type->name);
	return uuid ? document_find(held, type->name, uuid) : NULL;
}

static int read_object(struct reader *reader, const struct section_type *type, json_t *json,
		       size_t at, struct err *err)
{
	const struct object *held = held_object(reader->held, type, json);
	struct object *is = object_decode(type, json, held, err);
	struct document_step *step;

	if (!is)
		return err->code;
	if (name_once(reader, type, is->uuid, err) < 0) {
		object_free(is);
		return err->code;
	}
	step = step_new(reader->delta);
	step->is = is;
	step->was = type->single ? document_single(reader->delta->document, type->name)
				 : document_find(reader->delta->document, type->name, is->uuid);
	step->at = at;
	return 0;
}

static int read_section(struct reader *reader, const struct section_type *type, json_t *json,
			struct err *err)
{
	size_t at;
	json_t *entry;

	if (type->single && read_object(reader, type, json, 0, err) < 0)
		return err_at(err, "%s%s", reader->prefix, type->name);
	if (type->single)
		return 0;
	if (!json_is_array(json)) {
		err_set(err, -EINVAL, "expected array");
		return err_at(err, "%s%s", reader->prefix, type->name);
	}
	json_array_foreach (json, at, entry)
		if (read_object(reader, type, entry, at, err) < 0)
			return err_at(err, "%s%s[%zu]", reader->prefix, type->name, at);
	return 0;
}

static int unknown_section(const char *prefix, const char *name, struct err *err)
{
	err_set(err, -EINVAL, "unknown section");
	return err_at(err, "%s%.64s", prefix, name);
}

/* Sections are read in the order of the type, so that errors do not depend on the JSON's order. */
static int read_sections(struct reader *reader, json_t *json, bool whole, struct err *err)
{
	const struct document *document = reader->delta->document;
	const char *name;
	json_t *value;

	json_object_foreach (json, name, value)
		if (!document_section(document, name) && !(whole && !strcmp(name, "revision")))
			return unknown_section(reader->prefix, name, err);
	for (size_t i = 0; i < document->n_sections; i++) {
		const struct section_type *type = document->sections[i].type;

		value = json_object_get(json, type->name);
		if (whole && type->required && !value) {
			err_set(err, -EINVAL, "is required");
			return err_at(err, "%s", type->name);
		}
		if (value && !json_is_null(value) && read_section(reader, type, value, err) < 0)
			return err->code;
	}
	return 0;
}

static int read_removal(struct reader *reader, const struct section_type *type, json_t *name,
			size_t at, struct err *err)
{
	const struct document *document = reader->delta->document;
	const char *uuid = json_string_value(name);
	struct document_step *step;
	struct object *was;

	if (!uuid)
		return err_set(err, -EINVAL, "expected string");
	was = document_find(document, type->name, uuid);
	if (type->single && !strcmp(uuid, type->name))
		was = document_single(document, type->name);
	if (!was)
		return err_set(err, -ENOENT, "no %s \"%.64s\"", section_kind(type->name).s, uuid);
	if (type->required)
		return err_set(err, -EINVAL, "%s is required", type->name);
	if (name_once(reader, type, was->uuid, err) < 0)
		return err->code;
	step = step_new(reader->delta);
	step->was = was;
	step->at = at;
	return 0;
}

static int read_removals(struct reader *reader, json_t *json, struct err *err)
{
	json_t *list, *uuid;
	const char *name;
	size_t at;

	json_object_foreach (json, name, list) {
		const struct section *section = document_section(reader->delta->document, name);

		if (!section)
			return unknown_section("remove.", name, err);
		if (!json_is_array(list)) {
			err_set(err, -EINVAL, "expected array");
			return err_at(err, "remove.%s", name);
		}
		json_array_foreach (list, at, uuid)
			if (read_removal(reader, section->type, uuid, at, err) < 0)
				return err_at(err, "remove.%s[%zu]", name, at);
	}
	return 0;
}

static int read_revision(struct document *document, json_t *state, struct err *err)
{
	json_t *revision = json_object_get(state, "revision");

	if (!revision)
		return 0;
	if (!json_is_integer(revision) || json_integer_value(revision) < 0) {
		err_set(err, -EINVAL, "expected integer, 0 or more");
		return err_at(err, "revision");
	}
	document->revision = json_integer_value(revision);
	return 0;
}

static int parse(const struct document_type *type, json_t *state, const struct document *held,
		 struct document **ret, struct err *err)
{
	struct document *document = document_empty(type);
	struct document_delta delta = { .document = document, .whole = true };
	struct reader reader = { &delta, held, MAP_NONE, "" };
	int done;

	if (!json_is_object(state))
		done = err_set(err, -EINVAL, "expected object");
	else
		done = read_revision(document, state, err);
	if (done == 0)
		done = read_sections(&reader, state, true, err);
	if (done == 0)
		done = delta_make(&delta, err);
	reader_clear(&reader);
	delta_free(&delta, done == 0);
	if (done < 0) {
		document_free(document);
		return err_at(err, "state");
	}
	*ret = document;
	return 0;
}

/* Inside, an error always has a place to stand. */
int document_parse_over(const struct document_type *type, json_t *state,
			const struct document *held, struct document **ret, struct err *err)
{
	AUTO(err_clear) struct err unread = ERR_NONE;

	return parse(type, state, held, ret, err ? err : &unread);
}

int document_parse(const struct document_type *type, json_t *state, struct document **ret,
		   struct err *err)
{
	return document_parse_over(type, state, NULL, ret, err);
}

static int expect_object(json_t *json, const char *name, struct err *err)
{
	if (!json || json_is_null(json) || json_is_object(json))
		return 0;
	err_set(err, -EINVAL, "expected object");
	return err_at(err, "%s", name);
}

static int patch(json_t *upsert, json_t *remove, struct document_delta *delta, struct err *err)
{
	struct reader reader = { delta, delta->document, MAP_NONE, "upsert." };
	int ret = expect_object(upsert, "upsert", err);

	if (ret == 0)
		ret = expect_object(remove, "remove", err);
	if (ret == 0)
		ret = read_removals(&reader, remove, err);
	if (ret == 0)
		ret = read_sections(&reader, upsert, false, err);
	if (ret == 0)
		ret = delta_make(delta, err);
	reader_clear(&reader);
	if (ret < 0)
		delta_free(delta, false);
	return ret;
}

int document_patch(struct document *document, json_t *upsert, json_t *remove,
		   struct document_delta *delta, struct err *err)
{
	AUTO(err_clear) struct err unread = ERR_NONE;

	*delta = (struct document_delta){ .document = document };
	return patch(upsert, remove, delta, err ? err : &unread);
}

static void visit_named(const struct document *document, const struct section *section,
			const char *uuid, document_visit_fn *visit, void *data)
{
	struct object *object = section->type->single ? section->first
				: uuid ? document_find(document, section->type->name, uuid)
				       : NULL;

	if (object)
		visit(data, object);
}

void document_patch_names(const struct document *document, json_t *upsert, json_t *remove,
			  document_visit_fn *visit, void *data)
{
	for (size_t i = 0; i < document->n_sections; i++) {
		const struct section *section = &document->sections[i];
		json_t *list = json_object_get(upsert, section->type->name);
		size_t at;
		json_t *entry;

		if (section->type->single && list)
			visit_named(document, section, NULL, visit, data);
		else
			json_array_foreach (list, at, entry)
				visit_named(document, section,
					    json_string_value(json_object_get(entry, "uuid")),
					    visit, data);
		list = json_object_get(remove, section->type->name);
		json_array_foreach (list, at, entry)
			visit_named(document, section, json_string_value(entry), visit, data);
	}
}
