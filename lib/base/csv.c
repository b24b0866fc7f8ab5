/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/csv.h"

#include <stdlib.h>
#include <string.h>

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

char *csv_of(const json_t *objects, const json_t *names)
{
	const json_t *object, *name;
	struct text csv = TEXT_NONE;
	size_t i, j;

	json_array_foreach (names, j, name) {
		text_add(&csv, j ? "," : "");
		add_cell(&csv, json_string_value(name));
	}
	text_add(&csv, "\r\n");
	json_array_foreach (objects, i, object) {
		json_array_foreach (names, j, name) {
			text_add(&csv, j ? "," : "");
			add_value(&csv, json_object_get(object, json_string_value(name)));
		}
		text_add(&csv, "\r\n");
	}
	return text_take(&csv);
}
