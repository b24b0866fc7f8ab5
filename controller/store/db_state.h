/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db_state.h - the database's inside, for its own files. */
#ifndef WEFT_STORE_DB_STATE_H
#define WEFT_STORE_DB_STATE_H

#include <sqlite3.h>

#include "controller/store/db.h"
#include "lib/base/map.h"
#include "lib/base/text.h"

struct db {
	const struct db_table *const *tables;
	sqlite3 *sqlite;
	int lock;
	struct map statements; /* By their text. */
};

/* The error that SQLite has, in front of it what could not be done. */
int db_fault(const struct db *db, struct err *err, const char *format, ...) PRINTF(3, 4);

/* A statement without answer and without parameters. */
int db_run(struct db *db, const char *sql, struct err *err);

/* The statement of a text, reset and without parameters; the database's own. */
int db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *err);

/* One step: 1 there is a row, 0 there is none (more). */
int db_step(struct db *db, sqlite3_stmt *statement, struct err *err);

/* schema.c: makes tables and indexes as the field tables say. */
int schema_update(struct db *db, struct err *err);

/* Whether a field is a column of its table; if not, it is a list of references in a table of its
 * own ("TABLE.FIELD" with owner, position, target), or is not kept. */
bool column_is(const struct field *field);
bool column_is_links(const struct field *field);
const char *column_type(const struct field *field);

/* column.c: a field's value into a parameter, and out of a result. */
int column_bind(sqlite3_stmt *statement, int at, const struct field *field, const void *value);
int column_read(sqlite3_stmt *statement, int at, const struct field *field, void *value,
		struct err *err);

/* view.c: the condition under which a record of the table is seen. Its parameter ?1 is the account;
 * a view without account has no condition. */
void view_add(const struct db *db, const struct db_view *view, const struct db_table *table,
	      struct text *sql);

/* record.c: the columns of a table as a list, ', "name", ...', and one row of them. */
void record_columns(struct text *sql, const struct db_table *table);
int record_read(struct db *db, const struct db_table *table, sqlite3_stmt *statement, void *record,
		struct err *err);

#endif
