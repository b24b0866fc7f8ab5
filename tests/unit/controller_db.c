/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_db.c - records in the database: they come back as they went in, sort by what they
 * mean, and a transaction is all or nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controller/store/db.h"
#include "lib/base/field_value.h"

struct thing {
	char *uuid, *name, *other;
	bool flag;
	int64_t number, ranged;
	struct ip ip;
	struct prefix prefix;
	struct mac mac;
	struct port_range ports;
	int choice;
	struct field_bytes bytes;
	struct field_list words, others;
};

#define AT(member) offsetof(struct thing, member)

static const char *const choices[] = { "red", "green", NULL };
static const struct field word_element = { .type = FIELD_TEXT };
static const struct field other_element = { .type = FIELD_REFERENCE, .target = "thing" };

static const struct field fields[] = {
	{ "uuid", FIELD_UUID, .offset = AT(uuid) },
	{ "name", FIELD_TEXT, AT(name), .unique = true, .required = true },
	{ "other", FIELD_REFERENCE, AT(other), .target = "thing" },
	{ "flag", FIELD_BOOL, AT(flag), .fallback = true },
	{ "number", FIELD_NUMBER, .offset = AT(number) },
	{ "ranged", FIELD_NUMBER, AT(ranged), .min = 1, .max = 10 },
	{ "ip", FIELD_IP, .offset = AT(ip) },
	{ "prefix", FIELD_PREFIX, .offset = AT(prefix) },
	{ "mac", FIELD_MAC, .offset = AT(mac) },
	{ "ports", FIELD_PORTS, .offset = AT(ports) },
	{ "choice", FIELD_CHOICE, AT(choice), .choices = choices, .fallback = -1 },
	{ "bytes", FIELD_BASE64, .offset = AT(bytes) },
	{ "words", FIELD_LIST, AT(words), .element = &word_element },
	{ "others", FIELD_LIST, AT(others), .element = &other_element },
	{ 0 },
};
static const char *const uniques[] = { "number,ranged", NULL };
static const struct db_table thing_table = { "thing", fields, sizeof(struct thing), uniques,
					     .owner = NULL };
static const struct db_table *const tables[] = { &thing_table, NULL };

struct bench {
	char directory[32];
	struct db *db;
};

static int bench_open(void **data)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct err err = ERR_NONE;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/weft-db-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	if (db_open(bench->directory, tables, &bench->db, &err) < 0)
		fail_msg("%s", err_text(&err));
	*data = bench;
	return 0;
}

static int bench_close(void **data)
{
	static const char *const files[] = { "controller.db", "controller.db-wal",
					     "controller.db-shm", "lock" };
	struct bench *bench = *data;

	db_close(bench->db);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", bench->directory, files[i]);

		remove(path);
	}
	remove(bench->directory);
	free(bench);
	return 0;
}

