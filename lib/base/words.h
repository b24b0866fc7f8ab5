/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - lists as people write them: "name,address". */
#ifndef WEFT_BASE_WORDS_H
#define WEFT_BASE_WORDS_H

#include <jansson.h>

/* An array of the texts between commas; of an empty text an empty one. A new reference. */
json_t *words_split(const char *text);

#endif
