/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions, also through references, as SQL: what a reference leads to is a query within. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

/* Longer paths are a mistake, or a trap. */
#define HOPS_MAX 8
/* SQLite takes no more than 32766 parameters, PostgreSQL 65535. */
#define VALUES_MAX 10000

struct bound {
	struct field field;
	void *value; /* Owned. */
};

struct builder {
	const struct db *db;
	const struct db_view *view;
	struct text sql;
	struct bound *bound;
	size_t n, room;
};

static void builder_clear(struct builder *builder)
{
	for (size_t i = 0; i < builder->n; i++) {
		field_value_clear(&builder->bound[i].field, builder->bound[i].value);
		free(builder->bound[i].value);
	}
	free(builder->bound);
	text_clear(&builder->sql);
}

enum operation {
	OP_EQUAL,
	OP_NOT_EQUAL,
	OP_LESS,
	OP_LESS_EQUAL,
	OP_MORE,
	OP_MORE_EQUAL,
	OP_IN,
	OP_NOT_IN,
	OP_LIKE,
	OP_IS_NULL,
	OP_IS_NOT_NULL,
	N_OPERATIONS,
};

static const char *const operations[N_OPERATIONS] = {
	[OP_EQUAL] = "=",
	[OP_NOT_EQUAL] = "!=",
	[OP_LESS] = "<",
	[OP_LESS_EQUAL] = "<=",
	[OP_MORE] = ">",
	[OP_MORE_EQUAL] = ">=",
	[OP_IN] = "in",
	[OP_NOT_IN] = "not in",
	[OP_LIKE] = "like",
	[OP_IS_NULL] = "is null",
	[OP_IS_NOT_NULL] = "is not null",
};

static bool is_text(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_UUID || type == FIELD_REFERENCE ||
	       type == FIELD_CHOICE || type == FIELD_MAC;
}

static bool has_order(enum field_type type)
{
	return type != FIELD_BOOL && type != FIELD_CHOICE && type != FIELD_RECORD &&
	       type != FIELD_LIST && type != FIELD_BASE64;
}

/* Numbers and truth may be given as text. A new reference. */
static json_t *loosened(const struct field *field, const json_t *value)
{
	const char *text = json_string_value(value);
	json_t *json;

	if (text && (field->type == FIELD_NUMBER || field->type == FIELD_BOOL)) {
		json = json_loads(text, JSON_DECODE_ANY, NULL);
		if (json)
			return json;
	}
	return json_deep_copy(value);
}

/* A parameter with the value, checked as the field is; its range and length do not count here. */
static int bind_value(struct builder *builder, const struct field *field, const json_t *value,
		      struct err *err)
{
	struct field alone[2] = { *field, { 0 } };
	void *bound = mem_alloc(field_value_size(field));
	json_t *object;
	int ret;

	alone[0].offset = 0;
	alone[0].nullable = false;
	alone[0].required = true;
	alone[0].min = alone[0].max = 0;
	object = json_pack("{s:o}", field->name, loosened(field, value));
	ret = field_decode(alone, object, bound, err);
	json_decref(object);
	if (ret < 0) {
		free(bound);
		free(err->path);
		err->path = NULL;
		return err_at(err, "value");
	}
	mem_grow(&builder->bound, &builder->room, builder->n + 1, sizeof(*builder->bound));
	builder->bound[builder->n++] = (struct bound){ alone[0], bound };
	return 0;
}

static int bind_pattern(struct builder *builder, const struct field *field, const json_t *value,
			struct err *err)
{
	static const struct field text = { .name = "value", .type = FIELD_TEXT };

	if (!is_text(field->type)) {
		err_set(err, -EINVAL, "like is for texts, and %s is none", field->name);
		return err_at(err, "op");
	}
	return bind_value(builder, &text, value, err);
}

