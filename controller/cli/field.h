/* SPDX-License-Identifier: GPL-2.0-or-later */
/* field.h - members of an answer, whether they are there or not. */
#ifndef WEFT_CLI_FIELD_H
#define WEFT_CLI_FIELD_H

#include <jansson.h>

/* NULL where there is no such text. */
static inline const char *field_text(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static inline json_int_t field_number(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

#endif