/* JSON with ' for ", into the table. The code of the insertion. */
static int insert(struct db *db, const char *text, struct err *err)
{
	AUTO(free_ptr) char *quoted = mem_text(text);
	struct thing thing = { 0 };
	json_t *json;
	int ret;

	for (char *at = quoted; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(quoted, 0, NULL);
	assert_non_null(json);
	if (field_decode(fields, json, &thing, err) < 0)
		fail_msg("%s: %s", err->path, err_text(err));
	json_decref(json);
	ret = db_insert(db, &thing_table, &thing, err);
	field_clear(fields, &thing);
	return ret;
}

static char *shown(struct db *db, const char *uuid)
{
	struct thing thing = { 0 };
	struct err err = ERR_NONE;
	json_t *json;
	char *text;

	if (db_get(db, &thing_table, uuid, &thing, &err) < 0)
		fail_msg("%s", err_text(&err));
	json = field_encode(fields, &thing, true);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	field_clear(fields, &thing);
	return text;
}

static void values_come_back_as_they_went_in(void **data)
{
	struct bench *bench = *data;
	struct err err = ERR_NONE;
	AUTO(free_ptr) char *full = NULL, *empty = NULL;

	assert_int_equal(insert(bench->db, "{'uuid': 'a', 'name': 'empty'}", &err), 0);
	assert_int_equal(
		insert(bench->db,
		       "{'uuid': 'b', 'name': 'full', 'other': 'a', 'flag': false, 'number': -5,"
		       "'ranged': 7, 'ip': 'fd00::1', 'prefix': '10.1.2.3/8',"
		       "'mac': 'fa:00:00:00:00:01', 'ports': '20-30', 'choice': 'green',"
		       "'bytes': 'AAEC', 'words': ['x', 'y'], 'others': ['b', 'a']}",
		       &err),
		0);
	empty = shown(bench->db, "a");
	full = shown(bench->db, "b");
	assert_string_equal(empty,
			    "{\"uuid\":\"a\",\"name\":\"empty\",\"flag\":true,\"number\":0}");
	assert_string_equal(full,
			    "{\"uuid\":\"b\",\"name\":\"full\",\"other\":\"a\",\"flag\":false,"
			    "\"number\":-5,\"ranged\":7,\"ip\":\"fd00::1\","
			    "\"prefix\":\"10.1.2.3/8\",\"mac\":\"fa:00:00:00:00:01\","
			    "\"ports\":\"20-30\",\"choice\":\"green\",\"bytes\":\"AAEC\","
			    "\"words\":[\"x\",\"y\"],\"others\":[\"b\",\"a\"]}");
}

/* "cab": the things c, a and b, as others of the thing x. */
static void update_others(struct db *db, const char *others)
{
	struct err err = ERR_NONE;
	struct thing thing = { 0 };
	const struct field *field = db_field(&thing_table, "others");
	json_t *list = json_array(), *json;

	for (const char *at = others; *at; at++)
		json_array_append_new(list, json_stringn(at, 1));
	json = json_pack("{s:s, s:s, s:o}", "uuid", "x", "name", "x", field->name, list);
	assert_int_equal(field_decode(fields, json, &thing, &err), 0);
	if (db_update(db, &thing_table, &thing, &err) < 0)
		fail_msg("%s", err_text(&err));
	json_decref(json);
	field_clear(fields, &thing);
}

static void others_are(struct db *db, const char *wanted)
{
	struct thing thing = { 0 };
	struct err err = ERR_NONE;

	assert_int_equal(db_get(db, &thing_table, "x", &thing, &err), 0);
	assert_int_equal(thing.others.n, strlen(wanted));
	for (size_t i = 0; i < thing.others.n; i++)
		assert_int_equal(((char **)thing.others.items)[i][0], wanted[i]);
	field_clear(fields, &thing);
}

static void lists_are_as_they_were_written_last(void **data)
{
	static const char *const lists[] = { "abc", "abcd", "acd", "acdb", "",  "dcba",
					     "dca", "adca", "aaa", "aa",   "b", "ab" };
	struct db *db = ((struct bench *)*data)->db;
	struct err err = ERR_NONE;

	for (const char *at = "abcdx"; *at; at++) {
		AUTO(free_ptr) char *text = mem_format("{'uuid': '%c', 'name': '%c'}", *at, *at);

		assert_int_equal(insert(db, text, &err), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		update_others(db, lists[i]);
		others_are(db, lists[i]);
	}
	assert_int_equal(db_delete(db, &thing_table, "x", &err), 0);
	assert_int_equal(db_delete(db, &thing_table, "a", &err), 0);
}

static void who_has_it_already_is_told(void **data)
{
	struct bench *bench = *data;
	struct err err = ERR_NONE;

	assert_int_equal(insert(bench->db, "{'uuid': 'a', 'name': 'x', 'number': 1, 'ranged': 2}",
				&err),
			 0);
	assert_int_equal(insert(bench->db, "{'uuid': 'b', 'name': 'x'}", &err), -EEXIST);
	assert_string_equal(err_text(&err), "a has name \"x\" already");
	assert_int_equal(insert(bench->db, "{'uuid': 'b', 'name': 'y', 'number': 1, 'ranged': 2}",
				&err),
			 -EEXIST);
	assert_string_equal(err_text(&err), "a has number 1, ranged 2 already");
	assert_int_equal(insert(bench->db, "{'uuid': 'a', 'name': 'y'}", &err), -EEXIST);
	assert_string_equal(err_text(&err), "there is a thing a already");
	/* Without a value there is nothing to be the same. */
	assert_int_equal(insert(bench->db, "{'uuid': 'b', 'name': 'y', 'number': 1}", &err), 0);
	assert_int_equal(insert(bench->db, "{'uuid': 'c', 'name': 'z', 'number': 1}", &err), 0);
	err_clear(&err);
}

static void a_transaction_is_all_or_nothing(void **data)
{
	struct bench *bench = *data;
	struct err err = ERR_NONE;

	assert_int_equal(db_begin(bench->db, &err), 0);
	assert_int_equal(insert(bench->db, "{'uuid': 'a', 'name': 'x'}", &err), 0);
	db_rollback(bench->db);
	assert_int_equal(db_has(bench->db, &thing_table, "a", &err), 0);
	/* What is referred to has to be there at the end, not before. */
	assert_int_equal(db_begin(bench->db, &err), 0);
	assert_int_equal(insert(bench->db, "{'uuid': 'a', 'name': 'x', 'other': 'b'}", &err), 0);
	assert_int_equal(insert(bench->db, "{'uuid': 'b', 'name': 'y'}", &err), 0);
	assert_int_equal(db_commit(bench->db, &err), 0);
	assert_int_equal(db_begin(bench->db, &err), 0);
	assert_int_equal(db_delete(bench->db, &thing_table, "b", &err), 0);
	assert_true(db_commit(bench->db, &err) < 0);
	db_rollback(bench->db);
	assert_int_equal(db_has(bench->db, &thing_table, "b", &err), 1);
	assert_int_equal(db_delete(bench->db, &thing_table, "none", &err), -ENOENT);
	err_clear(&err);
}

/* The names of what a condition finds, in the order of 'sort'. */
static char *found(struct db *db, const char *field, const char *op, json_t *value,
		   const char *sort)
{
	struct db_condition condition = { field, op, value };
	struct db_sort order = { sort, false };
	struct db_query query = {
		.conditions = &condition, .n_conditions = 1, .sort = &order, .n_sort = 1
	};
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct err err = ERR_NONE;
	char *text = mem_text("");

	if (db_query(db, &thing_table, &query, &rows, &err) < 0)
		fail_msg("%s: %s", err.path, err_text(&err));
	json_decref(value);
	for (size_t i = 0; i < rows.n; i++) {
		char *more = mem_format("%s%s", text, ((struct thing *)db_row(&rows, i))->name);

		free(text);
		text = more;
	}
	return text;
}

static void is_found(struct db *db, const char *field, const char *op, json_t *value,
		     const char *sort, const char *wanted)
{
	AUTO(free_ptr) char *names = found(db, field, op, value, sort);

	assert_string_equal(names, wanted);
}

static void conditions_mean_what_the_field_is(void **data)
{
	struct bench *bench = *data;
	struct db *db = bench->db;
	struct err err = ERR_NONE;

	insert(db, "{'uuid': '1', 'name': 'a', 'ip': '10.0.0.9', 'ports': 80, 'number': 9}", &err);
	insert(db,
	       "{'uuid': '2', 'name': 'b', 'ip': '10.0.0.10', 'ports': '100-200',"
	       "'number': 10, 'other': '1', 'others': ['1']}",
	       &err);
	insert(db,
	       "{'uuid': '3', 'name': 'c', 'ip': '10.0.0.100', 'number': 100, 'other': '2',"
	       "'others': ['1', '2'], 'choice': 'red', 'flag': false}",
	       &err);
	is_found(db, "ip", ">=", json_string("10.0.0.10"), "ip", "bc");
	is_found(db, "number", "<", json_integer(100), "ip", "ab");
	is_found(db, "number", "=", json_string("100"), "ip", "c");
	is_found(db, "ports", ">", json_string("80"), "ip", "b");
	is_found(db, "flag", "=", json_string("false"), "ip", "c");
	is_found(db, "choice", "is null", NULL, "ip", "ab");
	is_found(db, "choice", "=", json_string("red"), "ip", "c");
	is_found(db, "other.other", "is not null", NULL, "ip", "c");
	is_found(db, "other.other.name", "=", json_string("a"), "ip", "c");
	is_found(db, "others", "=", json_string("1"), "ip", "bc");
	is_found(db, "others", "!=", json_string("2"), "ip", "ab");
	is_found(db, "others", "is null", NULL, "ip", "a");
	is_found(db, "others.name", "in", json_pack("[s]", "b"), "ip", "c");
	is_found(db, "name", "not in", json_pack("[s,s]", "a", "c"), "ip", "b");
	is_found(db, "name", "is not null", NULL, "other.name", "abc");
	/* More different ones than are kept prepared, each asking for lists while it is asked. */
	for (int n = 1; n < 600; n++) {
		json_t *many = json_array();

		for (int i = 0; i < n; i++)
			json_array_append_new(many, json_string("a"));
		is_found(db, "name", "in", many, "ip", "a");
	}
	err_clear(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_come_back_as_they_went_in, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(lists_are_as_they_were_written_last, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(who_has_it_already_is_told, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(a_transaction_is_all_or_nothing, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(conditions_mean_what_the_field_is, bench_open,
						bench_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
