/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

void text_add(struct text *text, const char *more)
{
	text_add_n(text, more, strlen(more));
}

void text_add_n(struct text *text, const char *more, size_t length)
{
	mem_grow(&text->bytes, &text->room, text->length + length + 1, 1);
	memcpy(text->bytes + text->length, more, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_format(struct text *text, const char *format, ...)
{
	AUTO(free_ptr) char *more = NULL;
	va_list args;

	va_start(args, format);
	more = mem_vformat(format, args);
	va_end(args);
	text_add(text, more);
}

const char *text_view(const struct text *text)
{
	return text->bytes ? text->bytes : "";
}

char *text_take(struct text *text)
{
	char *bytes = text->bytes ? text->bytes : mem_text("");

	*text = (struct text)TEXT_NONE;
	return bytes;
}

void text_clear(struct text *text)
{
	free(text->bytes);
	*text = (struct text)TEXT_NONE;
}
