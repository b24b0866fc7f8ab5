/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All records of a table, so many at a time: they need not be in memory together. */
#include <stdlib.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

#define AT_ONCE 500

struct walk {
	struct db *db;
	const struct db_table *table;
	db_each_fn *one;
	void *data;
	int64_t after; /* The row before the next one. */
	size_t n;      /* How many came at once. */
};

static int columns_of(const struct db_table *table)
{
	int n = 0;

	for (const struct field *field = table->fields; field->name; field++)
		n += column_is(field);
	return n;
}

static int show(struct walk *walk, struct statement *statement, void *record, struct err *err)
{
	int ret = record_read(walk->db, walk->table, statement, record, err);

	walk->after = walk->db->engine->number_at(statement, columns_of(walk->table));
	walk->n++;
	if (ret == 0)
		ret = walk->one(record, walk->data, err);
	field_clear(walk->table->fields, record);
	return ret;
}

static int some(struct walk *walk, struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(walk->table->size);
	AUTO(text_clear) struct text sql = TEXT_NONE;
	struct statement *statement;
	int ret;

	text_add(&sql, "SELECT ");
	record_columns(&sql, walk->table);
	text_format(&sql, ", \"rowid\" FROM \"%s\" WHERE \"rowid\" > ? ORDER BY \"rowid\" LIMIT %d",
		    walk->table->name, AT_ONCE);
	ret = db_prepare(walk->db, text_view(&sql), &statement, err);
	if (ret < 0)
		return ret;
	walk->n = 0;
	walk->db->engine->bind_number(statement, 0, walk->after);
	while ((ret = walk->db->engine->step(statement, err)) > 0) {
		ret = show(walk, statement, record, err);
		if (ret != 0) {
			walk->db->engine->reset(statement);
			break;
		}
	}
	return ret;
}

int db_each(struct db *db, const struct db_table *table, db_each_fn *one, void *data,
	    struct err *err)
{
	struct walk walk = { .db = db, .table = table, .one = one, .data = data };
	int ret;

	do
		ret = some(&walk, err);
	while (ret == 0 && walk.n == AT_ONCE);
	return ret;
}
