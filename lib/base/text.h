/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - a text that grows at its end. */
#ifndef WEFT_BASE_TEXT_H
#define WEFT_BASE_TEXT_H

#include "lib/base/mem.h"

struct text {
	char *bytes; /* NUL-terminated once something was added; NULL before. */
	size_t length, room;
};

#define TEXT_NONE \
	{         \
		0 \
	}

void text_add(struct text *text, const char *more);
void text_add_n(struct text *text, const char *more, size_t length);
void text_format(struct text *text, const char *format, ...) PRINTF(2, 3);

/* What there is, never NULL; the text's own. */
const char *text_view(const struct text *text);

/* The same as the caller's own, to be freed; 'text' is empty afterwards. */
char *text_take(struct text *text);

void text_clear(struct text *text);

#endif
