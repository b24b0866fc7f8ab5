/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One object of a section, between JSON and its struct. */
#include <stdlib.h>

#include "lib/document/document_state.h"

struct object *object_decode(const struct section_type *type, json_t *json,
			     const struct object *held, struct err *err)
{
	struct object *object = mem_alloc(type->size);

	object->section = type;
	if (field_decode(type->fields, json, object, err) < 0) {
		free(object);
		return NULL;
	}
	if (!object->uuid)
		object->uuid = mem_text(type->name);
	if (field_unmask(type->fields, object, held, err) < 0) {
		object_free(object);
		return NULL;
	}
	return object;
}

void object_free(struct object *object)
{
	char *uuid;

	if (!object)
		return;
	uuid = object->uuid;
	users_free(object);
	field_clear(object->section->fields, object);
	if (object->uuid == uuid) /* Its table has no field "uuid". */
		free(uuid);
	free(object);
}
