/* SPDX-License-Identifier: GPL-2.0-or-later */
/* type.h - the types of values in rules and sets: their texts, their bytes.
 *
 * Bytes are as the kernel compares them: in network order, but for marks, interface names and the
 * like, which are as the machine holds them. */
#ifndef WEFT_NFT_TYPE_H
#define WEFT_NFT_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/text.h"

#define TYPE_BYTES_MAX 16

struct type_word {
	const char *word;
	uint32_t value;
};

struct type;
typedef bool type_parse_fn(const struct type *type, const char *text, uint8_t *bytes);
typedef void type_format_fn(const struct type *type, const uint8_t *bytes, struct text *out);

struct type {
	const char *name;
	uint32_t kernel;               /* As nft(8) numbers it: what it prints the set with. */
	uint8_t size;                  /* Bytes. */
	bool host_order;               /* As the machine holds numbers; has no ranges then. */
	bool prefixes;                 /* Can be written as ADDRESS/LENGTH. */
	bool in_sets;                  /* May be named in the declaration of a set. */
	bool bits;                     /* Words are flags; a list of them is their union. */
	bool hexadecimal;              /* How a number is written. */
	const struct type_word *words; /* Ends with a NULL word; NULL: none. */
	type_parse_fn *parse;          /* NULL: a word or a number. */
	type_format_fn *format;
};

/* The types by the name that selectors and sets call them; NULL if there is none. */
const struct type *type_find(const char *name);

/* One value; the text must be all of it. */
bool type_parse(const struct type *type, const char *text, uint8_t *bytes);
void type_format(const struct type *type, const uint8_t *bytes, struct text *out);

/* A value, a prefix or a range. */
struct range {
	uint8_t first[TYPE_BYTES_MAX], last[TYPE_BYTES_MAX];
};

int range_parse(const struct type *type, const char *text, struct range *range, struct err *err);
void range_format(const struct type *type, const struct range *range, struct text *out);
bool range_is_single(const struct type *type, const struct range *range);
/* The length of the prefix that 'range' is, or -1. */
int range_prefix_length(const struct type *type, const struct range *range);

/* Adds or takes one, as a number in network order; false when that runs over the end. */
bool bytes_increment(uint8_t *bytes, size_t size);
bool bytes_decrement(uint8_t *bytes, size_t size);

/* A number of 'size' bytes (1, 2, 4) in the type's order. */
void type_put_number(const struct type *type, uint32_t value, uint8_t *bytes);
uint32_t type_get_number(const struct type *type, const uint8_t *bytes);

/* "0x1f" or "31"; the whole text. */
bool number_parse(const char *text, uint64_t max, uint64_t *value);

#endif
