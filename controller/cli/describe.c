/* SPDX-License-Identifier: GPL-2.0-or-later */
/* describe: the types of objects, or one type's fields, actions and rules. */
#include <stdlib.h>
#include <string.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "controller/cli/table.h"
#include "lib/base/text.h"

static bool is(const json_t *json, const char *name)
{
	return json_is_true(json_object_get(json, name));
}

static char *kind_of(const json_t *field)
{
	const json_t *element = json_object_get(field, "element"), *one;
	const char *target = field_text(field, "target");
	struct text text = TEXT_NONE;
	size_t i;

	text_add(&text, field_text(field, "type"));
	if (target)
		text_format(&text, " to %s", target);
	if (element) {
		AUTO(free_ptr) char *inner = kind_of(element);

		text_format(&text, " of %s", inner);
	}
	json_array_foreach (json_object_get(field, "choices"), i, one)
		text_format(&text, "%s%s", i ? "|" : " ", json_string_value(one));
	if (json_object_get(field, "min"))
		text_format(&text, " %lld-%lld", (long long)field_number(field, "min"),
			    (long long)field_number(field, "max"));
	return text_take(&text);
}

static char *marks_of(const json_t *field)
{
	static const char *const marks[] = { "required",  "computed", "immutable",
					     "transient", "unique",   "secret" };
	const json_t *fallback = json_object_get(field, "default");
	struct text text = TEXT_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (is(field, marks[i]))
			text_format(&text, "%s%s", text.length ? ", " : "", marks[i]);
	if (fallback && !is(field, "computed")) {
		AUTO(free_ptr) char *value = json_dumps(fallback, JSON_ENCODE_ANY);

		text_format(&text, "%sdefault %s", text.length ? ", " : "", value);
	}
	return text_take(&text);
}

static void print_fields(FILE *to, const json_t *fields)
{
	static const char *const titles[] = { "FIELD", "TYPE", "", "MEANING", NULL };
	const json_t *field;
	struct table table;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (fields, i, field) {
		AUTO(free_ptr) char *kind = kind_of(field);
		AUTO(free_ptr) char *marks = marks_of(field);

		table_add(&table, field_text(field, "name"));
		table_add(&table, kind);
		table_add(&table, marks);
		table_add(&table, field_text(field, "doc"));
	}
	table_print(&table, to);
	table_clear(&table);
}

static void print_named(FILE *to, const char *title, const json_t *list)
{
	const char *const titles[] = { title, "MEANING", NULL };
	const json_t *one;
	struct table table;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (list, i, one) {
		table_add(&table, field_text(one, "name"));
		table_add(&table, field_text(one, "doc"));
	}
	table_print(&table, to);
	table_clear(&table);
}

static void print_part(const struct cli *cli, const char *title, const json_t *list)
{
	if (json_array_size(list))
		fputc('\n', cli->out);
	print_named(cli->out, title, list);
}

static void print_type(const struct cli *cli, const json_t *type)
{
	print_fields(cli->out, json_object_get(type, "fields"));
	print_part(cli, "ACTION", json_object_get(type, "actions"));
	print_part(cli, "RULE", json_object_get(type, "rules"));
}

/* For completion: what may be typed next, each once. */
static void print_words(const struct cli *cli, const json_t *types)
{
	bool actions = strcmp(cli->values[OPTION_WORDS], "actions") == 0;
	json_t *said = json_object();
	const json_t *type, *one;
	const char *word;
	json_t *value;
	size_t i, j;

	json_array_foreach (types, i, type) {
		if (!actions && !cli->n_arguments)
			json_object_set_new(said, field_text(type, "name"), json_true());
		else
			json_array_foreach (json_object_get(type, actions ? "actions" : "fields"),
					    j, one)
				if (!is(one, "computed"))
					json_object_set_new(said, field_text(one, "name"),
							    json_true());
	}
	json_object_foreach (said, word, value)
		fprintf(cli->out, "%s%s\n", word, cli->n_arguments && !actions ? "=" : "");
	json_decref(said);
}

int describe_run(struct cli *cli)
{
	const char *type = cli->n_arguments ? cli->arguments[0] : NULL;
	struct session session;
	json_t *answer, *types;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_call(&session, "Describe",
			      type ? json_pack("{s:s}", "type", type) : json_object(), &answer);
	session_close(&session);
	if (status != CLI_DONE)
		return status;
	types = json_object_get(answer, "types");
	if (cli_has(cli, OPTION_JSON))
		cli_print_json(cli, answer);
	else if (cli_has(cli, OPTION_WORDS))
		print_words(cli, types);
	else if (type)
		print_type(cli, json_array_get(types, 0));
	else
		print_named(cli->out, "TYPE", types);
	json_decref(answer);
	return CLI_DONE;
}