static int add_values(struct builder *builder, const struct field *field, const char *in,
		      const json_t *value, struct err *err)
{
	size_t i;
	json_t *one;

	if (!json_is_array(value)) {
		err_set(err, -EINVAL, "expected array");
		return err_at(err, "value");
	}
	if (json_array_size(value) > VALUES_MAX) {
		err_set(err, -EINVAL, "%zu values are more than %d", json_array_size(value),
			VALUES_MAX);
		return err_at(err, "value");
	}
	/* An empty list is nothing that SQL has. */
	if (!json_array_size(value)) {
		text_add(&builder->sql, strcmp(in, "IN") == 0 ? "1 = 0" : "1 = 1");
		return 0;
	}
	text_format(&builder->sql, "\"%s\" %s (", field->name, in);
	json_array_foreach (value, i, one) {
		text_add(&builder->sql, i ? ", ?" : "?");
		if (bind_value(builder, field, one, err) < 0) {
			free(err->path);
			err->path = NULL;
			return err_at(err, "value[%zu]", i);
		}
	}
	text_add(&builder->sql, ")");
	return 0;
}

/* For who does not see everything: ' AND ' and the condition under which he sees the table's. */
static void add_view(struct builder *builder, const struct db_table *table)
{
	if (!builder->view->account)
		return;
	text_add(&builder->sql, " AND ");
	view_add(builder->db, builder->view, table, &builder->sql);
}

/* The field of a path's last step, held against the value: '"name" = ?'. */
static int add_comparison(struct builder *builder, const struct field *field,
			  enum operation operation, const json_t *value, struct err *err)
{
	struct field whole = *field;

	switch (operation) {
	case OP_IS_NULL:
		text_format(&builder->sql, "\"%s\" IS NULL", field->name);
		return 0;
	case OP_IS_NOT_NULL:
		text_format(&builder->sql, "\"%s\" IS NOT NULL", field->name);
		return 0;
	case OP_IN:
	case OP_NOT_IN:
		return add_values(builder, &whole, operation == OP_IN ? "IN" : "NOT IN", value,
				  err);
	case OP_LIKE:
		text_format(&builder->sql, "\"%s\" %s", field->name, builder->db->engine->like);
		return bind_pattern(builder, field, value, err);
	case OP_LESS:
	case OP_LESS_EQUAL:
	case OP_MORE:
	case OP_MORE_EQUAL:
		if (!has_order(field->type)) {
			err_set(err, -EINVAL, "%s has no order", field->name);
			return err_at(err, "op");
		}
		break;
	case OP_EQUAL:
	case OP_NOT_EQUAL:
	case N_OPERATIONS:
		break;
	}
	text_format(&builder->sql, "\"%s\" %s ?", field->name, operations[operation]);
	return bind_value(builder, field, value, err);
}

static int unknown_field(struct err *err, const struct db_table *table, const char *name)
{
	err_set(err, -EINVAL, "%s has no field \"%.64s\"", table->name, name);
	return err_at(err, "field");
}

/* The target of a reference, or of a list of them; NULL: it is neither. */
static const char *target_of(const struct field *field)
{
	if (column_is_links(field))
		return field->element->target;
	return field->type == FIELD_REFERENCE ? field->target : NULL;
}

static const struct field *step_field(const struct db_table *table, const char *path, size_t length)
{
	AUTO(free_ptr) char *name = mem_text_n(path, length);
	const struct field *field = db_field(table, name);

	return field && !field->transient && !field->secret ? field : NULL;
}

/* What a reference names is known to who sees it alone. */
static void add_seen(struct builder *builder, const struct field *field)
{
	if (!builder->view->account || field->type != FIELD_REFERENCE)
		return;
	text_format(&builder->sql, " AND \"%s\" IN (SELECT \"uuid\" FROM \"%s\" WHERE 1 = 1",
		    field->name, field->target);
	add_view(builder, db_table(builder->db, field->target));
	text_add(&builder->sql, ")");
}

/* A value of the record's own. */
static int add_own(struct builder *builder, const struct field *field, enum operation operation,
		   const json_t *value, struct err *err)
{
	if (add_comparison(builder, field, operation, value, err) < 0)
		return err->code;
	if (operation != OP_IS_NULL && operation != OP_IS_NOT_NULL)
		add_seen(builder, field);
	return 0;
}

/* A list of references, held against a uuid, or asked whether it is empty. */
static int add_links(struct builder *builder, const struct db_table *table,
		     const struct field *field, enum operation operation, const json_t *value,
		     struct err *err)
{
	struct field target = *field->element;
	bool without =
		operation == OP_NOT_EQUAL || operation == OP_NOT_IN || operation == OP_IS_NULL;

