/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_lists.c - lists that documents have in common: made once, told by what is another in
 * them, and to an agent the same as if they were its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/link/say.h"

struct bench {
	char directory[40];
	struct model *model;
	struct shared *shared;
	struct lists *lists;
};

static void create(struct bench *bench, const struct model_type *type, const char *text)
{
	struct err err = ERR_NONE;
	json_t *spec, *object = NULL;
	char *quoted = mem_text(text);

	for (char *at = quoted; *at; at++)
		if (*at == '\'')
			*at = '"';
	spec = json_loads(quoted, 0, NULL);
	assert_non_null(spec);
	if (model_create(bench->model, type, spec, &object, &err) < 0)
		fail_msg("%s: %s: %s", text, err.path ? err.path : "", err_text(&err));
	free(quoted);
	json_decref(spec);
	json_decref(object);
	shared_forget(bench->shared);
}

static void delete (struct bench *bench, const struct model_type *type, const char *uuid)
{
	struct err err = ERR_NONE;
	json_t *gone = NULL;

	if (model_delete(bench->model, type, uuid, false, &gone, &err) < 0)
		fail_msg("%s: %s", uuid, err_text(&err));
	json_decref(gone);
	shared_forget(bench->shared);
}

static void guest(struct bench *bench, const char *name, const char *host, const char *network,
		  const char *address)
{
	AUTO(free_ptr)
	char *vm = mem_format("{'name': '%s', 'uuid': 'vm-%s', 'cluster': 'c', 'host': '%s'}", name,
			      name, host);
	AUTO(free_ptr)
	char *nic = mem_format("{'uuid': '%s', 'vm': 'vm-%s', 'l3_network': '%s', 'address': '%s'}",
			       name, name, network, address);

	create(bench, &vm_type, vm);
	create(bench, &nic_type, nic);
}

/* Two hosts on a VXLAN of two subnets that overlap; guests a here, b and c there, in a group. */
static int bench_open(void **data)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct err err = ERR_NONE;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/weft-lists-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	if (model_open(bench->directory, all_types, &bench->model, &err) < 0)
		fail_msg("%s", err_text(&err));
	bench->shared = shared_new(bench->model);
	bench->lists = lists_new();
	create(bench, &zone_type, "{'uuid': 'z', 'name': 'z'}");
	create(bench, &cluster_type, "{'uuid': 'c', 'name': 'c', 'zone': 'z'}");
	create(bench, &vxlan_pool_type,
	       "{'uuid': 'p', 'name': 'p', 'zone': 'z', 'start_vni': 1, 'end_vni': 9}");
	for (int n = 1; n <= 2; n++) {
		AUTO(free_ptr)
		char *host = mem_format("{'uuid': 'h%d', 'name': 'h%d', 'cluster': 'c', 'address': "
					"'10.0.0.%d', 'devices': [{'name': 'em01', 'addresses': "
					"['10.0.0.%d/8']}]}",
					n, n, n, n);

		create(bench, &host_type, host);
	}
	create(bench, &vxlan_pool_cluster_type,
	       "{'uuid': 'pc', 'vxlan_pool': 'p', 'cluster': 'c', 'vtep_cidr': '10.0.0.0/8'}");
	create(bench, &l2_network_type,
	       "{'uuid': 'vx', 'name': 'vx', 'zone': 'z', 'type': "
	       "'vxlan', 'vxlan_pool': 'p'}");
	for (const char *name = "mn"; *name; name++) {
		AUTO(free_ptr)
		char *network = mem_format("{'uuid': '%c', 'name': '%c', 'l2_network': 'vx', "
					   "'category': 'private', 'architecture': 'flat', 'cidr': "
					   "'192.168.0.0/16'}",
					   *name, *name);

		create(bench, &l3_network_type, network);
	}
	guest(bench, "a", "h1", "m", "192.168.7.1");
	guest(bench, "b", "h2", "m", "192.168.7.2");
	guest(bench, "c", "h2", "n", "192.168.7.2");
	create(bench, &security_group_type,
	       "{'uuid': 'sg', 'name': 'sg', 'l3_networks': ['m', "
	       "'n'], 'nics': ['a', 'b', 'c']}");
	*data = bench;
	return 0;
}

