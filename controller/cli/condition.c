/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions of a query as people write them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "lib/base/words.h"

/* Those that begin alike: the longer one first. */
static const struct {
	const char *text, *op;
	bool word; /* Blanks around it. */
} operations[] = {
	{ "!=", "!=", false },
	{ "<=", "<=", false },
	{ ">=", ">=", false },
	{ "=", "=", false },
	{ "<", "<", false },
	{ ">", ">", false },
	{ "~", "like", false },
	{ "is not null", "is not null", true },
	{ "is null", "is null", true },
	{ "not in", "not in", true },
	{ "in", "in", true },
	{ "like", "like", true },
};

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

/* The operation at 'text' and what is behind it; NULL: there is none. */
static const char *read_operation(const char *text, const char **op)
{
	const char *at = skip_blanks(text);

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		size_t length = strlen(operations[i].text);

		if (strncmp(at, operations[i].text, length) != 0)
			continue;
		if (operations[i].word && (at == text || (at[length] && at[length] != ' ')))
			continue;
		*op = operations[i].op;
		return operations[i].word ? skip_blanks(at + length) : at + length;
	}
	return NULL;
}

/* A reference itself is asked for by name as well: the names are its uuid's. */
static bool is_reference(struct session *session, const char *type, const char *field,
			 const char **target)
{
	const json_t *description, *found;

	if (strchr(field, '.') || session_describe(session, type, &description) != CLI_DONE)
		return false;
	found = described(json_object_get(description, "fields"), field);
	if (found && json_object_get(found, "element"))
		found = json_object_get(found, "element");
	*target = found ? field_text(found, "target") : NULL;
	return *target;
}

int condition_read(struct session *session, const char *type, const char *text, json_t **ret)
{
	size_t length = 0;
	const char *op, *rest, *target;
	AUTO(free_ptr) char *field = NULL;
	json_t *value;

	while (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '.')
		length++;
	field = mem_text_n(text, length);
	rest = length ? read_operation(text + length, &op) : NULL;
	if (!rest)
		return cli_misused(
			"\"%s\" is no condition: FIELD=VALUE, FIELD!=VALUE, <, <=, >, "
			">=, \"FIELD in A,B\", \"FIELD like PATTERN\", \"FIELD is null\"",
			text);
	if (strstr(op, "null")) {
		*ret = json_pack("{s:s, s:s}", "field", field, "op", op);
		return CLI_DONE;
	}
	if (strcmp(op, "=") == 0 && is_reference(session, type, field, &target)) {
		char *uuid;
		int status = session_resolve(session, target, rest, &uuid);

		if (status != CLI_DONE)
			return status;
		*ret = json_pack("{s:s, s:s, s:s}", "field", field, "op", op, "value", uuid);
		free(uuid);
		return CLI_DONE;
	}
	value = strcmp(op, "in") == 0 || strcmp(op, "not in") == 0 ? words_split(rest)
								   : json_string(rest);
	*ret = json_pack("{s:s, s:s, s:o}", "field", field, "op", op, "value", value);
	return *ret ? CLI_DONE : cli_refuse("\"%s\" is no text", text);
}
