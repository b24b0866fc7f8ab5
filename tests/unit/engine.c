/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine against a backend made of memory, which can be told to fail. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "lib/item/engine.h"

struct shelf {
	struct item_set holds;
	const char *broken; /* The key that cannot be changed. */
	struct text seen;   /* What was done, in order. */
	size_t reads;
	bool locked; /* It cannot be read. */
};

static int shelf_read(void *self, const struct item_set *want, struct item_set *have,
		      struct err *err)
{
	struct shelf *shelf = self;
	struct item *item, *after;

	(void)want;
	shelf->reads++;
	if (shelf->locked)
		return err_set(err, -EBUSY, "it is locked");
	item_set_for_each (&shelf->holds, item, after)
		item_set_say(have, item_kind(item), item_owner(item), item_key(item),
			     item_value(item));
	return 0;
}

static void shelf_apply(void *self, struct change **changes, size_t n)
{
	struct shelf *shelf = self;

	for (size_t i = 0; i < n; i++) {
		const struct item *item = change_item(changes[i]);
		struct item *held = item_set_find(&shelf->holds, item_kind(item), item_key(item));

		if (shelf->broken && strcmp(shelf->broken, item_key(item)) == 0) {
			err_set(&changes[i]->err, -EIO, "it is stuck");
			continue;
		}
		text_format(&shelf->seen, "%c%s ", "+~-"[changes[i]->action], item_key(item));
		if (held)
			item_unref(item_set_take(&shelf->holds, held));
		if (changes[i]->want)
			item_set_say(&shelf->holds, item_kind(item), item_owner(item),
				     item_key(item), item_value(item));
	}
}

static const char *const cup_kinds[] = { "cup", NULL };
static const char *const saucer_kinds[] = { "saucer", NULL };
static const char *const spoon_kinds[] = { "spoon", NULL };

struct world {
	struct shelf cups, saucers;
	struct engine *engine;
	struct plan plan;
};

static int setup(void **state)
{
	struct world *world = mem_alloc(sizeof(*world));
	struct provider cups = { .name = "cups",
				 .kinds = cup_kinds,
				 .self = &world->cups,
				 .read = shelf_read,
				 .apply = shelf_apply };
	struct provider saucers = { .name = "saucers",
				    .kinds = saucer_kinds,
				    .self = &world->saucers,
				    .read = shelf_read,
				    .owned = saucer_kinds,
				    .apply = shelf_apply,
				    .at_once = true };

	world->engine = engine_new();
	engine_add_provider(world->engine, &saucers);
	engine_add_provider(world->engine, &cups);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	engine_free(world->engine);
	plan_clear(&world->plan);
	item_set_clear(&world->cups.holds);
	item_set_clear(&world->saucers.holds);
	text_clear(&world->cups.seen);
	text_clear(&world->saucers.seen);
	free(world);
	return 0;
}

/* Wants "kind key value owner" of each row. */
static void want(struct item_set *set, const char *const rows[][4], size_t n)
{
	for (size_t i = 0; i < n; i++)
		item_set_say(set, rows[i][0], rows[i][3], rows[i][1], rows[i][2]);
}

static void replace(struct world *world, const char *const rows[][4], size_t n)
{
	struct item_set set = ITEM_SET_NONE;

	want(&set, rows, n);
	plan_clear(&world->plan);
	engine_replace(world->engine, &set, 1000, &world->plan);
}

static const char *const two[][4] = { { "cup", "a", "1", "o1" }, { "cup", "b", "1", "o2" } };

static void what_is_wanted_is_made_once(void **state)
{
	struct world *world = *state;

	replace(world, two, 2);
	assert_int_equal(world->plan.n, 2);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
	replace(world, two, 2);
	assert_int_equal(world->plan.n, 0);
	replace(world, two, 1);
	assert_int_equal(world->plan.n, 1);
	assert_int_equal(item_set_count(&world->cups.holds), 1);
}

