/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Get, Query, Describe. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "lib/base/field_value.h"

int model_get(struct model *model, const struct model_type *type, const char *uuid, json_t **object,
	      struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(type->table.size);
	int ret = door_see(model, type, uuid, err);

	if (ret == 0)
		ret = model_load(model, type, uuid, record, err);
	if (ret < 0)
		return ret;
	ret = model_shown(model, type, record, object, err);
	model_clear(type, record);
	return ret;
}

/* More is a mistake. */
#define STEPS_MAX 8

/* The first name of a path; the caller's. '*rest' is what is behind its dot, NULL: nothing. */
static char *first_step(const char *path, const char **rest)
{
	const char *dot = strchr(path, '.');

	*rest = dot ? dot + 1 : NULL;
	return mem_text_n(path, dot ? (size_t)(dot - path) : strlen(path));
}

/* What a path leads to through references; NULL: it leads nowhere. */
static const struct field *field_of_path(const struct model *model, const struct model_type *type,
					 const char *path)
{
	for (int steps = 0; steps < STEPS_MAX; steps++) {
		const char *rest;
		AUTO(free_ptr) char *name = first_step(path, &rest);
		const struct field *field = db_field(&type->table, name);

		if (!rest || !field)
			return field;
		if (field->type != FIELD_REFERENCE)
			return NULL;
		type = model_type(model, field->target);
		path = rest;
	}
	return NULL;
}

static int check_fields(const struct model *model, const struct model_type *type,
			const json_t *fields, struct err *err)
{
	json_t *name;
	size_t i;

	json_array_foreach (fields, i, name) {
		if (json_is_string(name) && field_of_path(model, type, json_string_value(name)))
			continue;
		err_set(err, -EINVAL, "%s has no such field", type->table.name);
		return err_at(err, "fields[%zu]", i);
	}
	return 0;
}

