/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database: opening, statements, transactions. */
#include "controller/store/db.h"

#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"

/* Texts of statements come from queries too: no more than these are kept. */
#define STATEMENTS_MAX 512

struct kept {
	struct map_node node;
	char *text;
	struct statement *statement;
};

static bool same_text(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct kept, node)->text, key) == 0;
}

/* Those that stand in the middle of their rows are somebody's: 'all' is for the end. */
static void forget_statements(struct db *db, bool all)
{
	struct map_node *node, *after;

	map_for_each (&db->statements, node, after) {
		struct kept *kept = CONTAINER_OF(node, struct kept, node);

		if (!all && db->engine->busy(kept->statement))
			continue;
		map_remove(&db->statements, node);
		db->engine->finalize(kept->statement);
		free(kept->text);
		free(kept);
	}
	if (all)
		map_clear(&db->statements);
}

int db_prepare(struct db *db, const char *sql, struct statement **ret, struct err *err)
{
	uint64_t hash = map_hash_text(sql);
	struct map_node *node = map_find(&db->statements, hash, same_text, sql);
	struct kept *kept;

	if (node) {
		*ret = CONTAINER_OF(node, struct kept, node)->statement;
		db->engine->reset(*ret);
		return 0;
	}
	if (db->statements.n >= STATEMENTS_MAX)
		forget_statements(db, false);
	if (db->engine->prepare(db->session, sql, ret, err) < 0)
		return err->code;
	kept = mem_alloc(sizeof(*kept));
	kept->text = mem_text(sql);
	kept->statement = *ret;
	map_add(&db->statements, &kept->node, hash);
	return 0;
}

static const struct engine *engine_of(const char *where)
{
	return strncmp(where, "postgresql:", strlen("postgresql:")) == 0 ? &engine_postgres
									 : &engine_sqlite;
}

static int open_db(const char *where, bool reads, const struct db_table *const *tables,
		   struct db **ret, struct err *err)
{
	struct db *db = mem_alloc(sizeof(*db));

	db->tables = tables;
	db->engine = engine_of(where);
	if (db->engine->open(where, reads, &db->session, err) < 0 ||
	    (reads ? schema_check(db, err) : schema_update(db, err)) < 0) {
		/* A URI may hold a password. */
		err_in(err, "%s", db->engine == &engine_sqlite ? where : "PostgreSQL");
		db_close(db);
		return err->code;
	}
	*ret = db;
	return 0;
}

int db_open(const char *where, const struct db_table *const *tables, struct db **ret,
	    struct err *err)
{
	return open_db(where, false, tables, ret, err);
}

int db_open_to_read(const char *where, const struct db_table *const *tables, struct db **ret,
		    struct err *err)
{
	return open_db(where, true, tables, ret, err);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->session) {
		forget_statements(db, true);
		db->engine->close(db->session);
	}
	free(db);
}

const struct db_table *db_table(const struct db *db, const char *name)
{
	for (size_t i = 0; db->tables[i]; i++)
		if (strcmp(db->tables[i]->name, name) == 0)
			return db->tables[i];
	return NULL;
}

const struct field *db_field(const struct db_table *table, const char *name)
{
	for (const struct field *field = table->fields; field->name; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

int db_begin(struct db *db, struct err *err)
{
	return db->engine->begin(db->session, err);
}

int db_commit(struct db *db, struct err *err)
{
	return db->engine->commit(db->session, err);
}

void db_rollback(struct db *db)
{
	db->engine->rollback(db->session);
}

void db_rows_clear(struct db_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		field_clear(rows->table->fields, db_row(rows, i));
	free(rows->records);
	*rows = (struct db_rows)DB_ROWS_NONE;
}
