/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of references of a record, each in a table of its own: owner, position, target. Positions
 * tell the order and may have gaps, so that a change of one reference writes one row. */
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

int links_read(struct db *db, const struct db_table *table, const struct field *field, void *record,
	       struct err *err)
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
	db->engine->bind_text(statement, 0, record_uuid(record));
	while ((more = db->engine->step(statement, err)) > 0) {
		mem_grow(&list->items, &room, list->n + 1, sizeof(char *));
		((char **)list->items)[list->n++] = mem_text(db->engine->text_at(statement, 0));
	}
	return more;
}

/* The references from the 'first' on, from 'position' on. */
static int append(struct db *db, const struct db_table *table, const struct field *field,
		  const void *record, size_t first, int64_t position, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("INSERT INTO \"%s.%s\" VALUES (?, ?, ?)", table->name, field->name);
	const struct field_list *list = field_at(field, record);

	for (size_t i = first; i < list->n; i++) {
		struct statement *statement;

		if (db_prepare(db, sql, &statement, err) < 0)
			return err->code;
		db->engine->bind_text(statement, 0, record_uuid(record));
		db->engine->bind_number(statement, 1, position++);
		db->engine->bind_text(statement, 2, ((char **)list->items)[i]);
		if (db->engine->step(statement, err) < 0)
			return err->code;
	}
	return 0;
}

int links_add(struct db *db, const struct db_table *table, const void *record, struct err *err)
{
	for (const struct field *field = table->fields; field->name; field++)
		if (column_is_links(field) && append(db, table, field, record, 0, 0, err) < 0)
			return err->code;
	return 0;
}

/* What goes through the rows that there are beside the references that there are to be. */
struct walk {
	int64_t *gone; /* Positions of rows that are no more. */
	size_t n_gone, room;
	size_t kept; /* So many references have their row. */
	int64_t end; /* Behind the last position. */
};

/* A row stays if it has the next reference; what does not come in the old order is written anew. */
static int compare(struct db *db, const struct db_table *table, const struct field *field,
		   const void *record, struct walk *walk, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("SELECT \"position\", \"target\" FROM \"%s.%s\" WHERE "
			       "\"owner\" = ? ORDER BY \"position\"",
			       table->name, field->name);
	const struct field_list *list = field_at(field, record);
	struct statement *statement;
	int more;

	if (db_prepare(db, sql, &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, record_uuid(record));
	while ((more = db->engine->step(statement, err)) > 0) {
		int64_t position = db->engine->number_at(statement, 0);

		walk->end = position + 1;
		if (walk->kept < list->n && strcmp(((char **)list->items)[walk->kept],
						   db->engine->text_at(statement, 1)) == 0) {
			walk->kept++;
			continue;
		}
		mem_grow(&walk->gone, &walk->room, walk->n_gone + 1, sizeof(*walk->gone));
		walk->gone[walk->n_gone++] = position;
	}
	return more;
}

static int forget_rows(struct db *db, const struct db_table *table, const struct field *field,
		       const void *record, const struct walk *walk, struct err *err)
{
	AUTO(free_ptr)
	char *sql = mem_format("DELETE FROM \"%s.%s\" WHERE \"owner\" = ? AND \"position\" = ?",
			       table->name, field->name);

	for (size_t i = 0; i < walk->n_gone; i++) {
		struct statement *statement;

		if (db_prepare(db, sql, &statement, err) < 0)
			return err->code;
		db->engine->bind_text(statement, 0, record_uuid(record));
		db->engine->bind_number(statement, 1, walk->gone[i]);
		if (db->engine->step(statement, err) < 0)
			return err->code;
	}
	return 0;
}

static int update(struct db *db, const struct db_table *table, const struct field *field,
		  const void *record, struct err *err)
{
	struct walk walk = { 0 };
	int ret = compare(db, table, field, record, &walk, err);

	if (ret == 0)
		ret = forget_rows(db, table, field, record, &walk, err);
	if (ret == 0)
		ret = append(db, table, field, record, walk.kept, walk.end, err);
	free(walk.gone);
	return ret;
}

int links_update(struct db *db, const struct db_table *table, const void *record, struct err *err)
{
	for (const struct field *field = table->fields; field->name; field++)
		if (column_is_links(field) && update(db, table, field, record, err) < 0)
			return err->code;
	return 0;
}

int links_forget(struct db *db, const struct db_table *table, const char *uuid, struct err *err)
{
	for (const struct field *field = table->fields; field->name; field++) {
		struct statement *statement;

		if (!column_is_links(field))
			continue;
		AUTO(free_ptr)
		char *sql = mem_format("DELETE FROM \"%s.%s\" WHERE \"owner\" = ?", table->name,
				       field->name);

		if (db_prepare(db, sql, &statement, err) < 0)
			return err->code;
		db->engine->bind_text(statement, 0, uuid);
		if (db->engine->step(statement, err) < 0)
			return err->code;
	}
	return 0;
}