/* What stands there, a new reference; NULL: nothing, or nothing that the caller sees. */
static int value_of_path(struct model *model, const struct model_type *type, json_t *shown,
			 const char *path, json_t **value, struct err *err)
{
	const char *rest;
	AUTO(free_ptr) char *name = first_step(path, &rest);
	json_t *here = json_object_get(shown, name), *object;
	int ret;

	*value = NULL;
	if (!rest)
		*value = json_incref(here);
	if (!rest || !json_is_string(here))
		return 0;
	type = model_type(model, db_field(&type->table, name)->target);
	ret = model_get(model, type, json_string_value(here), &object, err);
	if (ret == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (ret == 0) {
		ret = value_of_path(model, type, object, rest, value, err);
		json_decref(object);
	}
	return ret;
}

static int add_part(struct model *model, const struct model_type *type, json_t *whole,
		    const json_t *fields, json_t *part, struct err *err)
{
	json_t *name, *value;
	size_t i;

	json_array_foreach (fields, i, name) {
		const char *path = json_string_value(name);

		if (value_of_path(model, type, whole, path, &value, err) < 0)
			return err->code;
		if (value)
			json_object_set_new(part, path, value);
	}
	return 0;
}

static int show_rows(struct model *model, const struct db_rows *rows, const json_t *fields,
		     const struct model_type *type, json_t *objects, struct err *err)
{
	for (size_t i = 0; i < rows->n; i++) {
		json_t *shown, *part;
		int ret = 0;

		if (model_shown(model, type, db_row(rows, i), &shown, err) < 0)
			return err->code;
		part = fields ? json_object() : json_incref(shown);
		if (fields)
			ret = add_part(model, type, shown, fields, part, err);
		json_array_append_new(objects, part);
		json_decref(shown);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int model_query(struct model *model, const struct model_type *type, const struct db_query *query,
		const json_t *fields, json_t **objects, int64_t *total, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct db_query seen = *query;

	seen.view = model_view(model);
	if (check_fields(model, type, fields, err) < 0 ||
	    db_query(model->db, &type->table, &seen, &rows, err) < 0 ||
	    (total && db_count(model->db, &type->table, &seen, total, err) < 0))
		return err->code;
	*objects = json_array();
	if (show_rows(model, &rows, fields, type, *objects, err) == 0)
		return 0;
	json_decref(*objects);
	return err->code;
}

static const char *type_word(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
		return "text";
	case FIELD_UUID:
		return "uuid";
	case FIELD_REFERENCE:
		return "reference";
	case FIELD_BOOL:
		return "bool";
	case FIELD_NUMBER:
		return "number";
	case FIELD_IP:
		return "address";
	case FIELD_PREFIX:
		return "prefix";
	case FIELD_MAC:
		return "mac";
	case FIELD_PORTS:
		return "ports";
	case FIELD_CHOICE:
		return "choice";
	case FIELD_BASE64:
		return "base64";
	case FIELD_RECORD:
		return "record";
	case FIELD_LIST:
		return "list";
	}
	return "text";
}

static void say(json_t *json, const char *name, bool is)
{
	if (is)
		json_object_set_new(json, name, json_true());
}

static const char *at_end_word(enum field_at_end at_end)
{
	switch (at_end) {
	case FIELD_KEEPS:
		return "keeps";
	case FIELD_CLEARS:
		return "clears";
	case FIELD_FOLLOWS:
		return "follows";
	}
	return "keeps";
}

static json_t *describe_fields(const struct field *fields);

static void describe_default(json_t *json, const struct field *field)
{
	if (field->required)
		return;
	if (field->type == FIELD_BOOL)
		json_object_set_new(json, "default", json_boolean(field->fallback != 0));
	if (field->type == FIELD_NUMBER && !field->computed && (field->min || field->max) &&
	    field->fallback >= field->min && field->fallback <= field->max)
		json_object_set_new(json, "default", json_integer(field->fallback));
	if (field->type == FIELD_CHOICE && field->fallback >= 0)
		json_object_set_new(json, "default", json_string(field->choices[field->fallback]));
}

static json_t *describe_field(const struct field *field)
{
	json_t *json = json_pack("{s:s*, s:s, s:s*, s:s*}", "name", field->name, "type",
				 type_word(field->type), "unit", field->unit, "doc", field->doc);

	say(json, "required", field->required);
	say(json, "computed", field->computed);
	say(json, "immutable", field->immutable);
	say(json, "transient", field->transient);
	say(json, "unique", field->unique);
	say(json, "secret", field->secret);
	say(json, "hashed", field->hashed);
	if (field->type == FIELD_NUMBER && (field->min || field->max)) {
		json_object_set_new(json, "min", json_integer(field->min));
		json_object_set_new(json, "max", json_integer(field->max));
	}
	describe_default(json, field);
	if (field->type == FIELD_REFERENCE) {
		json_object_set_new(json, "target", json_string(field->target));
		json_object_set_new(json, "at_end", json_string(at_end_word(field->at_end)));
	}
	if (field->choices) {
		json_t *choices = json_array();

		for (size_t i = 0; field->choices[i]; i++)
			json_array_append_new(choices, json_string(field->choices[i]));
		json_object_set_new(json, "choices", choices);
	}
	if (field->type == FIELD_LIST) {
		struct field element = field_element(field);

		json_object_set_new(json, "element", describe_field(&element));
	} else if (field->fields) {
		json_object_set_new(json, "fields", describe_fields(field->fields));
	}
	return json;
}

static json_t *describe_fields(const struct field *fields)
{
	json_t *list = json_array();

	for (const struct field *field = fields; field && field->name; field++)
		json_array_append_new(list, describe_field(field));
	return list;
}

static json_t *describe_rules(const struct model_rule *rules)
{
	json_t *list = json_array();

	for (const struct model_rule *rule = rules; rule && rule->name; rule++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:b, s:b}", "name",
						      rule->name, "doc", rule->doc, "create",
						      (int)!!(rule->when & MODEL_CREATE), "update",
						      (int)!!(rule->when & MODEL_UPDATE), "delete",
						      (int)!!(rule->when & MODEL_DELETE)));
	return list;
}

static void describe_actions(const struct model_action *actions, json_t *list)
{
	for (const struct model_action *action = actions; action && action->name; action++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", action->name,
						      "doc", action->doc, "parameters",
						      describe_fields(action->fields)));
}

static json_t *describe_all_actions(const struct model_type *type)
{
	json_t *list = json_array();

	describe_actions(type->actions, list);
	if (type->table.owner && strcmp(type->table.owner, "owner") == 0)
		describe_actions(owner_actions, list);
	if (type->table.shared)
		describe_actions(share_actions, list);
	return list;
}

json_t *model_describe(const struct model_type *type)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:b, s:o, s:o, s:o}", "name", type->table.name,
			 "doc", type->doc, "internal", (int)type->internal, "automatic",
			 (int)(type->internal || type->automatic), "counted", (int)type->counted,
			 "fields", describe_fields(type->table.fields), "actions",
			 describe_all_actions(type), "rules", describe_rules(type->rules));
}