static void another_owner_is_a_change_where_owners_are_held(void **state)
{
	static const char *const mine[][4] = { { "cup", "a", "1", "me" },
					       { "saucer", "a", "1", "me" } };
	static const char *const yours[][4] = { { "cup", "a", "1", "you" },
						{ "saucer", "a", "1", "you" } };
	struct world *world = *state;

	replace(world, mine, 2);
	replace(world, yours, 2);
	assert_int_equal(world->plan.n, 1);
	assert_string_equal(item_kind(change_item(&world->plan.changes[0])), "saucer");
	assert_string_equal(item_owner(item_set_find(&world->saucers.holds, "saucer", "a")), "you");
}

static void one_failure_keeps_nobody_else(void **state)
{
	struct world *world = *state;
	struct engine_failure failure;

	world->cups.broken = "a";
	replace(world, two, 2);
	assert_true(engine_failed(world->engine, "o1", &failure));
	assert_string_equal(failure.text, "it is stuck");
	assert_false(engine_failed(world->engine, "o2", &failure));
	assert_int_equal(item_set_count(&world->cups.holds), 1);
	assert_int_equal(engine_retry_at(world->engine), 1250);
}

static void a_failure_is_tried_again_until_it_works(void **state)
{
	struct world *world = *state;
	struct engine_failure failure;

	world->cups.broken = "a";
	replace(world, two, 2);
	plan_clear(&world->plan);
	engine_retry(world->engine, 1250, &world->plan);
	assert_int_equal(engine_retry_at(world->engine), 1250 + 500);
	world->cups.broken = NULL;
	plan_clear(&world->plan);
	engine_retry(world->engine, 1750, &world->plan);
	assert_false(engine_failed(world->engine, "o1", &failure));
	assert_int_equal(engine_retry_at(world->engine), UINT64_MAX);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
}

static void what_failed_is_in_the_next_plan(void **state)
{
	struct world *world = *state;

	world->cups.broken = "a";
	replace(world, two, 2);
	world->cups.broken = NULL;
	replace(world, two, 2);
	assert_int_equal(world->plan.n, 1);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
}

static void a_removal_that_fails_is_tried_again(void **state)
{
	struct world *world = *state;

	replace(world, two, 2);
	world->cups.broken = "b";
	replace(world, two, 1);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
	world->cups.broken = NULL;
	plan_clear(&world->plan);
	engine_retry(world->engine, 5000, &world->plan);
	assert_int_equal(item_set_count(&world->cups.holds), 1);
}

static void what_cannot_be_read_is_read_later(void **state)
{
	struct world *world = *state;
	struct item_set set = ITEM_SET_NONE;
	struct engine_failure failure;
	struct err err = ERR_NONE;

	want(&set, two, 2);
	engine_believe(world->engine, &set);
	world->cups.locked = true;
	assert_int_equal(engine_reconcile(world->engine, NULL, false, 1000, &world->plan, &err),
			 -EBUSY);
	err_clear(&err);
	assert_true(engine_failed(world->engine, "", &failure));
	assert_string_equal(item_kind(failure.item), "backend");
	assert_string_equal(item_key(failure.item), "cups");
	assert_string_equal(failure.text, "cannot be read: it is locked");
	assert_int_equal(engine_retry_at(world->engine), 1250);
	plan_clear(&world->plan);
	engine_retry(world->engine, 1250, &world->plan);
	assert_int_equal(engine_retry_at(world->engine), 1250 + 500);
	world->cups.locked = false;
	/* That it could be read once repairs nothing yet. */
	assert_int_equal(engine_reconcile(world->engine, NULL, true, 1300, &world->plan, NULL), 0);
	assert_int_equal(engine_retry_at(world->engine), 1250 + 500);
	plan_clear(&world->plan);
	engine_retry(world->engine, 1750, &world->plan);
	assert_int_equal(world->plan.n, 2);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
	assert_int_equal(engine_retry_at(world->engine), UINT64_MAX);
}

static void what_failed_and_cannot_be_read_waits(void **state)
{
	struct world *world = *state;

	world->cups.broken = "a";
	replace(world, two, 2);
	world->cups.locked = true;
	assert_int_equal(engine_reconcile(world->engine, NULL, false, 1100, &world->plan, NULL),
			 -EBUSY);
	engine_retry(world->engine, 1350, &world->plan);
	assert_int_equal(engine_retry_at(world->engine), 1350 + 500);
	world->cups.locked = false;
	world->cups.broken = NULL;
	plan_clear(&world->plan);
	engine_retry(world->engine, 1850, &world->plan);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
	assert_int_equal(engine_retry_at(world->engine), UINT64_MAX);
}

