/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User data as nft(8) has it: type, length, value, one after another. */
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/nft_state.h"

void user_data_put(struct user_data *data, uint8_t type, const void *value, size_t size)
{
	if (size > 255 || data->size + 2 + size > sizeof(data->bytes))
		return; /* What does not fit is only for people; texts that count are short. */
	data->bytes[data->size++] = type;
	data->bytes[data->size++] = (uint8_t)size;
	memcpy(data->bytes + data->size, value, size);
	data->size += size;
}

void user_data_put_text(struct user_data *data, uint8_t type, const char *text)
{
	if (*text)
		user_data_put(data, type, text, strlen(text) + 1);
}

char *user_data_get(const void *bytes, size_t size, uint8_t type, size_t *length)
{
	const uint8_t *at = bytes, *end;

	if (!bytes)
		return NULL;
	end = at + size;
	while (end - at >= 2 && end - at >= 2 + at[1]) {
		if (at[0] == type) {
			if (length)
				*length = at[1];
			return mem_text_n((const char *)at + 2, at[1]);
		}
		at += 2 + at[1];
	}
	return NULL;
}
