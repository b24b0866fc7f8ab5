/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One record: insert, update, delete, get. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

void record_columns(struct text *sql, const struct db_table *table)
{
	const char *between = "";

	for (const struct field *field = table->fields; field->name; field++) {
		if (!column_is(field))
			continue;
		text_format(sql, "%s\"%s\"", between, field->name);
		between = ", ";
	}
}

/* Those of 'fields', which are all of a table's or the last of them. */
static void bind_columns(const struct db *db, const struct field *fields, const void *record,
			 struct statement *statement)
{
	int at = 0;

	for (const struct field *field = fields; field->name; field++)
		if (column_is(field))
			column_bind(db, statement, at++, field, field_at(field, record));
}

/* "address 10.0.0.5": for a sentence. */
static void say_field(struct text *text, const struct field *field, const void *record)
{
	struct field alone[2] = { *field, { 0 } };
	json_t *json = field_encode(alone, record, false),
	       *value = json_object_get(json, field->name);

	if (json_is_string(value))
		text_format(text, "%s \"%s\"", field->name, json_string_value(value));
	else if (json_is_integer(value))
		text_format(text, "%s %lld", field->name, (long long)json_integer_value(value));
	else
		text_add(text, field->name);
	json_decref(json);
}

/* Who else has what this record has in 'fields' ("network,address"): -EEXIST says so. 0: nobody,
 * or it has no value there. */
static int check_unique(struct db *db, const struct db_table *table, const void *record,
			const char *fields, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE, said = TEXT_NONE;
	const struct field *bound[8];
	struct statement *statement;
	size_t n = 0;
	int ret;

	text_format(&sql, "SELECT \"uuid\" FROM \"%s\" WHERE \"uuid\" != ?", table->name);
	for (const char *at = fields; *at && n < ARRAY_SIZE(bound);) {
		size_t length = strcspn(at, ",");
		AUTO(free_ptr) char *name = mem_text_n(at, length);
		const struct field *field = db_field(table, name);

		if (!field || !field_value_given(field, field_at(field, record)))
			return 0;
		text_format(&sql, " AND \"%s\" = ?", name);
		text_add(&said, n ? ", " : "");
		say_field(&said, field, record);
		bound[n++] = field;
		at += length + (at[length] != '\0');
	}
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, record_uuid(record));
	for (size_t i = 0; i < n; i++)
		column_bind(db, statement, (int)i + 1, bound[i], field_at(bound[i], record));
	ret = db->engine->step(statement, err);
	if (ret <= 0)
		return ret;
	ret = err_set(err, -EEXIST, "%s has %s already", db->engine->text_at(statement, 0),
		      text_view(&said));
	db->engine->reset(statement);
	return ret;
}

/* The index has refused it; who stands in the way makes a better sentence. */
static int explain_conflict(struct db *db, const struct db_table *table, const void *record,
			    struct err *err)
{
	int ret = 0;

	for (const struct field *field = table->fields + 1; ret == 0 && field->name; field++)
		if (field->unique)
			ret = check_unique(db, table, record, field->name, err);
	for (const char *const *at = table->uniques; ret == 0 && at && *at; at++)
		ret = check_unique(db, table, record, *at, err);
	if (ret == 0)
		ret = err_set(err, -EEXIST, "there is a %s %s already", table->name,
			      record_uuid(record));
	return ret;
}

int db_insert(struct db *db, const struct db_table *table, const void *record, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;
	const char *between = "";
	struct statement *statement;

	text_format(&sql, "INSERT INTO \"%s\" (", table->name);
	record_columns(&sql, table);
	text_add(&sql, ") VALUES (");
	for (const struct field *field = table->fields; field->name; field++) {
		if (!column_is(field))
			continue;
		text_format(&sql, "%s?", between);
		between = ", ";
	}
	text_add(&sql, ")");
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	bind_columns(db, table->fields, record, statement);
	if (db->engine->step(statement, err) < 0)
		return err->code == -EEXIST ? explain_conflict(db, table, record, err) : err->code;
	return links_add(db, table, record, err);
}

int db_update(struct db *db, const struct db_table *table, const void *record, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;
	const char *between = "";
	struct statement *statement;
	int at = 0;

	text_format(&sql, "UPDATE \"%s\" SET ", table->name);
	/* Not the uuid, which is first: a database looks at all that refers to it when it is set.
	 */
	for (const struct field *field = table->fields + 1; field->name; field++) {
		if (!column_is(field))
			continue;
		text_format(&sql, "%s\"%s\" = ?", between, field->name);
		between = ", ";
		at++;
	}
	text_add(&sql, " WHERE \"uuid\" = ?");
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	bind_columns(db, table->fields + 1, record, statement);
	db->engine->bind_text(statement, at, record_uuid(record));
	if (db->engine->step(statement, err) < 0)
		return err->code == -EEXIST ? explain_conflict(db, table, record, err) : err->code;
	if (!db->engine->changes(statement))
		return err_set(err, -ENOENT, "there is no %s %s", table->name, record_uuid(record));
	return links_update(db, table, record, err);
}

int db_delete(struct db *db, const struct db_table *table, const char *uuid, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("DELETE FROM \"%s\" WHERE \"uuid\" = ?", table->name);
	struct statement *statement;

	if (links_forget(db, table, uuid, err) < 0)
		return err->code;
	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, uuid);
	if (db->engine->step(statement, err) < 0)
		return err->code;
	if (!db->engine->changes(statement))
		return err_set(err, -ENOENT, "there is no %s %s", table->name, uuid);
	return 0;
}

int record_read(struct db *db, const struct db_table *table, struct statement *statement,
		void *record, struct err *err)
{
	int at = 0, ret = 0;

	for (const struct field *field = table->fields; ret == 0 && field->name; field++) {
		if (column_is(field))
			ret = column_read(db, statement, at++, field, field_at(field, record), err);
		else if (column_is_links(field))
			ret = links_read(db, table, field, record, err);
		else
			field_value_fallback(field, field_at(field, record));
	}
	if (ret < 0)
		field_clear(table->fields, record);
	return ret;
}

int db_get(struct db *db, const struct db_table *table, const char *uuid, void *record,
	   struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;
	struct statement *statement;
	int ret;

	text_add(&sql, "SELECT ");
	record_columns(&sql, table);
	text_format(&sql, " FROM \"%s\" WHERE \"uuid\" = ?", table->name);
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, uuid);
	ret = db->engine->step(statement, err);
	if (ret == 0)
		return err_set(err, -ENOENT, "there is no %s %s", table->name, uuid);
	if (ret < 0)
		return ret;
	ret = record_read(db, table, statement, record, err);
	db->engine->reset(statement);
	return ret;
}

int db_has(struct db *db, const struct db_table *table, const char *uuid, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("SELECT 1 FROM \"%s\" WHERE \"uuid\" = ?", table->name);
	struct statement *statement;
	int ret;

	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, uuid);
	ret = db->engine->step(statement, err);
	db->engine->reset(statement);
	return ret;
}

int db_fill(struct db *db, const struct db_table *table, const char *field, const char *text,
	    struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("UPDATE \"%s\" SET \"%s\" = ? WHERE \"%s\" IS NULL", table->name,
			       field, field);
	struct statement *statement;

	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, text);
	return db->engine->step(statement, err);
}

int db_delete_less(struct db *db, const struct db_table *table, const char *field, int64_t number,
		   struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("DELETE FROM \"%s\" WHERE \"%s\" < ?", table->name, field);
	struct statement *statement;

	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_number(statement, 0, number);
	return db->engine->step(statement, err);
}
