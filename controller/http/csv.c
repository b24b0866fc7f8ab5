/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects as lines, by RFC 4180. A list or a record is its JSON. */
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"
#include "lib/base/text.h"

static void add_cell(struct text *csv, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		text_add(csv, text);
		return;
	}
	text_add(csv, "\"");
	for (const char *at = text; *at; at++)
		text_add_n(csv, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
	text_add(csv, "\"");
}

static void add_value(struct text *csv, const json_t *value)
{
	AUTO(free_ptr) char *text = NULL;

	if (!value || json_is_null(value))
		return;
	if (json_is_string(value)) {
		add_cell(csv, json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	add_cell(csv, text);
}

/* The type's own order, where no names are given. */
static json_t *all_names(const struct model_type *type)
{
	json_t *names = json_array();

	for (const struct field *field = type->table.fields; field->name; field++)
		if (!field->transient)
			json_array_append_new(names, json_string(field->name));
	return names;
}

char *csv_of(const struct model_type *type, const json_t *objects, const json_t *names)
{
	json_t *columns = names ? json_deep_copy(names) : all_names(type), *object, *name;
	struct text csv = TEXT_NONE;
	size_t i, j;

	json_array_foreach (columns, j, name) {
		text_add(&csv, j ? "," : "");
		add_cell(&csv, json_string_value(name));
	}
	text_add(&csv, "\r\n");
	json_array_foreach (objects, i, object) {
		json_array_foreach (columns, j, name) {
			text_add(&csv, j ? "," : "");
			add_value(&csv, json_object_get(object, json_string_value(name)));
		}
		text_add(&csv, "\r\n");
	}
	json_decref(columns);
	return text_take(&csv);
}
