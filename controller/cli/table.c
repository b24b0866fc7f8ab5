/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/cli/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void table_init(struct table *table, const char *const *titles)
{
	*table = (struct table){ 0 };
	while (titles[table->n_columns] && table->n_columns < TABLE_COLUMNS) {
		table->titles[table->n_columns] = titles[table->n_columns];
		table->n_columns++;
	}
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ 0 };
}

static void add_owned(struct table *table, char *text)
{
	mem_grow(&table->cells, &table->room, table->n + 1, sizeof(*table->cells));
	table->cells[table->n++] = text;
}

void table_add(struct table *table, const char *text)
{
	char *cell = mem_text(text && *text ? text : "-");

	text_make_plain(cell);
	add_owned(table, cell);
}

void table_add_number(struct table *table, int64_t number)
{
	add_owned(table, mem_format("%" PRId64, number));
}

/* Characters of UTF-8. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool is_number(const struct table *table, size_t column)
{
	return table->titles[column][0] == '>';
}

static const char *title(const struct table *table, size_t column)
{
	return table->titles[column] + is_number(table, column);
}

static void print_cell(const struct table *table, size_t column, const char *text, size_t wide,
		       FILE *to)
{
	int space = (int)(wide - width(text));

	if (is_number(table, column))
		fprintf(to, "%*s%s", space, "", text);
	else if (column + 1 < table->n_columns)
		fprintf(to, "%s%*s", text, space, "");
	else
		fputs(text, to);
	fputs(column + 1 < table->n_columns ? "  " : "\n", to);
}

void table_print(const struct table *table, FILE *to)
{
	size_t wide[TABLE_COLUMNS];

	if (!table->n || !table->n_columns)
		return;
	for (size_t i = 0; i < table->n_columns; i++)
		wide[i] = width(title(table, i));
	for (size_t i = 0; i < table->n; i++) {
		size_t *most = &wide[i % table->n_columns];
		size_t own = width(table->cells[i]);

		*most = own > *most ? own : *most;
	}
	for (size_t i = 0; i < table->n_columns; i++)
		print_cell(table, i, title(table, i), wide[i], to);
	for (size_t i = 0; i < table->n; i++)
		print_cell(table, i % table->n_columns, table->cells[i], wide[i % table->n_columns],
			   to);
}

/* C1 controls are two bytes in UTF-8: 0xc2 0x80-0x9f. */
void text_make_plain(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at; at++) {
		if (*at < ' ' || *at == 0x7f)
			*at = '?';
		if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			at[0] = at[1] = '?';
	}
}
