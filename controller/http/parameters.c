/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query as a URL says it: ?q=network.name=web&q=address>10.0.0.1&sort=-name&limit=10 */
#include <ctype.h>
#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"
#include "lib/base/words.h"

/* The longer one of those that begin alike first; those of words have blanks around them. */
static const char *const operations[] = { "!=",       "<=",   ">=",           "=",
					  "<",        ">",    " is not null", " is null",
					  " not in ", " in ", " like " };

char *decoded(const char *text, size_t length, bool plus)
{
	AUTO(free_ptr) char *part = mem_text_n(text, length);
	size_t size;
	char *plain = evhttp_uridecode(part, plus, &size), *own;
	json_t *json;

	if (!plain)
		return NULL;
	json = json_stringn(plain, size); /* NULL: it is no UTF-8. */
	own = json && strlen(plain) == size ? mem_text(plain) : NULL;
	json_decref(json);
	free(plain);
	return own;
}

/* "field op value"; an empty array's "in" is in nothing. */
static json_t *condition(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '.')
		length++;
	for (size_t i = 0; length && i < ARRAY_SIZE(operations); i++) {
		const char *op = operations[i], *word = op + (*op == ' ');
		const char *value = text + length + strlen(op);
		AUTO(free_ptr) char *name = NULL;
		json_t *json;

		if (strncmp(text + length, op, strlen(op)) != 0)
			continue;
		name = mem_text_n(word, strlen(word) - (word[strlen(word) - 1] == ' '));
		json = json_pack("{s:s%, s:s}", "field", text, length, "op", name);
		if (strstr(name, "null"))
			return json;
		json_object_set_new(json, "value",
				    strstr(name, "in") ? words_split(value) : json_string(value));
		return json;
	}
	return NULL;
}

static int wrong(struct err *err, const char *name, const char *reason)
{
	err_set(err, -EINVAL, "%s", reason);
	return err_at(err, "%.64s", name);
}

static int put_number(json_t *parameters, const char *name, const char *value, struct err *err)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (!*value || *end || errno)
		return wrong(err, name, "expected integer");
	json_object_set_new(parameters, name, json_integer(number));
	return 0;
}

static int put_flag(json_t *parameters, const char *name, const char *value, struct err *err)
{
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return wrong(err, name, "expected true or false");
	json_object_set_new(parameters, name, json_boolean(strcmp(value, "true") == 0));
	return 0;
}

static int put(json_t *parameters, const char *name, const char *value, struct err *err)
{
	json_t *one;

	if (strcmp(name, "q") == 0) {
		one = condition(value);
		if (!one)
			return wrong(err, name, "expected FIELD OPERATION VALUE");
		json_array_append_new(json_object_get(parameters, "conditions"), one);
		return 0;
	}
	if (strcmp(name, "sort") == 0 || strcmp(name, "fields") == 0) {
		json_object_set_new(parameters, name, words_split(value));
		return 0;
	}
	if (strcmp(name, "start") == 0 || strcmp(name, "limit") == 0)
		return put_number(parameters, name, value, err);
	if (strcmp(name, "count") != 0)
		return wrong(err, name, "unknown parameter");
	return put_flag(parameters, name, value, err);
}

static int put_of_watch(json_t *parameters, const char *name, const char *value, struct err *err)
{
	if (strcmp(name, "type") == 0) {
		json_array_append_new(json_object_get(parameters, "types"), json_string(value));
		return 0;
	}
	if (strcmp(name, "from_now") != 0)
		return wrong(err, name, "unknown parameter");
	return put_flag(parameters, name, value, err);
}

typedef int put_fn(json_t *parameters, const char *name, const char *value, struct err *err);

/* NAME=VALUE&..., each to 'put_one'. */
static int read_parameters(const char *query, json_t *parameters, put_fn *put_one, struct err *err)
{
	for (const char *at = query; at && *at;) {
		size_t length = strcspn(at, "&"), name_length = strcspn(at, "=&");
		size_t skip = name_length < length ? name_length + 1 : length;
		AUTO(free_ptr) char *name = decoded(at, name_length, true);
		AUTO(free_ptr) char *value = decoded(at + skip, length - skip, true);

		if (!name || !value)
			return wrong(err, "query", "expected UTF-8");
		if (length && put_one(parameters, name, value, err) < 0)
			return err->code;
		at += length + (at[length] == '&');
	}
	return 0;
}

int parameters_of_query(const char *query, json_t *parameters, struct err *err)
{
	json_object_set_new(parameters, "conditions", json_array());
	return read_parameters(query, parameters, put, err);
}

int parameters_of_watch(const char *query, json_t *parameters, struct err *err)
{
	json_object_set_new(parameters, "types", json_array());
	return read_parameters(query, parameters, put_of_watch, err);
}
