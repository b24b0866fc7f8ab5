/* SPDX-License-Identifier: GPL-2.0-or-later */
/* element.h - one element of a set: its text and its bytes. */
#ifndef WEFT_NFT_ELEMENT_H
#define WEFT_NFT_ELEMENT_H

#include "lib/backend/nft/declaration.h"

struct element {
	/* All of 'key' to all of 'last', part by part; the same where it is one value. */
	uint8_t key[VALUE_BYTES_MAX], last[VALUE_BYTES_MAX];
	uint8_t value[VALUE_BYTES_MAX]; /* SET_DATA_VALUE. */
	int verdict;                    /* SET_DATA_VERDICT: NF_ACCEPT, NFT_JUMP, ... */
	const char *name;               /* The chain of a jump, or a counter's. Borrowed. */
};

/* 'element' borrows from 'data_text'. */
int element_parse(const struct declaration *declaration, const char *key_text,
		  const char *data_text, struct element *element, struct err *err);

void element_key_format(const struct declaration *declaration, const uint8_t *key,
			const uint8_t *last, struct text *out);
void element_data_format(const struct declaration *declaration, const struct element *element,
			 struct text *out);

/* "accept", "jump CHAIN"; '*chain' points into 'text' or is NULL. */
bool verdict_parse(const char *text, int *verdict, const char **chain);
void verdict_format(int verdict, const char *chain, struct text *out);

#endif
