/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db.h - records of field tables (lib/base/field.h), kept in SQLite or PostgreSQL.
 *
 * Each table of fields is a table of the database, made and brought up to date when it is opened.
 * There is one writer, this process; what db_commit() has returned for is on the disk. Of what a
 * record means nothing is known here but its references: that they exist, and who refers.
 *
 * Functions that return int return 0, or with 'err':
 *   -EEXIST  another record has the same in a field, or fields, that are unique
 *   -ENOENT  there is no such record
 *   -EINVAL  a query names what there is not; with the path
 *   -ENOSPC, -EIO, ...  the database could not be read or written */
#ifndef WEFT_STORE_DB_H
#define WEFT_STORE_DB_H

#include "lib/base/field.h"

struct db;

struct db_table {
	const char *name;
	const struct field *fields; /* The first is "uuid"; 'target' of a reference is the name of
				       a table. */
	size_t size;                /* Of its struct, which begins with the uuid. */
	const char *const *uniques; /* Fields that together are unique: "network,address"; ended by
				       NULL. One without value is the same as none. */

	/* Whose a record is: see struct db_view. Without either it is nobody's. */
	const char *owner;   /* The field with the owner's uuid. */
	bool shared;         /* There are the fields "shared_with_all" and "shared_with" too. */
	const char *part_of; /* References, "router,vpc_router": it is whose one of these is. */
};

/* Who asks. What he does not see is not there for him, also where a condition leads through it. */
struct db_view {
	const char
		*account; /* Sees what is its own and what is shared with it; NULL: everything. */
	bool own;         /* Only its own. */
};

/* 'where' is a directory: opens controller.db there, and locks the directory; or postgresql://...
 * as libpq takes it. Makes what is missing. 'tables' ends with NULL and outlives the database.
 * -EBUSY: another process has it. -EBADMSG: it was written by a newer version, with fields that
 * this one would lose. */
int db_open(const char *where, const struct db_table *const *tables, struct db **ret,
	    struct err *err);
/* Beside whoever writes: from db_begin() on what there was then. -EBADMSG: it is not of this
 * version. */
int db_open_to_read(const char *where, const struct db_table *const *tables, struct db **ret,
		    struct err *err);
void db_close(struct db *db);

/* NULL: there is none of that name. */
const struct db_table *db_table(const struct db *db, const char *name);
const struct field *db_field(const struct db_table *table, const char *name);

/* Everything between is done at once, or nothing of it. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

int db_insert(struct db *db, const struct db_table *table, const void *record, struct err *err);
int db_update(struct db *db, const struct db_table *table, const void *record, struct err *err);
int db_delete(struct db *db, const struct db_table *table, const char *uuid, struct err *err);

/* Fills 'record' (zeroed), to be cleared by field_clear(). */
int db_get(struct db *db, const struct db_table *table, const char *uuid, void *record,
	   struct err *err);

/* All records in the order of their making, each cleared when 'one' returns; what that returns
 * other than 0 ends it. */
typedef int db_each_fn(const void *record, void *data, struct err *err);
int db_each(struct db *db, const struct db_table *table, db_each_fn *one, void *data,
	    struct err *err);

/* 1: there is such a record, 0: there is none. */
int db_has(struct db *db, const struct db_table *table, const char *uuid, struct err *err);

/* The same, as far as 'view' goes. */
int db_sees(struct db *db, const struct db_table *table, const char *uuid,
	    const struct db_view *view, struct err *err);

/* Gives 'text' to all records that have no value in the field. */
int db_fill(struct db *db, const struct db_table *table, const char *field, const char *text,
	    struct err *err);

/* Deletes the records whose number in 'field' is less; nothing refers to them. */
int db_delete_less(struct db *db, const struct db_table *table, const char *field, int64_t number,
		   struct err *err);

/* Records of one table, owned. */
struct db_rows {
	const struct db_table *table;
	void *records;
	size_t n, room;
};

#define DB_ROWS_NONE \
	{            \
		0    \
	}

static inline void *db_row(const struct db_rows *rows, size_t i)
{
	return (char *)rows->records + i * rows->table->size;
}

void db_rows_clear(struct db_rows *rows);

/* A field, also one of what a reference leads to ("vip.network.name"), held against a value. A
 * value may be given as text whatever the field's type is. */
struct db_condition {
	const char *field;
	const char *op;      /* =, !=, <, <=, >, >=, in, not in, like, is null, is not null. */
	const json_t *value; /* Borrowed; an array for "in" and "not in". */
};

struct db_sort {
	const char *field;
	bool descending;
};

struct db_query {
	const struct db_condition *conditions; /* All of them hold. */
	size_t n_conditions;
	const struct db_sort *sort; /* The order of their making comes last. */
	size_t n_sort;
	int64_t start, limit; /* 'limit' 0: all. */
	struct db_view view;
};

int db_query(struct db *db, const struct db_table *table, const struct db_query *query,
	     struct db_rows *rows, struct err *err);
/* How many there are, whatever 'start' and 'limit' say. */
int db_count(struct db *db, const struct db_table *table, const struct db_query *query,
	     int64_t *count, struct err *err);

/* The records in which each of the named fields has the text behind it, or has no value where that
 * is NULL: { "network", uuid, "address", "10.0.0.5", NULL }. */
int db_find(struct db *db, const struct db_table *table, const char *const *texts,
	    struct db_rows *rows, struct err *err);

#endif
