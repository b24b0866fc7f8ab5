/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "field=value" into JSON, as the field's description says. What cannot be that is sent as the text
 * that it is: the controller tells what is wrong with it. */
#include <stdlib.h>
#include <string.h>

#include "controller/cli/field.h"
#include "controller/cli/secret.h"
#include "controller/cli/session.h"

static int read_value(struct session *session, const json_t *field, const char *text, json_t **ret);

static json_t *as_json(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

	return json ? json : json_string(text);
}

/* Others see command lines. A password is never read from there; of a secret that machines know
 * too, a key, it is up to who calls. */
static bool is_elsewhere(const json_t *field, const char *text)
{
	if (json_is_true(json_object_get(field, "hashed")))
		return true;
	return json_is_true(json_object_get(field, "secret")) &&
	       (*text == '@' || strcmp(text, "-") == 0);
}

static int read_secret(const json_t *field, const char *text, json_t **ret)
{
	AUTO(secret_free) char *secret = secret_read(text, field_text(field, "name"));

	if (!secret)
		return CLI_REFUSED;
	*ret = json_string(secret);
	return *ret ? CLI_DONE
		    : cli_refuse("%s: a secret has to be UTF-8", field_text(field, "name"));
}

/* "a,b,c"; or JSON. */
static int read_list(struct session *session, const json_t *field, const char *text, json_t **ret)
{
	const json_t *element = json_object_get(field, "element");
	json_t *list;

	if (*text == '[') {
		*ret = as_json(text);
		return CLI_DONE;
	}
	list = json_array();
	while (*text) {
		size_t length = strcspn(text, ",");
		AUTO(free_ptr) char *one = mem_text_n(text, length);
		json_t *value;
		int status = read_value(session, element, one, &value);

		if (status != CLI_DONE) {
			json_decref(list);
			return status;
		}
		json_array_append_new(list, value);
		text += length + (text[length] == ',');
	}
	*ret = list;
	return CLI_DONE;
}

static int read_value(struct session *session, const json_t *field, const char *text, json_t **ret)
{
	const char *type = field ? field_text(field, "type") : NULL;
	char *uuid;
	int status;

	if (!type)
		type = "text";
	if (field && is_elsewhere(field, text))
		return read_secret(field, text, ret);
	if (strcmp(type, "list") == 0)
		return read_list(session, field, text, ret);
	if (strcmp(type, "reference") == 0) {
		status = session_resolve(session, field_text(field, "target"), text, &uuid);
		if (status != CLI_DONE)
			return status;
		*ret = json_string(uuid);
		free(uuid);
		return CLI_DONE;
	}
	if (strcmp(type, "number") == 0 || strcmp(type, "bool") == 0 || strcmp(type, "record") == 0)
		*ret = as_json(text);
	else
		*ret = json_string(text);
	return *ret ? CLI_DONE : cli_refuse("\"%s\" is no text", text);
}

int values_read(struct session *session, const json_t *fields, char **texts, int n, json_t **ret)
{
	json_t *object = json_object();

	for (int i = 0; i < n; i++) {
		const char *equals = strchr(texts[i], '=');
		AUTO(free_ptr)
		char *name = mem_text_n(texts[i], equals ? (size_t)(equals - texts[i]) : 0);
		json_t *value = json_null();
		int status = CLI_DONE;

		if (!equals || !*name)
			status = cli_misused("\"%s\" is not of the form FIELD=VALUE", texts[i]);
		else if (equals[1])
			status = read_value(session, described(fields, name), equals + 1, &value);
		if (status != CLI_DONE) {
			json_decref(object);
			return status;
		}
		json_object_set_new(object, name, value);
	}
	*ret = object;
	return CLI_DONE;
}
