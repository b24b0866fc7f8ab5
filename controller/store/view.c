/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sees what: the one place that says it, as a condition of SQL. */
#include <string.h>

#include "controller/store/db_state.h"

static void add_own(const struct db_view *view, const struct db_table *table, struct text *sql)
{
	text_format(sql, "\"%s\" = ?1", table->owner);
	if (table->shared && !view->own)
		text_format(sql,
			    " OR \"shared_with_all\" != 0 OR \"uuid\" IN (SELECT \"owner\" FROM "
			    "\"%s.shared_with\" WHERE \"target\" = ?1)",
			    table->name);
}

/* 'names' is "router,vpc_router". */
static void add_parts(const struct db *db, const struct db_view *view, const struct db_table *table,
		      struct text *sql)
{
	for (const char *at = table->part_of; *at;) {
		size_t length = strcspn(at, ",");
		AUTO(free_ptr) char *name = mem_text_n(at, length);
		const char *target = db_field(table, name)->target;

		text_format(sql, "%s\"%s\" IN (SELECT \"uuid\" FROM \"%s\" WHERE ",
			    at == table->part_of ? "" : " OR ", name, target);
		view_add(db, view, db_table(db, target), sql);
		text_add(sql, ")");
		at += length + (at[length] != '\0');
	}
}

void view_add(const struct db *db, const struct db_view *view, const struct db_table *table,
	      struct text *sql)
{
	text_add(sql, "(");
	if (table->owner)
		add_own(view, table, sql);
	else if (table->part_of)
		add_parts(db, view, table, sql);
	else
		text_add(sql, "1 = 0");
	text_add(sql, ")");
}

int db_sees(struct db *db, const struct db_table *table, const char *uuid,
	    const struct db_view *view, struct err *err)
{
	AUTO(text_clear) struct text sql = TEXT_NONE;
	struct statement *statement;
	int ret;

	if (!view->account)
		return db_has(db, table, uuid, err);
	text_format(
		&sql,
		"SELECT 1 FROM \"%s\" WHERE CAST(?1 AS TEXT) IS NOT NULL AND \"uuid\" = ?2 AND ",
		table->name);
	view_add(db, view, table, &sql);
	if (db_prepare(db, text_view(&sql), &statement, err) < 0)
		return err->code;
	db->engine->bind_text(statement, 0, view->account);
	db->engine->bind_text(statement, 1, uuid);
	ret = db->engine->step(statement, err);
	db->engine->reset(statement);
	return ret;
}
