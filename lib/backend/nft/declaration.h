/* SPDX-License-Identifier: GPL-2.0-or-later */
/* declaration.h - what a set or map holds: "map ipv4_addr . inet_service : verdict interval". */
#ifndef WEFT_NFT_DECLARATION_H
#define WEFT_NFT_DECLARATION_H

#include "lib/backend/nft/type.h"

#define TYPE_LIST_MAX   8
#define VALUE_BYTES_MAX 64 /* What the kernel's registers hold. */
#define SET_KEY_MAX     80 /* "FAMILY TABLE SET", as far as another set can name it. */

struct type_list {
	const struct type *types[TYPE_LIST_MAX];
	size_t n;
	size_t size; /* Bytes: each part of a concatenation is padded to 4. */
};

enum set_data {
	SET_DATA_NONE, /* A set. */
	SET_DATA_VALUE,
	SET_DATA_VERDICT,
	SET_DATA_COUNTER, /* Names of counters. */
};

struct declaration {
	struct type_list key;
	enum set_data data;
	struct type_list value; /* For SET_DATA_VALUE. */
	bool interval, dynamic, counter;
	uint32_t timeout_s; /* 0: elements stay. */
	/* Elements remember what those of the same key in these sets ("ip weft vip_up") had counted
	 * when they came; "": they do not. */
	char since[2][SET_KEY_MAX];
};

int declaration_parse(const char *text, struct declaration *declaration, struct err *err);

/* Whether the kernel keeps an interval as two elements, where it begins and behind where it ends.
 */
bool declaration_has_edges(const struct declaration *declaration);

bool type_list_add(struct type_list *list, const struct type *type);
/* Where part 'index' begins. */
size_t type_list_offset(const struct type_list *list, size_t index);
uint32_t type_list_kernel(const struct type_list *list); /* As nft(8) numbers it. */
/* Same number of parts and sizes. */
bool type_list_fits(const struct type_list *list, const struct type_list *other);
void type_list_format(const struct type_list *list, struct text *out);

#endif