static void a_restart_changes_nothing(void **state)
{
	struct world *world = *state;
	struct item_set set = ITEM_SET_NONE;

	item_set_say(&world->cups.holds, "cup", "o1", "a", "1");
	item_set_say(&world->cups.holds, "cup", "", "stray", "1");
	want(&set, two, 1);
	engine_believe(world->engine, &set);
	assert_int_equal(engine_reconcile(world->engine, NULL, false, 0, &world->plan, NULL), 0);
	assert_string_equal(text_view(&world->cups.seen), "-stray ");
}

static void a_part_changes_without_looking_at_the_rest(void **state)
{
	struct world *world = *state;
	struct item_set before = ITEM_SET_NONE, after = ITEM_SET_NONE;

	replace(world, two, 2);
	item_set_say(&before, "cup", "o2", "b", "1");
	item_set_say(&after, "cup", "o2", "b", "2");
	item_set_say(&after, "cup", "o2", "c", "1");
	plan_clear(&world->plan);
	engine_change(world->engine, &before, &after, 0, &world->plan);
	assert_int_equal(world->plan.n, 2);
	assert_int_equal(world->cups.reads, 0);
	assert_string_equal(item_value(item_set_find(engine_wanted(world->engine), "cup", "b")),
			    "2");
	assert_int_equal(item_set_count(engine_wanted(world->engine)), 3);
}

static void a_foreign_hand_is_undone(void **state)
{
	struct world *world = *state;

	replace(world, two, 2);
	plan_clear(&world->plan);
	engine_touched(world->engine, "cup", "a", NULL, &world->plan);
	engine_touched(world->engine, "cup", "b", item_new("cup", "b", "1", "o2"), &world->plan);
	engine_touched(world->engine, "cup", "x", item_new("cup", "x", "1", ""), &world->plan);
	engine_touched(world->engine, "cup", "y", NULL, &world->plan);
	plan_sort(&world->plan);
	assert_int_equal(world->plan.n, 2);
	assert_int_equal(world->plan.changes[0].action, CHANGE_ADD);
	assert_int_equal(world->plan.changes[1].action, CHANGE_REMOVE);
}

static void what_waited_for_a_backend_is_due(void **state)
{
	static const char *const rows[][4] = { { "cup", "a", "1", "o" },
					       { "saucer", "s", "1", "o" } };
	struct world *world = *state;

	world->cups.broken = "a";
	world->saucers.broken = "s";
	replace(world, rows, 2);
	engine_retry_soon(world->engine, "saucers", 7);
	world->cups.broken = world->saucers.broken = NULL;
	plan_clear(&world->plan);
	engine_retry(world->engine, 7, &world->plan);
	assert_string_equal(text_view(&world->saucers.seen), "+s ");
	assert_int_equal(world->plan.n, 1);
	engine_retry_soon(world->engine, NULL, 8);
	assert_int_equal(engine_retry_at(world->engine), 8);
}

/* It waits for its time, whoever asks for the rest; a look at everything takes it along. */
static void what_is_backed_off_waits(void **state)
{
	struct world *world = *state;
	struct engine_failure failure;

	replace(world, two, 2);
	plan_clear(&world->plan);
	item_unref(
		item_set_take(&world->cups.holds, item_set_find(&world->cups.holds, "cup", "a")));
	engine_touched(world->engine, "cup", "a", NULL, &world->plan);
	engine_back_off(world->engine, &world->plan.changes[0], 9000, "fought over");
	assert_true(engine_backed_off(world->engine, change_item(&world->plan.changes[0])));
	assert_true(engine_failed(world->engine, "o1", &failure));
	assert_string_equal(failure.text, "fought over");
	replace(world, two, 2);
	engine_retry_soon(world->engine, NULL, 2000);
	engine_retry(world->engine, 2000, &world->plan);
	assert_int_equal(world->plan.n, 0);
	assert_int_equal(engine_retry_at(world->engine), 9000);
	engine_retry(world->engine, 9000, &world->plan);
	assert_int_equal(world->plan.n, 1);
	assert_int_equal(item_set_count(&world->cups.holds), 2);
	assert_false(engine_failed(world->engine, "o1", &failure));
	engine_back_off(world->engine, &world->plan.changes[0], 20000, "fought over");
	item_unref(
		item_set_take(&world->cups.holds, item_set_find(&world->cups.holds, "cup", "a")));
	plan_clear(&world->plan);
	assert_int_equal(engine_reconcile(world->engine, NULL, false, 9500, &world->plan, NULL), 0);
	assert_int_equal(world->plan.n, 1);
	assert_false(engine_failed(world->engine, "o1", &failure));
}

