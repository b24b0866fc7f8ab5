/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is fought over waits ever longer, and is forgiven. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/item/fight.h"

#define TIMES_AT_ONCE 5

/* The pause after the n-th touch, each one right when the pause before is over. */
static uint64_t touch_times(struct fights *fights, const char *name, int n, uint64_t *now_ms)
{
	uint64_t wait = 0;

	for (int i = 0; i < n; i++) {
		*now_ms += wait;
		wait = fights_touch(fights, "route", name, *now_ms);
	}
	return wait;
}

static void the_first_times_are_at_once(void **state)
{
	struct fights fights = FIGHTS_NONE;
	uint64_t now = 1000;

	(void)state;
	for (int i = 0; i < TIMES_AT_ONCE; i++)
		assert_int_equal(fights_touch(&fights, "route", "a", now++), 0);
	assert_int_not_equal(fights_touch(&fights, "route", "a", now), 0);
	assert_int_equal(fights_touch(&fights, "route", "b", now), 0);
	assert_int_equal(fights_touch(&fights, "rule", "a", now), 0);
	fights_clear(&fights);
}

static void the_pause_doubles_up_to_a_limit(void **state)
{
	struct fights fights = FIGHTS_NONE;
	uint64_t now = 1000, wait = touch_times(&fights, "a", TIMES_AT_ONCE + 1, &now), last;

	(void)state;
	assert_int_equal(wait, 1000);
	for (int i = 0; i < 10; i++) {
		now += wait;
		last = wait;
		wait = fights_touch(&fights, "route", "a", now);
		assert_int_equal(wait, last < 15000 ? 2 * last : 30000);
	}
	fights_clear(&fights);
}

static void in_the_pause_nothing_counts(void **state)
{
	struct fights fights = FIGHTS_NONE;
	uint64_t now = 1000;

	(void)state;
	touch_times(&fights, "a", TIMES_AT_ONCE + 1, &now);
	assert_int_equal(fights_wait_ms(&fights, "route", "a", now), 1000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(fights_touch(&fights, "route", "a", now + 400), 600);
	assert_int_equal(fights_wait_ms(&fights, "route", "a", now + 1000), 0);
	assert_int_equal(fights_touch(&fights, "route", "a", now + 1000), 2000);
	fights_clear(&fights);
}

static void left_alone_it_is_forgiven(void **state)
{
	struct fights fights = FIGHTS_NONE;
	uint64_t now = 1000;

	(void)state;
	touch_times(&fights, "a", TIMES_AT_ONCE + 1, &now);
	fights_forgive(&fights, now + 12000);
	assert_int_equal(fights.by_name.n, 1);
	assert_int_equal(fights_touch(&fights, "route", "a", now + 12001), 0);
	fights_forgive(&fights, now + 100000);
	assert_int_equal(fights.by_name.n, 0);
	assert_int_equal(fights_wait_ms(&fights, "route", "a", now + 100000), 0);
	fights_clear(&fights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_times_are_at_once),
		cmocka_unit_test(the_pause_doubles_up_to_a_limit),
		cmocka_unit_test(in_the_pause_nothing_counts),
		cmocka_unit_test(left_alone_it_is_forgiven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