	target.name = "target";
	text_format(&builder->sql, "\"uuid\" %s (SELECT \"owner\" FROM \"%s.%s\" WHERE 1 = 1",
		    without ? "NOT IN" : "IN", table->name, field->name);
	add_seen(builder, &target);
	if (operation == OP_NOT_EQUAL)
		operation = OP_EQUAL;
	if (operation == OP_NOT_IN)
		operation = OP_IN;
	if (operation != OP_IS_NULL && operation != OP_IS_NOT_NULL) {
		text_add(&builder->sql, " AND ");
		if (add_comparison(builder, &target, operation, value, err) < 0)
			return err->code;
	}
	text_add(&builder->sql, ")");
	return 0;
}

static int add_path(struct builder *builder, const struct db_table *table, const char *path,
		    enum operation operation, const json_t *value, int hops, struct err *err)
{
	size_t length = strcspn(path, ".");
	const struct field *field = step_field(table, path, length);
	const char *target = field ? target_of(field) : NULL;

	if (!field)
		return unknown_field(err, table, path);
	if (!path[length])
		return column_is_links(field)
			       ? add_links(builder, table, field, operation, value, err)
			       : add_own(builder, field, operation, value, err);
	if (!target || hops >= HOPS_MAX) {
		err_set(err, -EINVAL, "%s leads nowhere", field->name);
		return err_at(err, "field");
	}
	if (column_is_links(field))
		text_format(&builder->sql,
			    "\"uuid\" IN (SELECT \"owner\" FROM \"%s.%s\" WHERE \"target\" IN "
			    "(SELECT \"uuid\" FROM \"%s\" WHERE 1 = 1",
			    table->name, field->name, target);
	else
		text_format(&builder->sql, "\"%s\" IN (SELECT \"uuid\" FROM \"%s\" WHERE 1 = 1",
			    field->name, target);
	add_view(builder, db_table(builder->db, target));
	text_add(&builder->sql, " AND ");
	if (add_path(builder, db_table(builder->db, target), path + length + 1, operation, value,
		     hops + 1, err) < 0)
		return err->code;
	text_add(&builder->sql, column_is_links(field) ? "))" : ")");
	return 0;
}

static int add_condition(struct builder *builder, const struct db_table *table,
			 const struct db_condition *condition, struct err *err)
{
	for (int i = 0; i < N_OPERATIONS; i++)
		if (strcmp(operations[i], condition->op) == 0)
			return add_path(builder, table, condition->field, i, condition->value, 0,
					err);
	err_set(err, -EINVAL,
		"\"%.32s\" is none of =, !=, <, <=, >, >=, in, not in, like, "
		"is null, is not null",
		condition->op);
	return err_at(err, "op");
}

static int add_conditions(struct builder *builder, const struct db_table *table,
			  const struct db_query *query, struct err *err)
{
	/* The account is the first parameter, whether the table's own condition names it or not. */
	text_add(&builder->sql,
		 query->view.account ? " WHERE CAST(?1 AS TEXT) IS NOT NULL" : " WHERE 1 = 1");
	add_view(builder, table);
	for (size_t i = 0; i < query->n_conditions; i++) {
		text_add(&builder->sql, " AND ");
		if (add_condition(builder, table, &query->conditions[i], err) < 0)
			return err_at(err, "conditions[%zu]", i);
	}
	return 0;
}

/* 'of' is the table's name in the query, through which a reference is followed. */
static int add_sort_path(struct builder *builder, const struct db_table *table, const char *of,
			 const char *path, int hops, struct err *err)
{
	size_t length = strcspn(path, ".");
	const struct field *field = step_field(table, path, length);
	AUTO(free_ptr) char *inner = mem_format("s%d", hops);

	if (!field)
		return unknown_field(err, table, path);
	if (!path[length] && column_is(field)) {
		text_format(&builder->sql, "%s.\"%s\"", of, field->name);
		return 0;
	}
	if (field->type != FIELD_REFERENCE || hops >= HOPS_MAX) {
		err_set(err, -EINVAL, "cannot be sorted by %s", field->name);
		return err_at(err, "field");
	}
	text_add(&builder->sql, "(SELECT ");
	if (add_sort_path(builder, db_table(builder->db, field->target), inner, path + length + 1,
			  hops + 1, err) < 0)
		return err->code;
	text_format(&builder->sql, " FROM \"%s\" AS %s WHERE %s.\"uuid\" = %s.\"%s\"",
		    field->target, inner, inner, of, field->name);
	add_view(builder, db_table(builder->db, field->target));
	text_add(&builder->sql, ")");
	return 0;
}

