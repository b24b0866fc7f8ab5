/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects as people read them: references by name, times as dates. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "controller/cli/table.h"
#include "lib/base/text.h"

/* The controller takes no more at once. */
#define NAMES_AT_ONCE 1000

static void fetch_some(struct session *session, const char *target, json_t *uuids, json_t *names)
{
	const json_t *one;
	json_t *answer;
	size_t i;

	if (session_call(session, "Query",
			 json_pack("{s:s, s:[{s:s, s:s, s:O}], s:[s,s], s:i}", "type", target,
				   "conditions", "field", "uuid", "op", "in", "value", uuids,
				   "fields", "uuid", "name", "limit", NAMES_AT_ONCE),
			 &answer) != CLI_DONE)
		return;
	json_array_foreach (json_object_get(answer, "objects"), i, one)
		json_object_set(names, field_text(one, "uuid"), json_object_get(one, "name"));
	json_decref(answer);
}

/* uuid -> name, for what the objects refer to. */
static void fetch_names(struct session *session, const char *target, json_t *uuids, json_t *names)
{
	const json_t *description;

	if (!json_array_size(uuids) ||
	    session_describe(session, target, &description) != CLI_DONE ||
	    !described(json_object_get(description, "fields"), "name"))
		return;
	for (size_t from = 0; from < json_array_size(uuids); from += NAMES_AT_ONCE) {
		json_t *some = json_array();

		for (size_t i = from; i < from + NAMES_AT_ONCE; i++)
			if (json_array_get(uuids, i))
				json_array_append(some, json_array_get(uuids, i));
		fetch_some(session, target, some, names);
		json_decref(some);
	}
}

static void collect(json_t *seen, json_t *uuids, const json_t *value)
{
	const json_t *one;
	size_t i;

	if (json_is_string(value) && !json_object_get(seen, json_string_value(value))) {
		json_object_set_new(seen, json_string_value(value), json_true());
		json_array_append_new(uuids, json_string(json_string_value(value)));
	}
	json_array_foreach (value, i, one)
		collect(seen, uuids, one);
}

static const char *target_of(const json_t *field)
{
	const json_t *element = json_object_get(field, "element");

	return field_text(element ? element : field, "target");
}

/* Names of all that the objects refer to in these fields. A new reference. */
static json_t *names_of(struct session *session, const json_t *fields, const json_t *objects)
{
	json_t *names = json_object();
	const json_t *field, *object;
	size_t i, j;

	json_array_foreach (fields, i, field) {
		const char *target = target_of(field);
		json_t *seen, *uuids;

		if (!target)
			continue;
		seen = json_object();
		uuids = json_array();
		json_array_foreach (objects, j, object)
			collect(seen, uuids, json_object_get(object, field_text(field, "name")));
		fetch_names(session, target, uuids, names);
		json_decref(seen);
		json_decref(uuids);
	}
	return names;
}

static char *date_of(json_int_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char text[32];

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return mem_text(text);
}

static char *list_text(const json_t *value, const json_t *names)
{
	struct text text = TEXT_NONE;
	const json_t *one;
	size_t i;

	json_array_foreach (value, i, one) {
		const char *plain = json_string_value(one);
		const char *name = plain ? field_text(names, plain) : NULL;
		AUTO(free_ptr)
		char *dumped = plain ? NULL : json_dumps(one, JSON_COMPACT | JSON_ENCODE_ANY);

		text_format(&text, "%s%s", i ? "," : "", name ? name : plain ? plain : dumped);
	}
	return text_take(&text);
}

