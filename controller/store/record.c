/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One record: insert, update, delete, get. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

static const char *uuid_of(const void *record)
{
	return *(char *const *)record;
}

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

static void bind_columns(const struct db *db, const struct db_table *table, const void *record,
			 struct statement *statement)
{
	int at = 0;

	for (const struct field *field = table->fields; field->name; field++)
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
	db->engine->bind_text(statement, 0, uuid_of(record));
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
			      uuid_of(record));
	return ret;
}

static int write_links(struct db *db, const struct db_table *table, const struct field *field,
		       const void *record, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("INSERT INTO \"%s.%s\" VALUES (?, ?, ?)", table->name, field->name);
	const struct field_list *list = field_at(field, record);

	for (size_t i = 0; i < list->n; i++) {
		struct statement *statement;

		if (db_prepare(db, sql, &statement, err) < 0)
			return err->code;
		db->engine->bind_text(statement, 0, uuid_of(record));
		db->engine->bind_number(statement, 1, (int64_t)i);
		db->engine->bind_text(statement, 2, ((char **)list->items)[i]);
		if (db->engine->step(statement, err) < 0)
			return err->code;
	}
	return 0;
}

static int forget_links(struct db *db, const struct db_table *table, const struct field *field,
			const char *uuid, struct err *err)
{
	AUTO(free_ptr)
	char *sql =
		mem_format("DELETE FROM \"%s.%s\" WHERE \"owner\" = ?", table->name, field->name);
	struct statement *statement;

	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, uuid);
	return db->engine->step(statement, err);
}

static int write_all_links(struct db *db, const struct db_table *table, const void *record,
			   bool forget, struct err *err)
{
	for (const struct field *field = table->fields; field->name; field++) {
		if (!column_is_links(field))
			continue;
		if (forget && forget_links(db, table, field, uuid_of(record), err) < 0)
			return err->code;
		if (write_links(db, table, field, record, err) < 0)
			return err->code;
	}
	return 0;
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
	bind_columns(db, table, record, statement);
	if (db->engine->step(statement, err) < 0)
		return err->code == -EEXIST ? explain_conflict(db, table, record, err) : err->code;
	return write_all_links(db, table, record, false, err);
}

int db_update(struct db *db, const struct db_table *table, const void *record, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;
	const char *between = "";
	struct statement *statement;
	int at = 0;

	text_format(&sql, "UPDATE \"%s\" SET ", table->name);
	for (const struct field *field = table->fields; field->name; field++) {
		if (!column_is(field))
			continue;
		text_format(&sql, "%s\"%s\" = ?", between, field->name);
		between = ", ";
		at++;
	}
	text_add(&sql, " WHERE \"uuid\" = ?");
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	bind_columns(db, table, record, statement);
	db->engine->bind_text(statement, at, uuid_of(record));
	if (db->engine->step(statement, err) < 0)
		return err->code == -EEXIST ? explain_conflict(db, table, record, err) : err->code;
	if (!db->engine->changes(statement))
		return err_set(err, -ENOENT, "there is no %s %s", table->name, uuid_of(record));
	return write_all_links(db, table, record, true, err);
}

int db_delete(struct db *db, const struct db_table *table, const char *uuid, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("DELETE FROM \"%s\" WHERE \"uuid\" = ?", table->name);
	struct statement *statement;

	for (const struct field *field = table->fields; field->name; field++)
		if (column_is_links(field) && forget_links(db, table, field, uuid, err) < 0)
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

static int read_links(struct db *db, const struct db_table *table, const struct field *field,
		      void *record, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("SELECT \"target\" FROM \"%s.%s\" WHERE \"owner\" = ? "
			       "ORDER BY \"position\"",
			       table->name, field->name);
	struct field_list *list = field_at(field, record);
	struct statement *statement;
	size_t room = 0;
	int more;

	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, uuid_of(record));
	while ((more = db->engine->step(statement, err)) > 0) {
		mem_grow(&list->items, &room, list->n + 1, sizeof(char *));
		((char **)list->items)[list->n++] = mem_text(db->engine->text_at(statement, 0));
	}
	return more;
}

int record_read(struct db *db, const struct db_table *table, struct statement *statement,
		void *record, struct err *err)
{
	int at = 0, ret = 0;

	for (const struct field *field = table->fields; ret == 0 && field->name; field++) {
		if (column_is(field))
			ret = column_read(db, statement, at++, field, field_at(field, record), err);
		else if (column_is_links(field))
			ret = read_links(db, table, field, record, err);
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