static int add_sort(struct builder *builder, const struct db_table *table,
		    const struct db_query *query, struct err *err)
{
	bool descending = query->n_sort && query->sort[query->n_sort - 1].descending;

	text_add(&builder->sql, " ORDER BY ");
	for (size_t i = 0; i < query->n_sort; i++) {
		if (add_sort_path(builder, table, "t", query->sort[i].field, 0, err) < 0)
			return err_at(err, "sort[%zu]", i);
		text_add(&builder->sql,
			 query->sort[i].descending ? " DESC NULLS LAST, " : " NULLS FIRST, ");
	}
	/* Of equals the first made comes first, and last where the last is wanted first. */
	text_add(&builder->sql, descending ? "t.rowid DESC" : "t.rowid");
	if (query->limit || query->start)
		text_format(&builder->sql, " LIMIT %lld OFFSET %lld",
			    (long long)(query->limit ? query->limit : INT64_MAX),
			    (long long)query->start);
	return 0;
}

static int builder_prepare(struct builder *builder, struct db *db, struct statement **ret,
			   struct err *err)
{
	int first = 0;

	if (db_prepare(db, text_view(&builder->sql), ret, err) < 0)
		return err->code;
	if (builder->view->account)
		db->engine->bind_text(*ret, first++, builder->view->account);
	for (size_t i = 0; i < builder->n; i++)
		column_bind(db, *ret, (int)i + first, &builder->bound[i].field,
			    builder->bound[i].value);
	return 0;
}

static int read_rows(struct db *db, const struct db_table *table, struct statement *statement,
		     struct db_rows *rows, struct err *err)
{
	int more;

	while ((more = db->engine->step(statement, err)) > 0) {
		void *row;

		mem_grow(&rows->records, &rows->room, rows->n + 1, table->size);
		row = db_row(rows, rows->n);
		memset(row, 0, table->size);
		more = record_read(db, table, statement, row, err);
		if (more < 0) {
			db->engine->reset(statement);
			return more;
		}
		rows->n++;
	}
	return more;
}

int db_query(struct db *db, const struct db_table *table, const struct db_query *query,
	     struct db_rows *rows, struct err *err)
{
	AUTO(builder_clear) struct builder builder = { .db = db, .view = &query->view };
	struct statement *statement;

	*rows = (struct db_rows){ .table = table };
	text_add(&builder.sql, "SELECT ");
	record_columns(&builder.sql, table);
	text_format(&builder.sql, " FROM \"%s\" AS t", table->name);
	if (add_conditions(&builder, table, query, err) < 0 ||
	    add_sort(&builder, table, query, err) < 0 ||
	    builder_prepare(&builder, db, &statement, err) < 0)
		return err->code;
	if (read_rows(db, table, statement, rows, err) < 0) {
		db_rows_clear(rows);
		return err->code;
	}
	return 0;
}

int db_count(struct db *db, const struct db_table *table, const struct db_query *query,
	     int64_t *count, struct err *err)
{
	AUTO(builder_clear) struct builder builder = { .db = db, .view = &query->view };
	struct statement *statement;

	text_format(&builder.sql, "SELECT count(*) FROM \"%s\" AS t", table->name);
	if (add_conditions(&builder, table, query, err) < 0 ||
	    builder_prepare(&builder, db, &statement, err) < 0 ||
	    db->engine->step(statement, err) < 0)
		return err->code;
	*count = db->engine->number_at(statement, 0);
	db->engine->reset(statement);
	return 0;
}

#define FIND_MAX 8

int db_find(struct db *db, const struct db_table *table, const char *const *texts,
	    struct db_rows *rows, struct err *err)
{
	struct db_condition conditions[FIND_MAX];
	struct db_query query = { .conditions = conditions };
	size_t n = 0;
	int ret;

	for (; texts[2 * n] && n < FIND_MAX; n++) {
		const char *text = texts[2 * n + 1];

		conditions[n] = (struct db_condition){ texts[2 * n], text ? "=" : "is null",
						       text ? json_string(text) : NULL };
	}
	query.n_conditions = n;
	ret = db_query(db, table, &query, rows, err);
	for (size_t i = 0; i < n; i++)
		json_decref((json_t *)(uintptr_t)conditions[i].value);
	return ret;
}
