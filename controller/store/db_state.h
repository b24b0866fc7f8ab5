/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db_state.h - the database's inside, for its own files. */
#ifndef WEFT_STORE_DB_STATE_H
#define WEFT_STORE_DB_STATE_H

#include "controller/store/db.h"
#include "controller/store/engine.h"
#include "lib/base/map.h"

struct db {
	const struct db_table *const *tables;
	const struct engine *engine;
	struct session *session;
	struct map statements; /* By their text. */
};

/* The statement of a text, reset and without parameters; the database's own. */
int db_prepare(struct db *db, const char *sql, struct statement **ret, struct err *err);

/* schema.c: makes tables and indexes as the field tables say. */
int schema_update(struct db *db, struct err *err);
/* -EBADMSG: they are not as the field tables say. */
int schema_check(struct db *db, struct err *err);

/* Whether a field is a column of its table; if not, it is a list of references in a table of its
 * own ("TABLE.FIELD" with owner, position, target), or is not kept. */
bool column_is(const struct field *field);
bool column_is_links(const struct field *field);
const char *column_type(const struct engine *engine, const struct field *field);

/* column.c: a field's value into a parameter, and out of a row; both counted from 0. */
void column_bind(const struct db *db, struct statement *statement, int at,
		 const struct field *field, const void *value);
int column_read(const struct db *db, const struct statement *statement, int at,
		const struct field *field, void *value, struct err *err);

/* view.c: the condition under which a record of the table is seen. Its parameter ?1 is the account;
 * a view without account has no condition. */
void view_add(const struct db *db, const struct db_view *view, const struct db_table *table,
	      struct text *sql);

/* links.c: a record's lists of references. links_update() writes what differs. */
int links_add(struct db *db, const struct db_table *table, const void *record, struct err *err);
int links_update(struct db *db, const struct db_table *table, const void *record, struct err *err);
int links_forget(struct db *db, const struct db_table *table, const char *uuid, struct err *err);
int links_read(struct db *db, const struct db_table *table, const struct field *field, void *record,
	       struct err *err);

/* Each record begins with it. */
static inline const char *record_uuid(const void *record)
{
	return *(char *const *)record;
}

/* record.c: the columns of a table as a list, ', "name", ...', and one row of them. */
void record_columns(struct text *sql, const struct db_table *table);
int record_read(struct db *db, const struct db_table *table, struct statement *statement,
		void *record, struct err *err);

#endif
