/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records into JSON, and a table into the text of a Varlink type. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/field_value.h"
#include "lib/base/text.h"

static json_t *encode_value(const struct field *field, const void *value, bool with_secrets);

static json_t *encode_port_list(const struct field_list *list)
{
	AUTO(text_clear) struct text text = TEXT_NONE;

	for (size_t i = 0; i < list->n; i++)
		text_format(&text, "%s%s", i ? "," : "",
			    port_range_text((struct port_range *)list->items + i).s);
	return json_string(text_view(&text));
}

static json_t *encode_list(const struct field *field, const struct field_list *list,
			   bool with_secrets)
{
	struct field element = field_element(field);
	json_t *json;

	if (element.type == FIELD_PORTS)
		return encode_port_list(list);
	json = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(json,
				      encode_value(&element, field_element_at(&element, list, i),
						   with_secrets));
	return json;
}

static json_t *encode_bytes(const struct field_bytes *bytes)
{
	AUTO(free_ptr) char *text = base64_encode(bytes->bytes, bytes->size);

	return json_string(text);
}

static json_t *encode_value(const struct field *field, const void *value, bool with_secrets)
{
	if (field->secret && !with_secrets)
		return json_string(FIELD_MASK);
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		return json_string(*(char *const *)value);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)value);
	case FIELD_NUMBER:
		return json_integer(*(const int64_t *)value);
	case FIELD_IP:
		return json_string(ip_text(value).s);
	case FIELD_PREFIX:
		return json_string(prefix_text(value).s);
	case FIELD_MAC:
		return json_string(mac_text(value).s);
	case FIELD_PORTS:
		if (field->max == 1)
			return json_integer(((const struct port_range *)value)->first);
		return json_string(port_range_text(value).s);
	case FIELD_CHOICE:
		return json_string(field->choices[*(const int *)value]);
	case FIELD_BASE64:
		return encode_bytes(value);
	case FIELD_RECORD:
		return field_encode(field->fields, value, with_secrets);
	case FIELD_LIST:
		return encode_list(field, value, with_secrets);
	}
	return json_null();
}

json_t *field_encode(const struct field *fields, const void *record, bool with_secrets)
{
	json_t *json = json_object();

	for (; fields->name; fields++) {
		const void *value = field_at(fields, record);

		if (field_value_given(fields, value))
			json_object_set_new(json, fields->name,
					    encode_value(fields, value, with_secrets));
	}
	return json;
}

static const char *interface_type(enum field_type type)
{
	switch (type) {
	case FIELD_BOOL:
		return "bool";
	case FIELD_NUMBER:
		return "int";
	default:
		return "string";
	}
}

static void say_fields(struct text *text, const struct field *fields, int depth);

static void say_type(struct text *text, const struct field *field, int depth)
{
	if (field->type == FIELD_LIST) {
		struct field element = field_element(field);

		if (element.type == FIELD_PORTS) {
			text_add(text, "string");
			return;
		}
		text_add(text, "[]");
		say_type(text, &element, depth);
	} else if (field->type == FIELD_RECORD) {
		say_fields(text, field->fields, depth);
	} else if (field->type == FIELD_CHOICE) {
		text_add(text, "string");
	} else {
		text_add(text, interface_type(field->type));
	}
}

static void say_fields(struct text *text, const struct field *fields, int depth)
{
	text_add(text, "(\n");
	for (; fields->name; fields++) {
		if (fields->doc)
			text_format(text, "%*s# %s%s%s\n", 2 * depth + 2, "", fields->doc,
				    fields->unit ? " Unit: " : "",
				    fields->unit ? fields->unit : "");
		text_format(text, "%*s%s: %s", 2 * depth + 2, "", fields->name,
			    fields->required ? "" : "?");
		say_type(text, fields, depth + 1);
		text_add(text, fields[1].name ? ",\n" : "\n");
	}
	text_format(text, "%*s)", 2 * depth, "");
}

char *field_interface(const struct field *fields)
{
	struct text text = TEXT_NONE;

	say_fields(&text, fields, 0);
	return text_take(&text);
}
