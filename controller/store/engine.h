/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine.h - the database behind the store, SQLite or PostgreSQL: statements, and how it calls what
 * the store needs. Statements are written once, with "?" for parameters. */
#ifndef WEFT_STORE_ENGINE_H
#define WEFT_STORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/text.h"

struct session;   /* The opened database; each engine's own. */
struct statement; /* A prepared one; each engine's own. */

struct engine {
	const char *number, *bytes, *text; /* Types of columns. */
	const char *order; /* What a table has beside its fields to know the order of making, as a
			      column's declaration; NULL: "rowid" is there anyway. */
	const char *like;  /* What compares a text with a pattern, small and capital letters alike,
			      as "LIKE ?". */
	const char *links; /* Behind the declaration of a table of references. */
	size_t name_max;   /* Bytes of a name; 0: any number. */
	bool forward;      /* A table may refer to one that is made later. */

	/* 'where' is what db_open() was given. Only one process at a time: -EBUSY. Who only reads
	 * comes beside it, and sees all through a transaction what there was at its beginning. */
	int (*open)(const char *where, bool reads, struct session **ret, struct err *err);
	void (*close)(struct session *session);

	/* Statements without answer and without parameters; several with ";" between them. */
	int (*run)(struct session *session, const char *sql, struct err *err);

	int (*begin)(struct session *session, struct err *err);
	int (*commit)(struct session *session, struct err *err);
	void (*rollback)(struct session *session);

	int (*prepare)(struct session *session, const char *sql, struct statement **ret,
		       struct err *err);
	void (*finalize)(struct statement *statement);
	/* Back to the beginning, without parameters. */
	void (*reset)(struct statement *statement);
	/* Whether it stands in the middle of its rows. */
	bool (*busy)(const struct statement *statement);
	/* One step: 1 there is a row, 0 there is none (more), or an error, -EEXIST if a unique
	 * index refuses it, after which the transaction goes on. But for 1 it is reset then, its
	 * parameters kept. */
	int (*step)(struct statement *statement, struct err *err);
	/* How many records the last step changed. */
	int64_t (*changes)(const struct statement *statement);

	/* Parameters, counted from 0. What is given is copied. */
	void (*bind_null)(struct statement *statement, int at);
	void (*bind_number)(struct statement *statement, int at, int64_t number);
	void (*bind_text)(struct statement *statement, int at, const char *text);
	void (*bind_bytes)(struct statement *statement, int at, const void *bytes, size_t size);

	/* Columns of the row, counted from 0; valid until the next step or reset. */
	bool (*is_null)(const struct statement *statement, int at);
	int64_t (*number_at)(const struct statement *statement, int at);
	const char *(*text_at)(const struct statement *statement, int at);
	const void *(*bytes_at)(const struct statement *statement, int at, size_t *size);

	/* The names of a table's columns, as "|uuid|name|"; "|" of a table that there is not. */
	int (*columns)(struct session *session, const char *table, struct text *names,
		       struct err *err);
};

extern const struct engine engine_sqlite, engine_postgres;

#endif
