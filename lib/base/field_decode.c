/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON into records, with every check that the table says and the path of what is wrong. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/field_value.h"

#define TEXT_MAX 1024
#define UUID_MAX 64
#define LIST_MAX 100000

static int decode_value(const struct field *field, json_t *json, void *value, struct err *err);

static int expected(struct err *err, const char *what)
{
	return err_set(err, -EINVAL, "expected %s", what);
}

static bool is_uuid(const char *text, size_t length)
{
	if (!length || length > UUID_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._:-", text[i]))
			return false;
	return true;
}

static bool has_control(const char *text, bool lines)
{
	for (; *text; text++) {
		if (lines && strchr("\n\r\t", *text))
			continue;
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

static int decode_text(const struct field *field, json_t *json, char **value, struct err *err)
{
	size_t length = json_string_length(json);
	size_t max = field->max ? (size_t)field->max : TEXT_MAX;

	if (!json_is_string(json))
		return expected(err, "string");
	if (memchr(json_string_value(json), '\0', length))
		return err_set(err, -EINVAL, "a text holds no zero byte");
	if (field->type != FIELD_TEXT && !is_uuid(json_string_value(json), length))
		return err_set(err, -EINVAL, "a uuid is 1-%d characters of A-Z a-z 0-9 . _ : -",
			       UUID_MAX);
	if (length < (size_t)field->min || length > max)
		return err_set(err, -EINVAL, "a text of %lld to %zu bytes is wanted, not %zu",
			       (long long)field->min, max, length);
	if (has_control(json_string_value(json), field->lines))
		return err_set(err, -EINVAL, "has control characters");
	*value = mem_text(json_string_value(json));
	return 0;
}

static int decode_number(const struct field *field, json_t *json, int64_t *value, struct err *err)
{
	json_int_t number = json_integer_value(json);

	if (!json_is_integer(json))
		return expected(err, "integer");
	if ((field->min || field->max) && (number < field->min || number > field->max))
		return err_set(err, -EINVAL, "%lld is outside %lld-%lld", (long long)number,
			       (long long)field->min, (long long)field->max);
	*value = number;
	return 0;
}

static int decode_choice(const struct field *field, json_t *json, int *value, struct err *err)
{
	AUTO(free_ptr) char *all = mem_text("");

	if (!json_is_string(json))
		return expected(err, "string");
	for (int i = 0; field->choices[i]; i++) {
		char *more;

		if (strcmp(field->choices[i], json_string_value(json)) == 0) {
			*value = i;
			return 0;
		}
		more = mem_format("%s%s%s", all, i ? ", " : "", field->choices[i]);
		free(all);
		all = more;
	}
	return err_set(err, -EINVAL, "\"%.64s\" is none of %s", json_string_value(json), all);
}

static int decode_ports(const struct field *field, json_t *json, struct port_range *value,
			struct err *err)
{
	json_int_t port = json_integer_value(json);

	if (json_is_string(json) && port_range_parse(json_string_value(json), value, err) < 0)
		return -EINVAL;
	if (json_is_string(json) && field->max == 1 && value->first != value->last)
		return err_set(err, -EINVAL, "%s is more than one port", port_range_text(value).s);
	if (json_is_string(json))
		return 0;
	if (!json_is_integer(json))
		return expected(err, "a port or a range of ports");
	if (port < 1 || port > 65535)
		return err_set(err, -EINVAL, "%lld is not a port 1-65535", (long long)port);
	value->first = value->last = (uint16_t)port;
	return 0;
}

static int decode_base64(const struct field *field, json_t *json, struct field_bytes *value,
			 struct err *err)
{
	if (!json_is_string(json))
		return expected(err, "string");
	if (field->max && json_string_length(json) / 4 * 3 > (size_t)field->max + 2)
		return err_set(err, -EINVAL, "is more than %lld bytes", (long long)field->max);
	return base64_decode(json_string_value(json), &value->bytes, &value->size, err);
}

/* A list of ports may be one text: "22,8000-8080". */
static json_t *split_ports(const char *text)
{
	json_t *list = json_array();

	while (true) {
		size_t length = strcspn(text, ",");

		json_array_append_new(list, json_stringn(text, length));
		if (!text[length])
			return list;
		text += length + 1;
	}
}

static int decode_list(const struct field *field, json_t *json, struct field_list *value,
		       struct err *err)
{
	struct field element = field_element(field);
	size_t size = field_value_size(&element), n = json_array_size(json);

	if (!json_is_array(json))
		return expected(err, "array");
	if (n > LIST_MAX)
		return err_set(err, -E2BIG, "a list of more than %d", LIST_MAX);
	if (!n)
		return 0;
	value->items = mem_array(n, size);
	for (size_t i = 0; i < n; i++) {
		void *at = (char *)value->items + i * size;

		if (decode_value(&element, json_array_get(json, i), at, err) < 0)
			return err_at(err, "[%zu]", i);
		value->n++;
	}
	return 0;
}

static int decode_list_of(const struct field *field, json_t *json, void *value, struct err *err)
{
	json_t *list = json_incref(json);
	int ret;

	if (field->element && field->element->type == FIELD_PORTS && json_is_string(json)) {
		json_decref(list);
		list = split_ports(json_string_value(json));
	} else if (field->element && field->element->type == FIELD_PORTS && json_is_integer(json)) {
		json_decref(list);
		list = json_pack("[O]", json);
	}
	ret = decode_list(field, list, value, err);
	json_decref(list);
	return ret;
}

static int decode_value(const struct field *field, json_t *json, void *value, struct err *err)
{
	if (field->type != FIELD_RECORD && field->type != FIELD_LIST && field->type != FIELD_BOOL &&
	    field->type != FIELD_NUMBER && field->type != FIELD_PORTS && !json_is_string(json))
		return expected(err, "string");
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		return decode_text(field, json, value, err);
	case FIELD_BOOL:
		if (!json_is_boolean(json))
			return expected(err, "boolean");
		*(bool *)value = json_is_true(json);
		return 0;
	case FIELD_NUMBER:
		return decode_number(field, json, value, err);
	case FIELD_IP:
		return ip_parse(json_string_value(json), value, err);
	case FIELD_PREFIX:
		return prefix_parse(json_string_value(json), value, err);
	case FIELD_MAC:
		if (mac_parse(json_string_value(json), value, err) < 0)
			return -EINVAL;
		return mac_is_unicast(value) ? 0
					     : err_set(err, -EINVAL, "%s is no station's address",
						       mac_text(value).s);
	case FIELD_PORTS:
		return decode_ports(field, json, value, err);
	case FIELD_CHOICE:
		return decode_choice(field, json, value, err);
	case FIELD_BASE64:
		return decode_base64(field, json, value, err);
	case FIELD_RECORD:
		return field_decode(field->fields, json, value, err);
	case FIELD_LIST:
		return decode_list_of(field, json, value, err);
	}
	return -EINVAL;
}

static int decode_field(const struct field *field, json_t *json, void *record, struct err *err)
{
	void *value = field_at(field, record);

	if (!json || (json_is_null(json) && field->nullable)) {
		if (field->required)
			return err_set(err, -EINVAL, "is required");
		field_value_fallback(field, value);
		return 0;
	}
	return decode_value(field, json, value, err);
}

static const struct field *field_named(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

int field_decode(const struct field *fields, json_t *json, void *record, struct err *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(json))
		return expected(err, "object");
	json_object_foreach (json, name, value) {
		if (field_named(fields, name))
			continue;
		err_set(err, -EINVAL, "unknown field");
		return err_at(err, "%.64s", name);
	}
	for (const struct field *field = fields; field->name; field++) {
		if (decode_field(field, json_object_get(json, field->name), record, err) == 0)
			continue;
		field_clear(fields, record);
		return err_at(err, "%s", field->name);
	}
	return 0;
}
