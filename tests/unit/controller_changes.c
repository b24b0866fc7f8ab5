/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_changes.c - who subscribes hears what a transaction changed: once for each resource,
 * as it was and as it is, and of nothing that did not happen. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/model/changes.h"
#include "controller/model/types.h"
#include "lib/base/text.h"

struct bench {
	char directory[40];
	struct model *model;
	struct model_subscription *subscription;
	struct text heard; /* "created zone z-1; ..." */
	unsigned int times;
};

static void hear(const struct model_event *events, size_t n, void *data)
{
	struct bench *bench = data;

	bench->times++;
	for (size_t i = 0; i < n; i++) {
		const struct resource *resource = events[i].is ? events[i].is : events[i].was;

		assert_string_equal(resource->uuid, events[i].uuid);
		text_format(&bench->heard, "%s%s %s %s", bench->heard.length ? "; " : "",
			    model_event_name(&events[i]), events[i].type->table.name,
			    events[i].uuid);
	}
}

static int bench_open(void **data)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct err err = ERR_NONE;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/weft-changes-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	if (model_open(bench->directory, all_types, &bench->model, &err) < 0)
		fail_msg("%s", err_text(&err));
	bench->subscription = model_subscribe(bench->model, hear, bench);
	*data = bench;
	return 0;
}

static int bench_close(void **data)
{
	static const char *const files[] = { "controller.db", "controller.db-wal",
					     "controller.db-shm", "lock" };
	struct bench *bench = *data;

	model_close(bench->model);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", bench->directory, files[i]);

		unlink(path);
	}
	rmdir(bench->directory);
	text_clear(&bench->heard);
	free(bench);
	return 0;
}

/* What was heard since the last time, of one transaction. */
static void heard(struct bench *bench, const char *wanted)
{
	assert_string_equal(text_view(&bench->heard), wanted);
	assert_int_equal(bench->times, *wanted ? 1 : 0);
	text_clear(&bench->heard);
	bench->times = 0;
}

