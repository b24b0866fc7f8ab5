/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PostgreSQL, through libpq. A call waits for the server: what is asked for is small, and the one
 * who asks is the only one who writes (an advisory lock sees to that). */
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/engine.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"

/* "weft", of all who use this database. */
#define LOCK "2003133044"

#define TEXT_FORMAT   0
#define BINARY_FORMAT 1

struct session {
	PGconn *connection;
	bool in_transaction;
	bool reads;             /* Beside who writes, without the lock. */
	bool locked;            /* On this connection: nobody else writes. */
	unsigned int connected; /* How often: prepared statements are a connection's. */
	unsigned int prepared;  /* How many have been; each has a number for a name. */
};

struct statement {
	struct session *session;
	char *sql, *name;
	unsigned int connected; /* The connection that it was prepared on. */
	bool updates;           /* What a unique index refuses is taken back by a savepoint. */
	int n;
	char **values; /* Owned; NULL is NULL. */
	int *lengths, *formats;
	PGresult *result; /* NULL: not begun. */
	int row;
};

static bool connected(const struct session *session)
{
	return PQstatus(session->connection) == CONNECTION_OK;
}

/* What the server or libpq says is a sentence with a line's end, or several lines. */
static int fault(const struct session *session, const PGresult *result, struct err *err)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	int code = -EIO;

	if (!said)
		said = PQerrorMessage(session->connection);
	if (state && strcmp(state, "23505") == 0)
		code = -EEXIST;
	else if (state && strcmp(state, "53100") == 0)
		code = -ENOSPC;
	else if (state && strcmp(state, "25006") == 0)
		code = -EROFS;
	return err_set(err, code, "database: %.*s", (int)strcspn(said, "\n"), said);
}

