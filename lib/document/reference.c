/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which other objects an object refers to: every field of type FIELD_REFERENCE, also within lists.
 */
#include <stdlib.h>

#include "lib/base/field_value.h"
#include "lib/document/document_state.h"

struct walk {
	reference_fn *visit;
	void *data;
	struct err *err;
};

static int walk_fields(const struct walk *walk, const struct field *fields, const void *record,
		       const char *where);

static int walk_value(const struct walk *walk, const struct field *field, const void *value,
		      const char *where)
{
	const struct field_list *list = value;
	struct field element;

	if (field->type == FIELD_REFERENCE) {
		const char *uuid = *(char *const *)value;

		return uuid ? walk->visit(walk->data, field->target, uuid, where, walk->err) : 0;
	}
	if (field->type == FIELD_RECORD)
		return walk_fields(walk, field->fields, value, where);
	if (field->type != FIELD_LIST)
		return 0;
	element = field_element(field);
	for (size_t i = 0; i < list->n; i++) {
		AUTO(free_ptr) char *inner = mem_format("%s[%zu]", where, i);
		int ret = walk_value(walk, &element, field_element_at(&element, list, i), inner);

		if (ret < 0)
			return ret;
	}
	return 0;
}

static bool may_refer(const struct field *field)
{
	return field->type == FIELD_REFERENCE || field->type == FIELD_RECORD ||
	       field->type == FIELD_LIST;
}

static int walk_fields(const struct walk *walk, const struct field *fields, const void *record,
		       const char *where)
{
	for (; fields->name; fields++) {
		AUTO(free_ptr) char *inner = NULL;
		int ret;

		if (!may_refer(fields))
			continue;
		inner = mem_format("%s%s%s", where, *where ? "." : "", fields->name);
		ret = walk_value(walk, fields, field_at(fields, record), inner);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int object_references(const struct object *object, reference_fn *visit, void *data, struct err *err)
{
	struct walk walk = { visit, data, err };

	return walk_fields(&walk, object->section->fields, object, "");
}