static json_t *json_of(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static int create(struct bench *bench, const struct model_type *type, const char *text)
{
	struct err err = ERR_NONE;
	json_t *spec = json_of(text), *object = NULL;
	int ret = model_create(bench->model, type, spec, &object, &err);

	json_decref(spec);
	json_decref(object);
	err_clear(&err);
	return ret;
}

static int update(struct bench *bench, const struct model_type *type, const char *uuid,
		  const char *text)
{
	struct err err = ERR_NONE;
	json_t *spec = json_of(text), *object = NULL;
	int ret = model_update(bench->model, type, uuid, spec, &object, &err);

	json_decref(spec);
	json_decref(object);
	err_clear(&err);
	return ret;
}

static int delete_it(struct bench *bench, const struct model_type *type, const char *uuid, bool dry)
{
	struct err err = ERR_NONE;
	json_t *deleted = NULL;
	int ret = model_delete(bench->model, type, uuid, dry, &deleted, &err);

	json_decref(deleted);
	err_clear(&err);
	return ret;
}

static void make_zone(struct bench *bench)
{
	assert_int_equal(create(bench, &zone_type, "{\"uuid\": \"z\", \"name\": \"zone\"}"), 0);
	heard(bench, "created zone z");
}

static void make_cluster(struct bench *bench)
{
	make_zone(bench);
	assert_int_equal(create(bench, &cluster_type,
				"{\"uuid\": \"c\", \"name\": \"cluster\", \"zone\": \"z\"}"),
			 0);
	heard(bench, "created cluster c");
}

static void what_is_made_changed_and_deleted_is_told(void **data)
{
	struct bench *bench = *data;

	make_zone(bench);
	assert_int_equal(update(bench, &zone_type, "z", "{\"name\": \"other\"}"), 0);
	heard(bench, "updated zone z");
	assert_int_equal(delete_it(bench, &zone_type, "z", false), 0);
	heard(bench, "deleted zone z");
}

static void what_follows_is_in_the_same_list(void **data)
{
	struct bench *bench = *data;

	make_cluster(bench);
	assert_int_equal(delete_it(bench, &zone_type, "z", false), 0);
	heard(bench, "deleted cluster c; deleted zone z");
}

static void what_is_counted_and_cleared_is_told(void **data)
{
	struct bench *bench = *data;

	make_cluster(bench);
	assert_int_equal(create(bench, &l2_network_type,
				"{\"uuid\": \"l2\", \"name\": \"l2\", \"zone\": \"z\","
				" \"type\": \"novlan\", \"device\": \"em01\","
				" \"clusters\": [\"c\"]}"),
			 0);
	heard(bench, "created l2_network l2");
	assert_int_equal(create(bench, &l3_network_type,
				"{\"uuid\": \"l3\", \"name\": \"l3\", \"l2_network\": \"l2\","
				" \"category\": \"public\", \"cidr\": \"10.1.0.0/24\"}"),
			 0);
	text_clear(&bench->heard);
	bench->times = 0;
	assert_int_equal(create(bench, &vip_type,
				"{\"uuid\": \"v\", \"name\": \"v\", \"network\": \"l3\"}"),
			 0);
	/* The address has a name of its own that nobody gave. */
	assert_non_null(strstr(text_view(&bench->heard), "created vip v"));
	assert_non_null(strstr(text_view(&bench->heard), "created used_address"));
	assert_non_null(strstr(text_view(&bench->heard), "updated l3_network l3"));
	text_clear(&bench->heard);
	bench->times = 0;
	assert_int_equal(delete_it(bench, &cluster_type, "c", false), 0);
	heard(bench, "updated l2_network l2; deleted cluster c");
}

static void what_came_to_nothing_is_not_told(void **data)
{
	struct bench *bench = *data;

	make_cluster(bench);
	assert_int_equal(delete_it(bench, &zone_type, "z", true), 0);
	heard(bench, "");
	assert_int_equal(update(bench, &zone_type, "z", "{\"name\": \"zone\"}"), 0);
	heard(bench, ""); /* It was written as it was. */
	assert_int_equal(create(bench, &cluster_type, "{\"uuid\": \"d\", \"name\": \"x\"}"),
			 -EINVAL);
	heard(bench, "");
	assert_int_equal(create(bench, &zone_type, "{\"uuid\": \"z\", \"name\": \"again\"}"),
			 -EPERM);
	heard(bench, "");
	assert_int_equal(create(bench, &zone_type, "{\"uuid\": \"y\", \"name\": \"next\"}"), 0);
	heard(bench, "created zone y"); /* And nothing of what failed. */
}

static void hear_names(const struct model_event *events, size_t n, void *data)
{
	static const char *const name[] = { "name", NULL }, *const state[] = { "state", NULL };
	struct text *text = data;

	for (size_t i = 0; i < n; i++) {
		const struct zone *was = events[i].was, *is = events[i].is;

		text_format(text, "%s>%s %d %d;", was ? was->resource.name : "-",
			    is ? is->resource.name : "-", model_event_concerns(&events[i], name),
			    model_event_concerns(&events[i], state));
	}
}

static void it_is_told_as_it_was_and_as_it_is(void **data)
{
	AUTO(text_clear) struct text text = TEXT_NONE;
	struct bench *bench = *data;
	struct model_subscription *second = model_subscribe(bench->model, hear_names, &text);

	make_zone(bench);
	assert_int_equal(update(bench, &zone_type, "z", "{\"name\": \"other\"}"), 0);
	assert_int_equal(delete_it(bench, &zone_type, "z", false), 0);
	assert_string_equal(text_view(&text), "->zone 1 1;zone>other 1 0;other>- 1 1;");
	model_unsubscribe(second);
	assert_int_equal(create(bench, &zone_type, "{\"uuid\": \"y\", \"name\": \"y\"}"), 0);
	assert_null(strstr(text_view(&text), ">y"));
}

static void end_it(const struct model_event *events, size_t n, void *data)
{
	struct bench *bench = data;

	hear(events, n, data);
	model_unsubscribe(bench->subscription);
	bench->subscription = NULL;
}

static void a_subscription_may_end_itself(void **data)
{
	struct bench *bench = *data;

	model_unsubscribe(bench->subscription);
	bench->subscription = model_subscribe(bench->model, end_it, bench);
	make_zone(bench);
	assert_int_equal(update(bench, &zone_type, "z", "{\"name\": \"other\"}"), 0);
	heard(bench, "");
}

#define BENCH_TEST(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(what_is_made_changed_and_deleted_is_told),
		BENCH_TEST(what_follows_is_in_the_same_list),
		BENCH_TEST(what_is_counted_and_cleared_is_told),
		BENCH_TEST(what_came_to_nothing_is_not_told),
		BENCH_TEST(it_is_told_as_it_was_and_as_it_is),
		BENCH_TEST(a_subscription_may_end_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
