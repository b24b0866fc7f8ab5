/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.h - rows of text in columns as wide as what they hold. */
#ifndef WEFT_CLI_TABLE_H
#define WEFT_CLI_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS 10

struct table {
	const char *titles[TABLE_COLUMNS]; /* NULL ends them. One that begins with '>' is of
					      numbers, which stand to the right. */
	size_t n_columns;
	char **cells; /* Owned, row by row. */
	size_t n, room;
};

/* 'titles' has to outlive the table; NULL ends it. */
void table_init(struct table *table, const char *const *titles);
void table_clear(struct table *table);

/* Adds the next cell, NULL being "-"; rows fill from the left. */
void table_add(struct table *table, const char *text);
void table_add_number(struct table *table, int64_t number);

/* Prints titles and rows; nothing at all if there is no row. */
void table_print(const struct table *table, FILE *to);

/* Replaces control characters, so that what came from outside cannot steer the terminal. */
void text_make_plain(char *text);

#endif
