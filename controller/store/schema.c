/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables and indexes out of field tables. A database of an older version gets what it lacks; one
 * with columns that are unknown here is left alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

static void add_column(struct text *sql, const struct field *field)
{
	text_format(sql, "\"%s\" %s", field->name, column_type(field));
	if (field->type == FIELD_REFERENCE)
		text_format(sql, " REFERENCES \"%s\"(\"uuid\") DEFERRABLE INITIALLY DEFERRED",
			    field->target);
}

static int make_table(struct db *db, const struct db_table *table, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;

	text_format(&sql, "CREATE TABLE IF NOT EXISTS \"%s\" (\"uuid\" TEXT PRIMARY KEY NOT NULL",
		    table->name);
	for (const struct field *field = table->fields + 1; field->name; field++) {
		if (!column_is(field))
			continue;
		text_add(&sql, ", ");
		add_column(&sql, field);
	}
	text_add(&sql, ")");
	return db_run(db, text_view(&sql), err);
}

/* A list of references: who refers to an object is found as fast as what an object refers to. */
static int make_links(struct db *db, const struct db_table *table, const struct field *field,
		      struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;

	text_format(&sql,
		    "CREATE TABLE IF NOT EXISTS \"%s.%s\" (\"owner\" TEXT NOT NULL "
		    "REFERENCES \"%s\"(\"uuid\") DEFERRABLE INITIALLY DEFERRED, "
		    "\"position\" INTEGER NOT NULL, \"target\" TEXT NOT NULL "
		    "REFERENCES \"%s\"(\"uuid\") DEFERRABLE INITIALLY DEFERRED, "
		    "PRIMARY KEY (\"owner\", \"position\")) WITHOUT ROWID;"
		    "CREATE INDEX IF NOT EXISTS \"%s.%s:target\" ON \"%s.%s\" (\"target\")",
		    table->name, field->name, table->name, field->element->target, table->name,
		    field->name, table->name, field->name);
	return db_run(db, text_view(&sql), err);
}

/* What records from before the column have there is what they would have without giving it. */
static int fill_column(struct db *db, const struct db_table *table, const struct field *field,
		       struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("UPDATE \"%s\" SET \"%s\" = ?", table->name, field->name);
	AUTO(free_ptr) void *value = mem_alloc(field_value_size(field));
	sqlite3_stmt *statement;
	int ret = db_prepare(db, sql, &statement, err);

	if (ret < 0)
		return ret;
	field_value_fallback(field, value);
	if (column_bind(statement, 1, field, value) != SQLITE_OK)
		return db_fault(db, err, "database");
	ret = db_step(db, statement, err);
	return ret < 0 ? ret : 0;
}

static int add_missing_column(struct db *db, const struct db_table *table,
			      const struct field *field, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;

	text_format(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", table->name);
	add_column(&sql, field);
	if (db_run(db, text_view(&sql), err) < 0)
		return err->code;
	return fill_column(db, table, field, err);
}

/* The columns that the table has, as text: "|uuid|name|". */
static int known_columns(struct db *db, const struct db_table *table, struct text *names,
			 struct err *err)
{
	AUTO(free_ptr) char *sql = mem_format("PRAGMA table_info(\"%s\")", table->name);
	sqlite3_stmt *statement;
	int more;

	if (sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL) != SQLITE_OK)
		return db_fault(db, err, "database");
	text_add(names, "|");
	while ((more = db_step(db, statement, err)) > 0) {
		const char *name = (const char *)sqlite3_column_text(statement, 1);
		const struct field *field = db_field(table, name);

		text_format(names, "%s|", name);
		if (field && column_is(field))
			continue;
		more = err_set(err, -EBADMSG,
			       "a newer version has written it: %s has \"%s\", of which this one "
			       "knows nothing",
			       table->name, name);
		break;
	}
	sqlite3_finalize(statement);
	return more < 0 ? more : 0;
}

static int update_table(struct db *db, const struct db_table *table, struct err *err)
{
	AUTO(text_clear) struct text known = TEXT_NONE;

	if (known_columns(db, table, &known, err) < 0)
		return err->code;
	for (const struct field *field = table->fields; field->name; field++) {
		AUTO(free_ptr) char *name = mem_format("|%s|", field->name);

		if (column_is_links(field) && make_links(db, table, field, err) < 0)
			return err->code;
		if (column_is(field) && !strstr(text_view(&known), name) &&
		    add_missing_column(db, table, field, err) < 0)
			return err->code;
	}
	return 0;
}

/* 'fields' is "network,address". */
static int make_index(struct db *db, const struct db_table *table, const char *fields, bool unique,
		      struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;

	text_format(&sql, "CREATE %sINDEX IF NOT EXISTS \"%s:%s%s\" ON \"%s\" (",
		    unique ? "UNIQUE " : "", table->name, fields, unique ? ":unique" : "",
		    table->name);
	for (const char *at = fields; *at;) {
		size_t length = strcspn(at, ",");

		text_format(&sql, "%s\"%.*s\"", at == fields ? "" : ", ", (int)length, at);
		at += length + (at[length] != '\0');
	}
	text_add(&sql, ")");
	return db_run(db, text_view(&sql), err);
}

static int make_indexes(struct db *db, const struct db_table *table, struct err *err)
{
	for (const struct field *field = table->fields + 1; field->name; field++) {
		bool wanted = field->unique || field->indexed || field->type == FIELD_REFERENCE;

		if (wanted && column_is(field) &&
		    make_index(db, table, field->name, field->unique, err) < 0)
			return err->code;
	}
	for (const char *const *at = table->uniques; at && *at; at++)
		if (make_index(db, table, *at, true, err) < 0)
			return err->code;
	return 0;
}

int schema_update(struct db *db, struct err *err)
{
	int ret = db_begin(db, err);

	for (size_t i = 0; ret == 0 && db->tables[i]; i++)
		ret = make_table(db, db->tables[i], err);
	for (size_t i = 0; ret == 0 && db->tables[i]; i++) {
		ret = update_table(db, db->tables[i], err);
		if (ret == 0)
			ret = make_indexes(db, db->tables[i], err);
	}
	if (ret == 0)
		ret = db_commit(db, err);
	if (ret < 0)
		db_rollback(db);
	return ret;
}