static int bench_close(void **data)
{
	static const char *const files[] = { "controller.db", "controller.db-wal",
					     "controller.db-shm", "lock" };
	struct bench *bench = *data;

	lists_free(bench->lists);
	shared_free(bench->shared);
	model_close(bench->model);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", bench->directory, files[i]);

		unlink(path);
	}
	rmdir(bench->directory);
	free(bench);
	return 0;
}

static struct list *get(struct bench *bench, enum list_kind kind, const char *uuid)
{
	struct err err = ERR_NONE;
	struct list *list;

	if (lists_get(bench->lists, bench->shared, kind, uuid, &list, &err) < 0)
		fail_msg("%s", err_text(&err));
	return list;
}

static json_t *objects_of(const char *text)
{
	AUTO(free_ptr) char *whole = mem_format("[%s]", text);
	json_t *json = json_loads(whole, 0, NULL);

	if (!json)
		fail_msg("no JSON: %s", text);
	return json;
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void a_list_is_made_once(void **data)
{
	struct bench *bench = *data;
	struct list *first = get(bench, LIST_GUESTS, "vx"), *again;

	again = get(bench, LIST_GUESTS, "vx");
	assert_ptr_equal(first, again);
	list_unref(again);
	/* Also if a change might have made it another, and did not. */
	assert_non_null(lists_touch(bench->lists, LIST_GUESTS, "vx"));
	again = get(bench, LIST_GUESTS, "vx");
	assert_ptr_equal(first, again);
	list_unref(again);
	assert_null(lists_touch(bench->lists, LIST_GUESTS, "other"));
	list_unref(first);
	/* What is gone has none. */
	first = get(bench, LIST_MEMBERS, "gone");
	assert_int_equal(first->n, 0);
	assert_string_equal(first->text, "");
	list_unref(first);
}

static void what_is_another_is_told_alone(void **data)
{
	struct bench *bench = *data;
	struct list *was = get(bench, LIST_GUESTS, "vx"), *is, *later;
	const char *upsert;
	json_t *remove, *told;

	guest(bench, "d", "h1", "m", "192.168.7.4");
	lists_touch(bench->lists, LIST_GUESTS, "vx");
	is = get(bench, LIST_GUESTS, "vx");
	assert_ptr_not_equal(was, is);
	list_difference(was, is, &upsert, &remove);
	assert_null(remove);
	told = objects_of(upsert);
	assert_int_equal(json_array_size(told), 1);
	assert_string_equal(text_of(json_array_get(told, 0), "uuid"), "d");
	assert_string_equal(text_of(json_array_get(told, 0), "vtep"), "10.0.0.1");
	json_decref(told);
	delete (bench, &vm_type, "vm-d");
	delete (bench, &vm_type, "vm-a");
	lists_touch(bench->lists, LIST_GUESTS, "vx");
	later = get(bench, LIST_GUESTS, "vx");
	list_difference(is, later, &upsert, &remove);
	assert_string_equal(upsert, "");
	told = objects_of("\"a\", \"d\"");
	assert_true(json_equal(told, remove));
	json_decref(told);
	/* Who was away comes from further back. */
	list_difference(was, later, &upsert, &remove);
	told = objects_of("\"a\"");
	assert_true(json_equal(told, remove));
	json_decref(told);
	/* From nothing, and to nothing. */
	list_difference(NULL, later, &upsert, &remove);
	assert_string_equal(upsert, later->text);
	list_difference(was, NULL, &upsert, &remove);
	assert_string_equal(upsert, "");
	assert_int_equal(json_array_size(remove), 3);
	list_unref(was);
	list_unref(is);
	list_unref(later);
}

/* Networks that know nothing of each other may have the same addresses. */
static void an_address_twice_is_one_member_and_no_answer(void **data)
{
	struct bench *bench = *data;
	struct list *guests = get(bench, LIST_GUESTS, "vx"),
		    *members = get(bench, LIST_MEMBERS, "sg");
	json_t *told = objects_of(guests->text), *one;
	size_t i;

	assert_int_equal(json_array_size(told), 3);
	json_array_foreach (told, i, one)
		assert_int_equal(json_object_get(one, "address") != NULL,
				 strcmp(text_of(one, "uuid"), "a") == 0);
	json_decref(told);
	assert_int_equal(members->n, 2);
	list_unref(guests);
	list_unref(members);
	/* When one of them goes, the other is known by it. */
	delete (bench, &vm_type, "vm-c");
	lists_touch(bench->lists, LIST_GUESTS, "vx");
	lists_touch(bench->lists, LIST_MEMBERS, "sg");
	guests = get(bench, LIST_GUESTS, "vx");
	members = get(bench, LIST_MEMBERS, "sg");
	told = objects_of(guests->text);
	json_array_foreach (told, i, one)
		assert_non_null(json_object_get(one, "address"));
	json_decref(told);
	assert_int_equal(members->n, 2);
	list_unref(guests);
	list_unref(members);
}

/* ---- documents ------------------------------------------------------------------------------ */

struct wanting {
	struct bench *bench;
	struct list *lists[16];
	size_t n;
};

static void want(void *data, enum list_kind kind, const char *uuid)
{
	struct wanting *wanting = data;

	assert_true(wanting->n < ARRAY_SIZE(wanting->lists));
	wanting->lists[wanting->n++] = get(wanting->bench, kind, uuid);
}

/* What h1's document is now, in parts and lists; 'own' becomes its parts. */
static void hold(struct bench *bench, struct held *held, struct held_patch *patch, json_t **own)
{
	struct wanting wanting = { .bench = bench };
	struct err err = ERR_NONE;

	*own = json_object();
	if (project_host_parts(bench->shared, "h1", HOST_ALL, *own, &err) < 0)
		fail_msg("%s", err_text(&err));
	held_change(held, *own, patch);
	project_host_lists(*own, want, &wanting);
	held_change_lists(held, wanting.lists, wanting.n, patch);
}

static json_t *whole(struct bench *bench)
{
	struct err err = ERR_NONE;
	json_t *document;

	if (project_host(bench->model, "h1", &document, &err) < 0)
		fail_msg("%s", err_text(&err));
	return document;
}

static void digest_is_the_documents(struct bench *bench, const struct held *held)
{
	struct held other = HELD_NONE;
	json_t *document = whole(bench);

	held_set(&other, document);
	assert_string_equal(held_digest(held).s, held_digest(&other).s);
	held_clear(&other);
	json_decref(document);
}

/* The order of a list's objects does not count. */
static void sort_by_uuid(json_t *document)
{
	const char *name;
	json_t *section;

	json_object_foreach (document, name, section) {
		json_t *by_uuid, *object;
		size_t i;

		if (!json_is_array(section))
			continue;
		by_uuid = json_object();
		json_array_foreach (section, i, object)
			json_object_set(by_uuid, text_of(object, "uuid"), object);
		json_object_set_new(document, name, by_uuid);
	}
}

static void what_is_sent_is_the_document(void **data)
{
	struct bench *bench = *data;
	struct held held = HELD_NONE;
	struct held_patch patch = { 0 };
	json_t *own, *said, *document = whole(bench);
	char *text;

	hold(bench, &held, &patch, &own);
	digest_is_the_documents(bench, &held);
	text = say_document(json_pack("{s:i}", "revision", 5), own, 5, &held);
	said = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(said);
	assert_int_equal(json_integer_value(json_object_get(said, "revision")), 5);
	json_object_set_new(document, "revision", json_integer(5));
	sort_by_uuid(document);
	sort_by_uuid(json_object_get(said, "state"));
	assert_true(json_equal(json_object_get(said, "state"), document));
	free(text);
	json_decref(said);
	json_decref(document);
	json_decref(own);
	held_patch_clear(&patch);
	held_clear(&held);
}

static json_t *said_change(const struct held_patch *patch)
{
	char *text = say_change(json_pack("{s:i}", "revision", 1), patch);
	json_t *said = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(said);
	free(text);
	return said;
}

static void a_change_is_what_it_is_about(void **data)
{
	struct bench *bench = *data;
	struct held held = HELD_NONE, copy;
	struct held_patch patch = { 0 };
	json_t *own, *said, *upsert, *remove;

	hold(bench, &held, &patch, &own);
	json_decref(own);
	held_patch_clear(&patch);
	held_copy(&copy, &held);
	/* A guest on the other host: nothing of this one's own. */
	guest(bench, "d", "h2", "m", "192.168.7.4");
	lists_touch(bench->lists, LIST_GUESTS, "vx");
	hold(bench, &held, &patch, &own);
	json_decref(own);
	said = said_change(&patch);
	upsert = json_object_get(said, "upsert");
	assert_int_equal(json_object_size(upsert), 1);
	assert_int_equal(json_array_size(json_object_get(upsert, "l2_remotes")), 1);
	assert_null(json_object_get(said, "remove"));
	json_decref(said);
	held_patch_clear(&patch);
	digest_is_the_documents(bench, &held);
	/* Nothing happened. */
	hold(bench, &held, &patch, &own);
	json_decref(own);
	assert_true(held_patch_empty(&patch));
	/* This host's only guest goes, and with it the group and its members, and who is there. */
	delete (bench, &vm_type, "vm-a");
	lists_touch(bench->lists, LIST_GUESTS, "vx");
	lists_touch(bench->lists, LIST_MEMBERS, "sg");
	hold(bench, &held, &patch, &own);
	json_decref(own);
	said = said_change(&patch);
	assert_null(json_object_get(said, "upsert"));
	remove = json_object_get(said, "remove");
	assert_int_equal(json_array_size(json_object_get(remove, "security_group_members")), 2);
	assert_int_equal(json_array_size(json_object_get(remove, "security_groups")), 1);
	assert_int_equal(json_array_size(json_object_get(remove, "l2_remotes")), 4);
	assert_null(json_object_get(remove, "vteps"));
	json_decref(said);
	digest_is_the_documents(bench, &held);
	held_patch_clear(&patch);
	/* From what was held before, both at once. */
	hold(bench, &copy, &patch, &own);
	json_decref(own);
	assert_string_equal(held_digest(&copy).s, held_digest(&held).s);
	held_patch_clear(&patch);
	held_clear(&copy);
	held_clear(&held);
}

static void what_nobody_told_of_is_found(void **data)
{
	struct bench *bench = *data;
	struct list *was = get(bench, LIST_GUESTS, "vx"), *is;
	struct err err = ERR_NONE;

	assert_false(lists_sweep(bench->lists, bench->shared, &err));
	guest(bench, "d", "h1", "m", "192.168.7.4");
	assert_true(lists_sweep(bench->lists, bench->shared, &err));
	is = get(bench, LIST_GUESTS, "vx");
	assert_int_equal(is->n, was->n + 1);
	list_unref(is);
	list_unref(was);
	/* Nobody has it any more. */
	assert_false(lists_sweep(bench->lists, bench->shared, &err));
	assert_null(lists_touch(bench->lists, LIST_GUESTS, "vx"));
}

#define BENCH_TEST(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(a_list_is_made_once),
		BENCH_TEST(what_is_another_is_told_alone),
		BENCH_TEST(an_address_twice_is_one_member_and_no_answer),
		BENCH_TEST(what_is_sent_is_the_document),
		BENCH_TEST(a_change_is_what_it_is_about),
		BENCH_TEST(what_nobody_told_of_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