static void removals_come_last_and_in_reverse(void **state)
{
	static const char *const all[][4] = { { "cup", "a", "1", "o" },
					      { "saucer", "s", "1", "o" } };
	static const char *const others[][4] = { { "cup", "b", "1", "o" },
						 { "saucer", "t", "1", "o" } };
	struct world *world = *state;

	replace(world, all, 2);
	text_clear(&world->cups.seen);
	text_clear(&world->saucers.seen);
	replace(world, others, 2);
	assert_string_equal(text_view(&world->cups.seen), "+b -a ");
	assert_true(strstr(text_view(&world->saucers.seen), "+t ") != NULL);
}

static void what_must_go_first_does(void **state)
{
	static const char *const before[][4] = { { "cup", "a", "1", "o" },
						 { "spoon", "x", "1", "o" } };
	static const char *const after[][4] = { { "cup", "b", "1", "o" },
						{ "spoon", "y", "1", "o" } };
	struct world *world = *state;
	struct provider spoons = { .name = "spoons",
				   .kinds = spoon_kinds,
				   .self = &world->cups,
				   .read = shelf_read,
				   .apply = shelf_apply,
				   .removals_first = true };

	engine_add_provider(world->engine, &spoons);
	replace(world, before, 2);
	text_clear(&world->cups.seen);
	replace(world, after, 2);
	assert_string_equal(text_view(&world->cups.seen), "-x +b +y -a ");
}

static int shelf_read_link(void *self, const char *link, const struct item_set *wanted,
			   struct item_set *have, struct err *err)
{
	struct shelf *shelf = self;
	struct item *item, *after;

	(void)wanted;
	if (shelf->locked)
		return err_set(err, -EBUSY, "it is locked");
	item_set_for_each (&shelf->holds, item, after)
		if (strncmp(item_key(item), link, strlen(link)) == 0 &&
		    item_key(item)[strlen(link)] == ' ')
			item_set_say(have, item_kind(item), item_owner(item), item_key(item),
				     item_value(item));
	return 0;
}

static void one_link_is_looked_at_alone(void **state)
{
	static const char *const all[][4] = { { "spoon", "v1 size", "1", "o1" },
					      { "spoon", "v1 colour", "red", "o1" },
					      { "spoon", "v10 size", "1", "o2" },
					      { "cup", "v1 size", "1", "o1" } };
	static const char *const there[][4] = { { "spoon", "v1 size", "2", "o1" },
						{ "spoon", "v1 shape", "round", "o1" },
						{ "spoon", "v10 size", "2", "o2" } };
	struct world *world = *state;
	struct provider spoons = { .name = "spoons",
				   .kinds = spoon_kinds,
				   .self = &world->saucers,
				   .read = shelf_read,
				   .read_link = shelf_read_link,
				   .apply = shelf_apply };
	struct item_set some = ITEM_SET_NONE;
	struct err err = ERR_NONE;

	engine_add_provider(world->engine, &spoons);
	replace(world, all, 4);
	item_set_clear(&world->saucers.holds);
	want(&world->saucers.holds, there, 3);
	text_clear(&world->saucers.seen);
	plan_clear(&world->plan);
	want(&some, all, 4);
	assert_int_equal(engine_look_at_link(world->engine, "v1", &some, &world->plan, &err), 0);
	plan_sort(&world->plan);
	engine_repair(world->engine, 1000, &world->plan);
	assert_string_equal(text_view(&world->saucers.seen), "+v1 colour ~v1 size -v1 shape ");
	assert_int_equal(world->saucers.reads, 0);
	world->saucers.locked = true;
	assert_int_equal(engine_look_at_link(world->engine, "v1", &some, &world->plan, &err),
			 -EBUSY);
	assert_string_equal(err_text(&err), "spoons: it is locked");
	err_clear(&err);
	item_set_clear(&some);
}