static bool is_done(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static int run(struct session *session, const char *sql, struct err *err)
{
	PGresult *result = PQexec(session->connection, sql);
	int ret = is_done(result) ? 0 : fault(session, result, err);

	PQclear(result);
	return ret;
}

/* The one who writes is the one who has the lock; it goes with the connection. */
static int lock(struct session *session, struct err *err)
{
	PGresult *result = PQexec(session->connection, "SELECT pg_try_advisory_lock(" LOCK ")");
	int ret = 0;

	if (!is_done(result))
		ret = fault(session, result, err);
	else if (strcmp(PQgetvalue(result, 0, 0), "t") != 0)
		ret = err_set(err, -EBUSY, "another controllerd has it");
	session->locked = ret == 0;
	PQclear(result);
	return ret;
}

static void ignore_notice(void *data, const char *message)
{
	(void)data;
	(void)message;
}

static int connection_begin(struct session *session, struct err *err)
{
	session->locked = false;
	if (!connected(session))
		return fault(session, NULL, err);
	session->connected++;
	PQsetNoticeProcessor(session->connection, ignore_notice, NULL);
	if (PQsetClientEncoding(session->connection, "UTF8") != 0)
		return fault(session, NULL, err);
	return session->reads ? 0 : lock(session, err);
}

/* A connection that broke is made anew, but not within a transaction: that one is gone. One that is
 * there without the lock is another's turn: it is as good as none. */
static int ready(struct session *session, struct err *err)
{
	if (connected(session) && (session->locked || session->reads))
		return 0;
	if (session->in_transaction)
		return err_set(err, -EIO, "database: the connection was lost");
	PQreset(session->connection);
	if (connection_begin(session, err) < 0)
		return err->code;
	log_info("controllerd: the database answers again");
	return 0;
}

static int begin(struct session *session, struct err *err)
{
	const char *how =
		session->reads ? "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" : "BEGIN";

	if (ready(session, err) < 0 || run(session, how, err) < 0)
		return err->code;
	session->in_transaction = true;
	return 0;
}

/* A COMMIT of a transaction in which something failed is answered with success and "ROLLBACK". */
static int commit(struct session *session, struct err *err)
{
	PGresult *result = PQexec(session->connection, "COMMIT");
	int ret = 0;

	if (!is_done(result))
		ret = fault(session, result, err);
	else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
		ret = err_set(err, -EIO, "database: the transaction had failed before");
	session->in_transaction = ret < 0 && connected(session) &&
				  PQtransactionStatus(session->connection) != PQTRANS_IDLE;
	PQclear(result);
	return ret;
}

static void rollback(struct session *session)
{
	PQclear(PQexec(session->connection, "ROLLBACK"));
	session->in_transaction = false;
}

static int colon_at(const char *said)
{
	const char *colon = strstr(said, ": ");

	return colon ? (int)(colon - said) : (int)strcspn(said, "\n");
}

/* A password on the command line is everybody's. */
static int check_where(const char *where, struct err *err)
{
	char *said = NULL;
	PQconninfoOption *options = PQconninfoParse(where, &said);
	int ret = 0;

	if (!options) {
		/* Behind the colon it repeats what was given, a password too. */
		ret = err_set(err, -EINVAL, "--database: %.*s", said ? colon_at(said) : 0,
			      said ? said : "");
		PQfreemem(said);
		return ret;
	}
	for (PQconninfoOption *option = options; option->keyword; option++)
		if (option->val && strcmp(option->keyword, "password") == 0)
			ret = err_set(err, -EINVAL,
				      "--database: a password is not for the command line: name "
				      "a passfile");
	PQconninfoFree(options);
	return ret;
}

static void close_session(struct session *session)
{
	PQfinish(session->connection);
	free(session);
}

static int open_session(const char *where, bool reads, struct session **ret, struct err *err)
{
	struct session *session;

	if (check_where(where, err) < 0)
		return err->code;
	session = mem_alloc(sizeof(*session));
	session->reads = reads;
	session->connection = PQconnectdb(where);
	if (connection_begin(session, err) < 0) {
		close_session(session);
		return err->code;
	}
	*ret = session;
	return 0;
}

/* "?3" as "$3", and "?" as the number behind the largest so far, as SQLite counts; how many there
 * are. */
static int numbered(const char *sql, struct text *ret)
{
	char quote = '\0';
	int n = 0;

	while (*sql) {
		char c = *sql++;
		int number = n + 1;

		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? '\0' : c;
		if (c != '?' || quote) {
			text_format(ret, "%c", c);
			continue;
		}
		if (*sql >= '1' && *sql <= '9')
			number = (int)strtol(sql, (char **)(uintptr_t)&sql, 10);
		if (number > n)
			n = number;
		text_format(ret, "$%d", number);
	}
	return n;
}

static int prepare_here(struct statement *statement, struct err *err)
{
	struct session *session = statement->session;
	PGresult *result = PQprepare(session->connection, statement->name, statement->sql, 0, NULL);
	int ret = is_done(result) ? 0 : fault(session, result, err);

	PQclear(result);
	if (ret == 0)
		statement->connected = session->connected;
	return ret;
}

static void finalize(struct statement *statement);

static int prepare(struct session *session, const char *sql, struct statement **ret,
		   struct err *err)
{
	struct statement *statement = mem_alloc(sizeof(*statement));
	struct text text = TEXT_NONE;

	statement->session = session;
	statement->n = numbered(sql, &text);
	statement->updates = strncmp(sql, "UPDATE ", 7) == 0;
	/* Whom an insert is in the way of is not touched, and the transaction not spoilt. */
	if (strncmp(sql, "INSERT ", 7) == 0)
		text_add(&text, " ON CONFLICT DO NOTHING");
	statement->sql = text_take(&text);
	statement->name = mem_format("s%u", session->prepared++);
	statement->values = mem_alloc(sizeof(*statement->values) * ((size_t)statement->n + 1));
	statement->lengths = mem_alloc(sizeof(*statement->lengths) * ((size_t)statement->n + 1));
	statement->formats = mem_alloc(sizeof(*statement->formats) * ((size_t)statement->n + 1));
	if (ready(session, err) < 0 || prepare_here(statement, err) < 0) {
		finalize(statement);
		return err->code;
	}
	*ret = statement;
	return 0;
}

static void forget_result(struct statement *statement)
{
	PQclear(statement->result);
	statement->result = NULL;
	statement->row = 0;
}

static void put(struct statement *statement, int at, char *value, size_t length, int format)
{
	free(statement->values[at]);
	statement->values[at] = value;
	statement->lengths[at] = (int)length;
	statement->formats[at] = format;
}

static void reset(struct statement *statement)
{
	forget_result(statement);
	for (int i = 0; i < statement->n; i++)
		put(statement, i, NULL, 0, TEXT_FORMAT);
}

static void finalize(struct statement *statement)
{
	struct session *session = statement->session;

	if (statement->connected == session->connected && connected(session)) {
		AUTO(free_ptr) char *sql = mem_format("DEALLOCATE %s", statement->name);

		PQclear(PQexec(session->connection, sql));
	}
	reset(statement);
	free(statement->values);
	free(statement->lengths);
	free(statement->formats);
	free(statement->sql);
	free(statement->name);
	free(statement);
}

/* After the last row the result stays for changes(), until the statement is used anew. */
static bool has_ended(const struct statement *statement)
{
	return statement->row > PQntuples(statement->result);
}

static bool busy(const struct statement *statement)
{
	return statement->result && !has_ended(statement);
}

static int execute(struct statement *statement, struct err *err)
{
	struct session *session = statement->session;
	PGresult *result = PQexecPrepared(session->connection, statement->name, statement->n,
					  (const char *const *)statement->values,
					  statement->lengths, statement->formats, BINARY_FORMAT);
	int ret = 0;

	if (!is_done(result)) {
		ret = fault(session, result, err);
		PQclear(result);
		return ret;
	}
	statement->result = result;
	if (strncmp(PQcmdStatus(result), "INSERT", 6) == 0 && strcmp(PQcmdTuples(result), "0") == 0)
		ret = err_set(err, -EEXIST, "database: there is such a record already");
	return ret;
}

/* A statement that fails spoils its transaction, but for what happened since a savepoint. */
static int execute_update(struct statement *statement, struct err *err)
{
	struct session *session = statement->session;
	struct err ignored = ERR_NONE;

	if (run(session, "SAVEPOINT change", err) < 0)
		return err->code;
	if (execute(statement, err) < 0) {
		run(session, "ROLLBACK TO change", &ignored);
		err_clear(&ignored);
		return err->code;
	}
	return run(session, "RELEASE change", err);
}

static int begin_rows(struct statement *statement, struct err *err)
{
	struct session *session = statement->session;

	if (ready(session, err) < 0)
		return err->code;
	if (statement->connected != session->connected && prepare_here(statement, err) < 0)
		return err->code;
	return statement->updates && session->in_transaction ? execute_update(statement, err)
							     : execute(statement, err);
}

static int step(struct statement *statement, struct err *err)
{
	if (statement->result && has_ended(statement))
		forget_result(statement);
	if (!statement->result && begin_rows(statement, err) < 0) {
		forget_result(statement);
		return err->code;
	}
	return statement->row++ < PQntuples(statement->result);
}

static int64_t changes(const struct statement *statement)
{
	return statement->result ? strtoll(PQcmdTuples(statement->result), NULL, 10) : 0;
}

static void bind_null(struct statement *statement, int at)
{
	put(statement, at, NULL, 0, TEXT_FORMAT);
}

static void bind_number(struct statement *statement, int at, int64_t number)
{
	put(statement, at, mem_format("%lld", (long long)number), 0, TEXT_FORMAT);
}

static void bind_text(struct statement *statement, int at, const char *text)
{
	put(statement, at, mem_text(text), 0, TEXT_FORMAT);
}

static void bind_bytes(struct statement *statement, int at, const void *bytes, size_t size)
{
	char *copy = mem_alloc(size + 1);

	if (size)
		memcpy(copy, bytes, size);
	put(statement, at, copy, size, BINARY_FORMAT);
}

static bool is_null(const struct statement *statement, int at)
{
	return PQgetisnull(statement->result, statement->row - 1, at);
}

static const char *text_at(const struct statement *statement, int at)
{
	return PQgetvalue(statement->result, statement->row - 1, at);
}

/* bigint, in network order. */
static int64_t number_at(const struct statement *statement, int at)
{
	uint64_t number = 0;

	if (PQgetlength(statement->result, statement->row - 1, at) == (int)sizeof(number))
		memcpy(&number, text_at(statement, at), sizeof(number));
	return (int64_t)be64toh(number);
}

static const void *bytes_at(const struct statement *statement, int at, size_t *size)
{
	*size = (size_t)PQgetlength(statement->result, statement->row - 1, at);
	return text_at(statement, at);
}

static int columns(struct session *session, const char *table, struct text *names, struct err *err)
{
	struct statement *statement;
	int more;

	if (prepare(session,
		    "SELECT column_name::text FROM information_schema.columns WHERE "
		    "table_schema = current_schema() AND table_name = ? AND "
		    "column_name != 'rowid' ORDER BY ordinal_position",
		    &statement, err) < 0)
		return err->code;
	bind_text(statement, 0, table);
	text_add(names, "|");
	while ((more = step(statement, err)) > 0)
		text_format(names, "%s|", text_at(statement, 0));
	finalize(statement);
	return more;
}

/* Texts compare by their bytes, as in SQLite, whatever the database's language is. */
const struct engine engine_postgres = {
	.number = "BIGINT",
	.bytes = "BYTEA",
	.text = "TEXT COLLATE \"C\"",
	.order = "\"rowid\" BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE",
	.like = "ILIKE ? ESCAPE ''",
	.links = "",
	.name_max = 63,
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
