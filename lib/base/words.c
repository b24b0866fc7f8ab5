/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/words.h"

#include <string.h>

json_t *words_split(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t length = strcspn(text, ",");

		json_array_append_new(list, json_stringn(text, length));
		text += length + (text[length] == ',');
	}
	return list;
}
