/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite: a file of the controller's own. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/store/engine.h"
#include "lib/base/mem.h"

struct session {
	sqlite3 *sqlite;
	int lock; /* -1: it only reads. */
};

struct statement {
	sqlite3 *sqlite;
	sqlite3_stmt *inner;
	bool fault; /* A parameter could not be bound. */
};

/* The errno that a result of SQLite is nearest to. */
static int code_of(sqlite3 *sqlite)
{
	switch (sqlite3_extended_errcode(sqlite)) {
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

static int fault(sqlite3 *sqlite, struct err *err)
{
	return err_set(err, code_of(sqlite), "database: %s", sqlite3_errmsg(sqlite));
}

static int run(struct session *session, const char *sql, struct err *err)
{
	if (sqlite3_exec(session->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fault(session->sqlite, err);
	return 0;
}

/* One process at a time; the lock goes with it. */
static int lock_directory(struct session *session, const char *directory, struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/lock", directory);

	session->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (session->lock < 0)
		return err_errno(err, -errno, "lock");
	if (flock(session->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, -EBUSY, "another controllerd has it");
	return err_errno(err, -errno, "lock");
}

/* A commit is on the disk when it returns. References are looked at when a transaction ends, so
 * that within it the order of changes is free. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA temp_store = MEMORY;";

/* The log beside the file has the last changes: who reads takes part in it. */
static const char settings_to_read[] = "PRAGMA query_only = ON;"
				       "PRAGMA busy_timeout = 10000;"
				       "PRAGMA temp_store = MEMORY;";

static int open_file(struct session *session, const char *directory, struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/controller.db", directory);
	bool reads = session->lock < 0;
	mode_t mask = umask(077); /* It holds secrets; SQLite's other files are made likewise. */
	int done = sqlite3_open_v2(path, &session->sqlite,
				   SQLITE_OPEN_READWRITE | (reads ? 0 : SQLITE_OPEN_CREATE), NULL);
	int ret = done == SQLITE_OK ? run(session, reads ? settings_to_read : settings, err)
				    : fault(session->sqlite, err);

	umask(mask);
	return ret < 0 ? err_in(err, "controller.db") : 0;
}

static int begin(struct session *session, struct err *err)
{
	return run(session, session->lock < 0 ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

static int commit(struct session *session, struct err *err)
{
	return run(session, "COMMIT", err);
}

static void rollback(struct session *session)
{
	sqlite3_exec(session->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

static void close_session(struct session *session)
{
	sqlite3_close(session->sqlite);
	close_fd(&session->lock);
	free(session);
}

static int open_session(const char *where, bool reads, struct session **ret, struct err *err)
{
	struct session *session = mem_alloc(sizeof(*session));

	session->lock = -1;
	if ((!reads && lock_directory(session, where, err) < 0) ||
	    open_file(session, where, err) < 0) {
		close_session(session);
		return err->code;
	}
	*ret = session;
	return 0;
}

static int prepare(struct session *session, const char *sql, struct statement **ret,
		   struct err *err)
{
	struct statement *statement;
	sqlite3_stmt *inner;

	if (sqlite3_prepare_v3(session->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &inner, NULL) !=
	    SQLITE_OK)
		return fault(session->sqlite, err);
	statement = mem_alloc(sizeof(*statement));
	statement->sqlite = session->sqlite;
	statement->inner = inner;
	*ret = statement;
	return 0;
}

static void finalize(struct statement *statement)
{
	sqlite3_finalize(statement->inner);
	free(statement);
}

static void reset(struct statement *statement)
{
	sqlite3_reset(statement->inner);
	sqlite3_clear_bindings(statement->inner);
	statement->fault = false;
}

static bool busy(const struct statement *statement)
{
	return sqlite3_stmt_busy(statement->inner);
}

static int step(struct statement *statement, struct err *err)
{
	int done = statement->fault ? SQLITE_MISUSE : sqlite3_step(statement->inner), ret = 0;

	if (done == SQLITE_ROW)
		return 1;
	if (statement->fault)
		ret = err_set(err, -EIO, "database: a value is too long for it");
	else if (done != SQLITE_DONE)
		ret = fault(statement->sqlite, err);
	sqlite3_reset(statement->inner);
	return ret;
}

static int64_t changes(const struct statement *statement)
{
	return sqlite3_changes64(statement->sqlite);
}

static void bound(struct statement *statement, int done)
{
	if (done != SQLITE_OK)
		statement->fault = true;
}

static void bind_null(struct statement *statement, int at)
{
	bound(statement, sqlite3_bind_null(statement->inner, at + 1));
}

static void bind_number(struct statement *statement, int at, int64_t number)
{
	bound(statement, sqlite3_bind_int64(statement->inner, at + 1, number));
}

static void bind_text(struct statement *statement, int at, const char *text)
{
	bound(statement, sqlite3_bind_text(statement->inner, at + 1, text, -1, SQLITE_TRANSIENT));
}

static void bind_bytes(struct statement *statement, int at, const void *bytes, size_t size)
{
	bound(statement, sqlite3_bind_blob64(statement->inner, at + 1, size ? bytes : "", size,
					     SQLITE_TRANSIENT));
}

static bool is_null(const struct statement *statement, int at)
{
	return sqlite3_column_type(statement->inner, at) == SQLITE_NULL;
}

static int64_t number_at(const struct statement *statement, int at)
{
	return sqlite3_column_int64(statement->inner, at);
}

static const char *text_at(const struct statement *statement, int at)
{
	return (const char *)sqlite3_column_text(statement->inner, at);
}

static const void *bytes_at(const struct statement *statement, int at, size_t *size)
{
	const void *bytes = sqlite3_column_blob(statement->inner, at);

	*size = (size_t)sqlite3_column_bytes(statement->inner, at);
	return bytes;
}

static int columns(struct session *session, const char *table, struct text *names, struct err *err)
{
	AUTO(free_ptr) char *sql = mem_format("PRAGMA table_info(\"%s\")", table);
	struct statement *statement;
	int more;

	if (prepare(session, sql, &statement, err) < 0)
		return err->code;
	text_add(names, "|");
	while ((more = step(statement, err)) > 0)
		text_format(names, "%s|", text_at(statement, 1));
	finalize(statement);
	return more;
}

const struct engine engine_sqlite = {
	.number = "INTEGER",
	.bytes = "BLOB",
	.text = "TEXT",
	.like = "LIKE ?",
	.links = " WITHOUT ROWID",
	.forward = true,
	.open = open_session,
	.close = close_session,
	.run = run,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.prepare = prepare,
	.finalize = finalize,
	.reset = reset,
	.busy = busy,
	.step = step,
	.changes = changes,
	.bind_null = bind_null,
	.bind_number = bind_number,
	.bind_text = bind_text,
	.bind_bytes = bind_bytes,
	.is_null = is_null,
	.number_at = number_at,
	.text_at = text_at,
	.bytes_at = bytes_at,
	.columns = columns,
};
