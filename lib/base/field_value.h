/* SPDX-License-Identifier: GPL-2.0-or-later */
/* field_value.h - one value of a field, for the field tables' own files. */
#ifndef WEFT_BASE_FIELD_VALUE_H
#define WEFT_BASE_FIELD_VALUE_H

#include "lib/base/field.h"

/* How large the C value of a field is: the stride of a list of them. */
size_t field_value_size(const struct field *field);
void field_value_clear(const struct field *field, void *value);
bool field_value_given(const struct field *field, const void *value);
/* What it is when it is not given; 'value' is zeroed before. */
void field_value_fallback(const struct field *field, void *value);

static inline void *field_at(const struct field *field, const void *record)
{
	return (char *)(uintptr_t)record + field->offset;
}

/* The i-th element of a list, and the field that describes it. */
static inline void *field_element_at(const struct field *element, const struct field_list *list,
				     size_t i)
{
	return (char *)list->items + i * field_value_size(element);
}

/* The element's field of a list: of records where the list has 'fields'. */
struct field field_element(const struct field *list);

#endif
