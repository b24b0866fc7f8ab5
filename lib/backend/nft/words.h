/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - a text cut at its spaces; a word that begins with '"' goes on to the next one. */
#ifndef WEFT_NFT_WORDS_H
#define WEFT_NFT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

struct words {
	char *copy;
	char **words; /* Into 'copy', quotes stripped. */
	size_t n, room, at;
};

#define WORDS_NONE \
	{          \
		0  \
	}

int words_split(struct words *words, const char *text, struct err *err);
const char *words_peek(const struct words *words); /* NULL at the end. */
const char *words_take(struct words *words);
bool words_accept(struct words *words, const char *word); /* Takes it if it is the next. */
void words_clear(struct words *words);

#endif
