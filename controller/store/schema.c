/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables and indexes out of field tables. A database of an older version gets what it lacks; one
 * with columns that are unknown here is left alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

static void add_column(const struct db *db, struct text *sql, const struct field *field)
{
	text_format(sql, "\"%s\" %s", field->name, column_type(db->engine, field));
	if (field->type == FIELD_REFERENCE)
		text_format(sql, " REFERENCES \"%s\"(\"uuid\") DEFERRABLE INITIALLY DEFERRED",
			    field->target);
}

/* Where references may not lead to what is made later, all columns but the first come later too. */
static int make_table(struct db *db, const struct db_table *table, struct err *err)
{
	const struct engine *engine = db->engine;
	AUTO(text_clear) struct text sql = TEXT_NONE;

	text_format(&sql, "CREATE TABLE IF NOT EXISTS \"%s\" (\"uuid\" %s PRIMARY KEY NOT NULL",
		    table->name, engine->text);
	if (engine->order)
		text_format(&sql, ", %s", engine->order);
	for (const struct field *field = table->fields + 1; engine->forward && field->name;
	     field++) {
		if (!column_is(field))
			continue;
		text_add(&sql, ", ");
		add_column(db, &sql, field);
	}
	text_add(&sql, ")");
	return engine->run(db->session, text_view(&sql), err);
}

/* A name in quotes, as long as the database lets names be: the rest as a number, since what has the
 * name already is not made again. */
static void add_name(const struct db *db, struct text *sql, const char *name)
{
	size_t max = db->engine->name_max, kept = max - 17;

	if (!max || strlen(name) <= max)
		text_format(sql, "\"%s\"", name);
	else
		text_format(sql, "\"%.*s:%016llx\"", (int)kept, name,
			    (unsigned long long)map_hash_more(0, name + kept, strlen(name + kept)));
}

/* A list of references: who refers to an object is found as fast as what an object refers to. */
static int make_links(struct db *db, const struct db_table *table, const struct field *field,
		      struct err *err)
{
	AUTO(free_ptr) char *links = mem_format("%s.%s:target", table->name, field->name);
	AUTO(text_clear) struct text sql = TEXT_NONE;
	const struct engine *engine = db->engine;

	text_format(&sql,
		    "CREATE TABLE IF NOT EXISTS \"%s.%s\" (\"owner\" %s NOT NULL "
		    "REFERENCES \"%s\"(\"uuid\") DEFERRABLE INITIALLY DEFERRED, "
		    "\"position\" %s NOT NULL, \"target\" %s NOT NULL "
		    "REFERENCES \"%s\"(\"uuid\") DEFERRABLE INITIALLY DEFERRED, "
		    "PRIMARY KEY (\"owner\", \"position\"))%s;",
		    table->name, field->name, engine->text, table->name, engine->number,
		    engine->text, field->element->target, engine->links);
	text_add(&sql, "CREATE INDEX IF NOT EXISTS ");
	add_name(db, &sql, links);
	text_format(&sql, " ON \"%s.%s\" (\"target\")", table->name, field->name);
	return engine->run(db->session, text_view(&sql), err);
}

/* What records from before the column have there is what they would have without giving it. */
static int fill_columns(struct db *db, const struct db_table *table, const struct field **missing,
			size_t n, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;
	struct statement *statement;

	text_format(&sql, "UPDATE \"%s\" SET", table->name);
	for (size_t i = 0; i < n; i++)
		text_format(&sql, "%s \"%s\" = ?", i ? "," : "", missing[i]->name);
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	for (size_t i = 0; i < n; i++) {
		AUTO(free_ptr) void *value = mem_alloc(field_value_size(missing[i]));

		field_value_fallback(missing[i], value);
		column_bind(db, statement, (int)i, missing[i], value);
	}
	return db->engine->step(statement, err);
}

static int add_columns(struct db *db, const struct db_table *table, const struct field **missing,
		       size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(text_clear) struct text sql = TEXT_NONE;

		text_format(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", table->name);
		add_column(db, &sql, missing[i]);
		if (db->engine->run(db->session, text_view(&sql), err) < 0)
			return err->code;
	}
	return n ? fill_columns(db, table, missing, n, err) : 0;
}

/* A column that nobody here knows was written by a newer version. 'names' is "|uuid|name|". */
static int check_columns(const struct db_table *table, const char *names, struct err *err)
{
	for (const char *at = names + 1; *at;) {
		size_t length = strcspn(at, "|");
		AUTO(free_ptr) char *name = mem_text_n(at, length);
		const struct field *field = db_field(table, name);

		if (!field || !column_is(field))
			return err_set(err, -EBADMSG,
				       "a newer version has written it: %s has \"%s\", of which "
				       "this one knows nothing",
				       table->name, name);
		at += length + 1;
	}
	return 0;
}

static int update_table(struct db *db, const struct db_table *table, struct err *err)
{
	AUTO(text_clear) struct text known = TEXT_NONE;
	AUTO(free_ptr) const struct field **missing = NULL;
	size_t n = 0, room = 0;

	if (db->engine->columns(db->session, table->name, &known, err) < 0 ||
	    check_columns(table, text_view(&known), err) < 0)
		return err->code;
	for (const struct field *field = table->fields; field->name; field++) {
		AUTO(free_ptr) char *name = mem_format("|%s|", field->name);

		if (column_is_links(field) && make_links(db, table, field, err) < 0)
			return err->code;
		if (!column_is(field) || strstr(text_view(&known), name))
			continue;
		mem_grow(&missing, &room, n + 1, sizeof(*missing));
		missing[n++] = field;
	}
	return add_columns(db, table, missing, n, err);
}

/* 'fields' is "network,address". */
static int make_index(struct db *db, const struct db_table *table, const char *fields, bool unique,
		      struct err *err)
{
	AUTO(free_ptr)
	char *name = mem_format("%s:%s%s", table->name, fields, unique ? ":unique" : "");
	AUTO(text_clear) struct text sql = TEXT_NONE;

	text_format(&sql, "CREATE %sINDEX IF NOT EXISTS ", unique ? "UNIQUE " : "");
	add_name(db, &sql, name);
	text_format(&sql, " ON \"%s\" (", table->name);
	for (const char *at = fields; *at;) {
		size_t length = strcspn(at, ",");

		text_format(&sql, "%s\"%.*s\"", at == fields ? "" : ", ", (int)length, at);
		at += length + (at[length] != '\0');
	}
	text_add(&sql, ")");
	return db->engine->run(db->session, text_view(&sql), err);
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

int schema_check(struct db *db, struct err *err)
{
	for (size_t i = 0; db->tables[i]; i++) {
		const struct db_table *table = db->tables[i];
		AUTO(text_clear) struct text known = TEXT_NONE;

		if (db->engine->columns(db->session, table->name, &known, err) < 0 ||
		    check_columns(table, text_view(&known), err) < 0)
			return err->code;
		for (const struct field *field = table->fields; field->name; field++) {
			AUTO(free_ptr) char *name = mem_format("|%s|", field->name);

			if (column_is(field) && !strstr(text_view(&known), name))
				return err_set(err, -EBADMSG,
					       "no controllerd of this version has opened it yet: "
					       "%s has no \"%s\"",
					       table->name, field->name);
		}
	}
	return 0;
}
