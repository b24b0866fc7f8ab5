/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written down of a call. Secrets are masked by the tables, and so is what no table knows:
 * a misspelt field may hold one. */
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/model/setting.h"
#include "controller/model/types.h"
#include "lib/base/clock.h"

/* Of parameters and answers, in bytes: a longer one is not kept. */
#define JSON_MAX 65536
/* Of names that were given. */
#define TEXT_MAX 255

static json_t *masked_record(const struct field *fields, json_t *given);

static json_t *masked_value(const struct field *field, json_t *given)
{
	json_t *list, *one;
	size_t i;

	if (!field || field->secret)
		return json_string(FIELD_MASK);
	if (field->type == FIELD_RECORD)
		return masked_record(field->fields, given);
	if (field->type != FIELD_LIST || !field->fields)
		return json_incref(given);
	list = json_array();
	json_array_foreach (given, i, one)
		json_array_append_new(list, masked_record(field->fields, one));
	return list;
}

static json_t *masked_record(const struct field *fields, json_t *given)
{
	json_t *masked = json_object(), *value;
	const char *name;

	json_object_foreach (given, name, value) {
		const struct field *field = fields;

		while (field && field->name && strcmp(field->name, name) != 0)
			field++;
		json_object_set_new(masked, name,
				    masked_value(field && field->name ? field : NULL, value));
	}
	return masked;
}

/* The fields that "spec" or "parameters" are of. */
static const struct field *fields_of(const struct request *request, const char *member)
{
	const char *name = json_string_value(json_object_get(request->parameters, "type"));
	const char *action = json_string_value(json_object_get(request->parameters, "action"));
	const struct model_type *type = name ? model_type(request->model, name) : NULL;
	const struct model_action *found = type && action ? model_action(type, action) : NULL;

	if (strcmp(member, "spec") == 0)
		return type ? type->table.fields : NULL;
	return found ? found->fields : NULL;
}

static char *dumped(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (text && strlen(text) > JSON_MAX) {
		char *shorter = mem_format("{\"bytes\":%zu}", strlen(text));

		free(text);
		return shorter;
	}
	return text;
}

static char *parameters_of(const struct request *request)
{
	json_t *kept = json_object(), *value;
	const char *name;
	char *text;

	json_object_foreach (request->parameters, name, value) {
		AUTO(free_ptr) char *wanted = mem_format("|%s|", name);

		if (strcmp(name, "spec") == 0 || strcmp(name, "parameters") == 0)
			json_object_set_new(kept, name,
					    masked_record(fields_of(request, name), value));
		else if (strstr("|type|uuid|action|dry_run|account|user|", wanted))
			json_object_set(kept, name, value);
		else
			json_object_set_new(kept, name, json_string(FIELD_MASK));
	}
	text = dumped(kept);
	json_decref(kept);
	return text;
}

/* Whole characters, as many as fit. */
static char *short_text(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length > TEXT_MAX) {
		length = TEXT_MAX;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	return text ? mem_text_n(text, length) : NULL;
}

static char *given_text(const struct request *request, const char *name)
{
	return short_text(json_string_value(json_object_get(request->parameters, name)));
}

/* Of what was made the answer alone knows the uuid. */
static char *uuid_of(const struct request *request, json_t *answer)
{
	char *given = given_text(request, "uuid");

	if (given)
		return given;
	return mem_text(json_string_value(json_object_get(answer, "uuid")));
}

int audit_add(const struct request *request, const char *method, const char *error,
	      const char *reason, json_t *answer, struct err *err)
{
	const struct api_who *who = &request->who;
	struct audit audit = {
		.started_ms = request->started_ms,
		.finished_ms = (int64_t)clock_wall_ms(),
		.elapsed_ms = (int64_t)(clock_us() - request->started_us) / 1000,
		.account = mem_text(who->account),
		.account_name = who->account_name ? mem_text(who->account_name)
						  : given_text(request, "account"),
		.user = mem_text(who->user),
		.user_name =
			who->user_name ? mem_text(who->user_name) : given_text(request, "user"),
		.session = mem_text(who->session),
		.address = short_text(request->address),
		.method = mem_text(method),
		.action = given_text(request, "action"),
		.resource_type = given_text(request, "type"),
		.resource_uuid = uuid_of(request, answer),
		.parameters = parameters_of(request),
		.result = mem_text(error ? error : "ok"),
		.reason = error ? mem_text(reason) : NULL,
		.answer = dumped(answer),
	};
	int ret = model_add(request->model, &audit_type, &audit, err);

	model_clear(&audit_type, &audit);
	return ret;
}

int audit_delete_old(struct model *model, struct err *err)
{
	int64_t days = setting_number(model, SETTING_AUDIT_RETENTION);

	return db_delete_less(model_db(model), &audit_type.table, "started_ms",
			      (int64_t)clock_wall_ms() - days * 86400000, err);
}