/* What walks stand on may go, also the last of its kind. */
static void a_set_walks_all_or_one_kind(void **state)
{
	struct item_set set = ITEM_SET_NONE;
	struct item *item, *after;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		AUTO(free_ptr) char *key = mem_format("%d", i);

		assert_true(item_set_say(&set, "many", "", key, ""));
		assert_false(item_set_say(&set, "many", "", key, "again"));
		assert_true(i || item_set_say(&set, "one", "", key, ""));
	}
	assert_int_equal(item_set_count(&set), 101);
	assert_null(item_set_first_of(&set, "none"));
	item_set_for_each_of (&set, "many", item, after) {
		assert_string_equal(item_kind(item), "many");
		n++;
	}
	assert_int_equal(n, 100);
	item_set_for_each (&set, item, after)
		if (item_is(item, "one"))
			item_unref(item_set_take(&set, item));
	assert_null(item_set_find(&set, "one", "0"));
	n = 0;
	item_set_for_each (&set, item, after) {
		item_unref(item_set_take(&set, item));
		n++;
	}
	assert_int_equal(n, 100);
	assert_int_equal(item_set_count(&set), 0);
	item_set_clear(&set);
}

static void an_item_is_found_by_one_of_its_name(void **state)
{
	struct item_set held = ITEM_SET_NONE, asked = ITEM_SET_NONE;
	AUTO(item_unref_auto) struct item *in_no_set = item_new("cup", "b", "", "");

	(void)state;
	item_set_say(&held, "cup", "me", "a", "held");
	item_set_say(&held, "saucer", "me", "b", "held");
	item_set_say(&asked, "cup", "you", "a", "asked");
	item_set_say(&asked, "spoon", "you", "a", "asked");
	item_set_expect(&held, &asked);
	assert_string_equal(item_value(item_set_like(&held, item_set_first_of(&asked, "cup"))),
			    "held");
	assert_null(item_set_like(&held, item_set_first_of(&asked, "spoon")));
	assert_null(item_set_like(&held, in_no_set));
	item_set_say(&held, "cup", "me", "b", "");
	assert_ptr_equal(item_set_like(&held, in_no_set), item_set_find(&held, "cup", "b"));
	item_set_clear(&held);
	item_set_clear(&asked);
}

static void a_kind_without_backend_is_said(void **state)
{
	static const char *const rows[][4] = { { "spoon", "a", "1", "o1" } };
	struct world *world = *state;
	struct engine_failure failure;

	replace(world, rows, 1);
	assert_true(engine_failed(world->engine, "o1", &failure));
	assert_string_equal(failure.text, "no backend knows kind spoon");
	plan_clear(&world->plan);
	engine_retry(world->engine, 2000, &world->plan);
	assert_int_equal(engine_retry_at(world->engine), 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_wanted_is_made_once, setup, teardown),
		cmocka_unit_test_setup_teardown(another_owner_is_a_change_where_owners_are_held,
						setup, teardown),
		cmocka_unit_test_setup_teardown(one_failure_keeps_nobody_else, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_is_tried_again_until_it_works, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_failed_is_in_the_next_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(a_removal_that_fails_is_tried_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_read_later, setup, teardown),
		cmocka_unit_test_setup_teardown(what_failed_and_cannot_be_read_waits, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_restart_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_part_changes_without_looking_at_the_rest, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_foreign_hand_is_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(what_waited_for_a_backend_is_due, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_backed_off_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(removals_come_last_and_in_reverse, setup, teardown),
		cmocka_unit_test_setup_teardown(what_must_go_first_does, setup, teardown),
		cmocka_unit_test_setup_teardown(one_link_is_looked_at_alone, setup, teardown),
		cmocka_unit_test(a_set_walks_all_or_one_kind),
		cmocka_unit_test(an_item_is_found_by_one_of_its_name),
		cmocka_unit_test_setup_teardown(a_kind_without_backend_is_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