/* The caller's; NULL: there is none. */
static char *value_text(const json_t *field, const json_t *value, const json_t *names)
{
	const char *text = json_string_value(value), *unit = field_text(field, "unit");
	const char *name = text && target_of(field) ? field_text(names, text) : NULL;

	if (!value || json_is_null(value))
		return NULL;
	if (text)
		return mem_text(name ? name : text);
	if (json_is_array(value))
		return json_array_size(value) ? list_text(value, names) : NULL;
	if (json_is_integer(value) && unit && strcmp(unit, "ms") == 0)
		return date_of(json_integer_value(value));
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

void object_print(struct session *session, const char *type, const json_t *object)
{
	static const char *const titles[] = { "FIELD", "VALUE", NULL };
	const json_t *description, *fields, *field;
	json_t *names, *objects;
	struct table table;
	size_t i;

	if (session_describe(session, type, &description) != CLI_DONE)
		return;
	fields = json_object_get(description, "fields");
	objects = json_pack("[O]", object);
	names = names_of(session, fields, objects);
	table_init(&table, titles);
	json_array_foreach (fields, i, field) {
		const char *called = field_text(field, "name");
		AUTO(free_ptr)
		char *text = value_text(field, json_object_get(object, called), names);

		if (!text)
			continue;
		table_add(&table, called);
		table_add(&table, text);
	}
	table_print(&table, session->cli->out);
	table_clear(&table);
	json_decref(names);
	json_decref(objects);
}

static bool is_column(const json_t *field)
{
	static const char *const not [] = { "uuid", "description", "created_ms", "changed_ms" };
	const char *type = field_text(field, "type");

	for (size_t i = 0; i < ARRAY_SIZE(not ); i++)
		if (strcmp(field_text(field, "name"), not [i]) == 0)
			return false;
	return !json_is_true(json_object_get(field, "transient")) &&
	       !json_is_true(json_object_get(field, "secret")) && strcmp(type, "record") != 0 &&
	       (strcmp(type, "list") != 0 || target_of(field));
}

/* What a path leads to, as it is described, under the path's own name. A new reference; NULL: it
 * leads nowhere. */
static json_t *column_of(struct session *session, const json_t *description, const char *path)
{
	const char *at = path, *dot;
	const json_t *field;
	json_t *column;

	while ((dot = strchr(at, '.'))) {
		AUTO(free_ptr) char *step = mem_text_n(at, (size_t)(dot - at));
		const char *target;

		field = described(json_object_get(description, "fields"), step);
		target = field ? field_text(field, "target") : NULL;
		if (!target || session_describe(session, target, &description) != CLI_DONE)
			return NULL;
		at = dot + 1;
	}
	field = described(json_object_get(description, "fields"), at);
	if (!field)
		return NULL;
	column = json_copy((json_t *)(uintptr_t)field);
	json_object_set_new(column, "name", json_string(path));
	return column;
}

/* The descriptions of the columns: those that are asked for, or the first that fit and the uuid. A
 * new reference. */
static json_t *columns_of(struct session *session, const json_t *description, const json_t *wanted)
{
	const json_t *fields = json_object_get(description, "fields"), *one;
	json_t *columns = json_array();
	size_t i;

	json_array_foreach (wanted, i, one) {
		json_t *column = column_of(session, description, json_string_value(one));

		if (column && json_array_size(columns) < TABLE_COLUMNS)
			json_array_append(columns, column);
		json_decref(column);
	}
	if (wanted)
		return columns;
	json_array_foreach (fields, i, one)
		if (is_column(one) && json_array_size(columns) < TABLE_COLUMNS - 1)
			json_array_append(columns, (json_t *)(uintptr_t)one);
	json_array_append(columns, (json_t *)(uintptr_t)described(fields, "uuid"));
	return columns;
}

static char *title_of(const json_t *field)
{
	const char *type = field_text(field, "type");
	bool number = strcmp(type, "number") == 0 && !field_text(field, "unit");
	char *title = mem_format("%s%s", number ? ">" : "", field_text(field, "name"));

	for (char *at = title; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return title;
}

void objects_print(struct session *session, const char *type, const json_t *objects,
		   const json_t *fields)
{
	const json_t *description, *field, *object;
	char *titles[TABLE_COLUMNS + 1] = { NULL };
	json_t *columns, *names;
	struct table table;
	size_t i, j;

	if (session_describe(session, type, &description) != CLI_DONE)
		return;
	columns = columns_of(session, description, fields);
	names = names_of(session, columns, objects);
	json_array_foreach (columns, i, field)
		titles[i] = title_of(field);
	table_init(&table, (const char *const *)titles);
	json_array_foreach (objects, i, object)
		json_array_foreach (columns, j, field) {
			AUTO(free_ptr)
			char *text = value_text(field,
						json_object_get(object, field_text(field, "name")),
						names);

			table_add(&table, text);
		}
	table_print(&table, session->cli->out);
	table_clear(&table);
	for (i = 0; titles[i]; i++)
		free(titles[i]);
	json_decref(columns);
	json_decref(names);
}
