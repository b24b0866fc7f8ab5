/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl.c - what rtnetlink makes of items, and what it leaves alone. */
#include "tests/unit/rtnl_bench.h"

static void a_foreign_link_is_left_alone(void **state)
{
	struct bench *bench = bench_of(state);

	must("ip link add br7 type bridge");
	want(bench, "link", "br7", "bridge");
	assert_string_equal(bench_make(bench), "link br7 is there already and is not ours");
	want(bench, "link", "br7", "ifb");
	assert_string_equal(bench_make(bench), "link br7 is there already and is not ours");
	assert_string_equal(bench_make(bench), "");
	must("ip -d link show br7 | grep -q bridge");
}

static void a_link_of_ours_goes(void **state)
{
	struct bench *bench = bench_of(state);

	want(bench, "link", "br7", "bridge");
	bench_settle(bench);
	want(bench, "link", "br7", "ifb");
	bench_settle(bench);
	must("ip -d link show br7 | grep -q ifb");
	bench_settle(bench);
	assert_false(works("ip link show br7 2>/dev/null"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_foreign_link_is_left_alone),
		TEST(a_link_of_ours_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
