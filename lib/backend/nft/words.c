/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/nft/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int words_split(struct words *words, const char *text, struct err *err)
{
	char *at;

	words->copy = mem_text(text);
	at = words->copy;
	while (*at) {
		char *end;

		if (*at == ' ')
			return err_set(err, -EINVAL, "two spaces, or one at the beginning");
		if (*at == '"') {
			end = strchr(++at, '"');
			if (!end || (end[1] != ' ' && end[1] != '\0'))
				return err_set(err, -EINVAL, "a quote is open at '%s'", at);
			*end++ = '\0';
		} else {
			end = at + strcspn(at, " ");
		}
		mem_grow(&words->words, &words->room, words->n + 1, sizeof(*words->words));
		words->words[words->n++] = at;
		if (!*end)
			break;
		*end = '\0';
		at = end + 1;
		if (!*at)
			return err_set(err, -EINVAL, "a space at the end");
	}
	return 0;
}

const char *words_peek(const struct words *words)
{
	return words->at < words->n ? words->words[words->at] : NULL;
}

const char *words_take(struct words *words)
{
	return words->at < words->n ? words->words[words->at++] : NULL;
}

bool words_accept(struct words *words, const char *word)
{
	const char *next = words_peek(words);

	if (!next || strcmp(next, word) != 0)
		return false;
	words->at++;
	return true;
}

void words_clear(struct words *words)
{
	free(words->copy);
	free(words->words);
	*words = (struct words)WORDS_NONE;
}
