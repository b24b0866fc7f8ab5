/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database file: opening, statements, transactions. */
#include "controller/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/store/db_state.h"

/* Texts of statements come from queries too: no more than these are kept. */
#define STATEMENTS_MAX 512

struct statement {
	struct map_node node;
	char *text;
	sqlite3_stmt *statement;
};

/* The errno that a result of SQLite is nearest to. */
static int code_of(const struct db *db)
{
	switch (sqlite3_extended_errcode(db->sqlite)) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return -EEXIST;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	default:
		return -EIO;
	}
}

int db_fault(const struct db *db, struct err *err, const char *format, ...)
{
	AUTO(free_ptr) char *what = NULL;
	va_list args;

	va_start(args, format);
	what = mem_vformat(format, args);
	va_end(args);
	return err_set(err, code_of(db), "%s: %s", what, sqlite3_errmsg(db->sqlite));
}

int db_run(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fault(db, err, "database");
	return 0;
}

static bool same_text(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct statement, node)->text, key) == 0;
}

/* Those that stand in the middle of their rows are somebody's: 'all' is for the end. */
static void forget_statements(struct db *db, bool all)
{
	struct map_node *node, *after;

	map_for_each (&db->statements, node, after) {
		struct statement *statement = CONTAINER_OF(node, struct statement, node);

		if (!all && sqlite3_stmt_busy(statement->statement))
			continue;
		map_remove(&db->statements, node);
		sqlite3_finalize(statement->statement);
		free(statement->text);
		free(statement);
	}
	if (all)
		map_clear(&db->statements);
}

int db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *err)
{
	uint64_t hash = map_hash_text(sql);
	struct map_node *node = map_find(&db->statements, hash, same_text, sql);
	struct statement *statement;

	if (node) {
		*ret = CONTAINER_OF(node, struct statement, node)->statement;
		sqlite3_reset(*ret);
		sqlite3_clear_bindings(*ret);
		return 0;
	}
	if (db->statements.n >= STATEMENTS_MAX)
		forget_statements(db, false);
	if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) !=
	    SQLITE_OK)
		return db_fault(db, err, "database");
	statement = mem_alloc(sizeof(*statement));
	statement->text = mem_text(sql);
	statement->statement = *ret;
	map_add(&db->statements, &statement->node, hash);
	return 0;
}

int db_step(struct db *db, sqlite3_stmt *statement, struct err *err)
{
	int ret;

	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		sqlite3_reset(statement);
		return 0;
	default:
		ret = db_fault(db, err, "database");
		sqlite3_reset(statement);
		return ret;
	}
}

/* One process at a time; the lock goes with it. */
static int lock_directory(struct db *db, const char *directory, struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/lock", directory);

	db->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock < 0)
		return err_errno(err, -errno, "%s", path);
	if (flock(db->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, -EBUSY, "%s: another controllerd has it", directory);
	return err_errno(err, -errno, "%s", path);
}

/* A commit is on the disk when it returns. References are looked at when a transaction ends, so
 * that within it the order of changes is free. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA temp_store = MEMORY;";

static int open_file(struct db *db, const char *directory, struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/controller.db", directory);
	mode_t mask = umask(077); /* It holds secrets; SQLite's other files are made likewise. */
	int done = sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				   NULL);
	int ret = done == SQLITE_OK ? db_run(db, settings, err) : db_fault(db, err, "database");

	umask(mask);
	if (ret == 0)
		ret = schema_update(db, err);
	return ret < 0 ? err_in(err, "%s", path) : 0;
}

int db_open(const char *directory, const struct db_table *const *tables, struct db **ret,
	    struct err *err)
{
	struct db *db = mem_alloc(sizeof(*db));

	db->tables = tables;
	db->lock = -1;
	if (lock_directory(db, directory, err) < 0 || open_file(db, directory, err) < 0) {
		db_close(db);
		return err->code;
	}
	*ret = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	forget_statements(db, true);
	sqlite3_close(db->sqlite);
	close_fd(&db->lock);
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
	return db_run(db, "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
	return db_run(db, "COMMIT", err);
}

void db_rollback(struct db *db)
{
	sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

void db_rows_clear(struct db_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		field_clear(rows->table->fields, db_row(rows, i));
	free(rows->records);
	*rows = (struct db_rows)DB_ROWS_NONE;
}
