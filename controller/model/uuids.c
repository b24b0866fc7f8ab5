/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of references. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"

static size_t place(const struct field_list *list, const char *uuid)
{
	char **items = list->items;
	size_t i = 0;

	while (i < list->n && strcmp(items[i], uuid) != 0)
		i++;
	return i;
}

bool uuids_have(const struct field_list *list, const char *uuid)
{
	return place(list, uuid) < list->n;
}

void uuids_add(struct field_list *list, const char *uuid)
{
	char **items = mem_array(list->n + 1, sizeof(*items));

	if (list->n)
		memcpy(items, list->items, list->n * sizeof(*items));
	items[list->n++] = mem_text(uuid);
	free(list->items);
	list->items = items;
}

bool uuids_remove(struct field_list *list, const char *uuid)
{
	size_t i = place(list, uuid);
	char **items = list->items;

	if (i == list->n)
		return false;
	free(items[i]);
	memmove(items + i, items + i + 1, (--list->n - i) * sizeof(*items));
	return true;
}
