/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/field_value.h"

#include <stdlib.h>
#include <string.h>

struct field field_element(const struct field *list)
{
	if (list->element)
		return *list->element;
	return (struct field){ .type = FIELD_RECORD, .fields = list->fields, .size = list->size };
}

size_t field_value_size(const struct field *field)
{
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		return sizeof(char *);
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_NUMBER:
		return sizeof(int64_t);
	case FIELD_IP:
		return sizeof(struct ip);
	case FIELD_PREFIX:
		return sizeof(struct prefix);
	case FIELD_MAC:
		return sizeof(struct mac);
	case FIELD_PORTS:
		return sizeof(struct port_range);
	case FIELD_CHOICE:
		return sizeof(int);
	case FIELD_BASE64:
		return sizeof(struct field_bytes);
	case FIELD_RECORD:
		return field->size;
	case FIELD_LIST:
		return sizeof(struct field_list);
	}
	return 0;
}

static void list_clear(const struct field *field, struct field_list *list)
{
	struct field element = field_element(field);

	for (size_t i = 0; i < list->n; i++)
		field_value_clear(&element, field_element_at(&element, list, i));
	free(list->items);
	*list = (struct field_list){ 0 };
}

static void text_forget(const struct field *field, char **text)
{
	if (*text && field->secret)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void field_value_clear(const struct field *field, void *value)
{
	struct field_bytes *bytes = value;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		text_forget(field, value);
		break;
	case FIELD_BASE64:
		free(bytes->bytes);
		*bytes = (struct field_bytes){ 0 };
		break;
	case FIELD_RECORD:
		field_clear(field->fields, value);
		break;
	case FIELD_LIST:
		list_clear(field, value);
		break;
	case FIELD_BOOL:
	case FIELD_NUMBER:
	case FIELD_IP:
	case FIELD_PREFIX:
	case FIELD_MAC:
	case FIELD_PORTS:
	case FIELD_CHOICE:
		memset(value, 0, field_value_size(field));
		break;
	}
}

void field_clear(const struct field *fields, void *record)
{
	for (; fields->name; fields++)
		field_value_clear(fields, field_at(fields, record));
}

static bool in_range(const struct field *field, int64_t value)
{
	return (!field->min && !field->max) || (value >= field->min && value <= field->max);
}

bool field_value_given(const struct field *field, const void *value)
{
	static const struct mac no_mac;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		return *(char *const *)value != NULL;
	case FIELD_IP:
		return ((const struct ip *)value)->family != 0;
	case FIELD_PREFIX:
		return ((const struct prefix *)value)->ip.family != 0;
	case FIELD_MAC:
		return !mac_equal(value, &no_mac);
	case FIELD_PORTS:
		return ((const struct port_range *)value)->first != 0;
	case FIELD_BASE64:
		return ((const struct field_bytes *)value)->bytes != NULL;
	case FIELD_LIST:
		return ((const struct field_list *)value)->n != 0;
	case FIELD_NUMBER: /* Outside of its own range: left as it is. */
		return in_range(field, *(const int64_t *)value);
	case FIELD_CHOICE:
		return *(const int *)value >= 0;
	case FIELD_BOOL:
	case FIELD_RECORD:
		return true;
	}
	return false;
}

void field_value_fallback(const struct field *field, void *value)
{
	if (field->type == FIELD_NUMBER)
		*(int64_t *)value = field->fallback;
	else if (field->type == FIELD_CHOICE)
		*(int *)value = (int)field->fallback;
	else if (field->type == FIELD_BOOL)
		*(bool *)value = field->fallback != 0;
	else if (field->type == FIELD_RECORD)
		for (const struct field *inner = field->fields; inner->name; inner++)
			field_value_fallback(inner, field_at(inner, value));
}
