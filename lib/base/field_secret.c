/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A secret is never shown. What is shown in its place means "as it is" when it is given back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/field_value.h"

static bool is_mask(const struct field *field, const void *value)
{
	const char *text;

	if (!field->secret || field->type != FIELD_TEXT)
		return false;
	text = *(char *const *)value;
	return text && strcmp(text, FIELD_MASK) == 0;
}

static const char *uuid_of(const struct field *fields, const void *record)
{
	for (; fields->name; fields++)
		if (fields->type == FIELD_UUID && strcmp(fields->name, "uuid") == 0)
			return *(char *const *)field_at(fields, record);
	return NULL;
}

/* The record of a list that has this uuid, or NULL. */
static const void *same_record(const struct field *element, const struct field_list *list,
			       const char *uuid)
{
	for (size_t i = 0; list && uuid && i < list->n; i++) {
		const void *record = field_element_at(element, list, i);
		const char *other = uuid_of(element->fields, record);

		if (other && strcmp(other, uuid) == 0)
			return record;
	}
	return NULL;
}

static int unmask_list(const struct field *field, struct field_list *list,
		       const struct field_list *held, struct err *err)
{
	struct field element = field_element(field);

	if (element.type != FIELD_RECORD)
		return 0;
	for (size_t i = 0; i < list->n; i++) {
		void *record = field_element_at(&element, list, i);

		if (field_unmask(element.fields, record,
				 same_record(&element, held, uuid_of(element.fields, record)),
				 err) < 0)
			return err_at(err, "[%zu]", i);
	}
	return 0;
}

static int unmask(char **value, const char *held, struct err *err)
{
	if (!held)
		return err_set(err, -EINVAL,
			       "the mask stands for a secret that is held, and none is");
	free(*value);
	*value = mem_text(held);
	return 0;
}

int field_unmask(const struct field *fields, void *record, const void *held, struct err *err)
{
	for (; fields->name; fields++) {
		void *value = field_at(fields, record);
		const void *other = held ? field_at(fields, held) : NULL;
		int ret = 0;

		if (fields->type == FIELD_RECORD)
			ret = field_unmask(fields->fields, value, other, err);
		else if (fields->type == FIELD_LIST)
			ret = unmask_list(fields, value, other, err);
		else if (is_mask(fields, value))
			ret = unmask(value, other ? *(char *const *)other : NULL, err);
		if (ret < 0)
			return err_at(err, "%s", fields->name);
	}
	return 0;
}
