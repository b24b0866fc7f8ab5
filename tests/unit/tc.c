/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tc.c - what traffic control makes of items. */
#include "tests/unit/rtnl_bench.h"

#include "lib/backend/tc/tc.h"

static struct tc *tc;
static struct facts facts;

static int up(void **state)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct bench *bench;
	struct provider provider;

	bench_up(state);
	bench = *state;
	if (!bench->rtnl)
		return 0;
	if (tc_probe(&facts, &err) < 0 || tc_new(bench->rtnl, &tc, &err) < 0)
		fail_msg("%s", err_text(&err));
	provider = tc_provider(tc);
	engine_add_provider(bench->engine, &provider);
	return 0;
}

static int down(void **state)
{
	tc_free(tc);
	tc = NULL;
	facts_clear(&facts);
	return bench_down(state);
}

static struct bench *tc_bench(void **state)
{
	struct bench *bench = bench_of(state);
	const char *reason = "";

	if (!facts_supports(&facts, "htb", &reason)) {
		print_message("%s\n", reason);
		skip();
	}
	must("ip link add eth0 type veth peer name peer0 && ip link set eth0 up && "
	     "ip link set peer0 up");
	return bench;
}

static void want_tree(struct bench *bench, const char *link, const char *rate, const char *queue)
{
	char key[64], value[128];

	snprintf(key, sizeof(key), "%s 5af7:", link);
	want(bench, "tc.qdisc", key, "root htb default 0");
	for (int minor = 0x10; minor < 0x13; minor++) {
		snprintf(key, sizeof(key), "%s 5af7:%x", link, minor);
		snprintf(value, sizeof(value),
			 "parent %s htb rate %s ceil %s burst 16000 cburst 16000",
			 minor == 0x12 ? "5af7:11" : "5af7:", rate, rate);
		want(bench, "tc.class", key, value);
	}
	snprintf(key, sizeof(key), "%s 10:", link);
	snprintf(value, sizeof(value), "5af7:10 %s", queue);
	want(bench, "tc.qdisc", key, value);
	snprintf(key, sizeof(key), "%s abcd:", link);
	want(bench, "tc.qdisc", key, "5af7:12 bfifo 30000");
}

static void a_tree_comes_changes_and_goes(void **state)
{
	static const char *const rates[] = { "1000", "8", "333", "9999", "100000", "40000000" };
	struct bench *bench = tc_bench(state);

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		want_tree(bench, "eth0", rates[i], i % 2 ? "bfifo 50000" : "pfifo 50");
		want_tree(bench, "peer0", rates[0], i < 3 ? "bfifo 50000" : "bfifo 60000");
		bench_settle(bench);
	}
	must("tc class show dev peer0 | grep 'class htb 5af7:10 ' | grep -q 'rate 1Mbit ceil 1Mbit "
	     "burst 16000b'");
	must("tc qdisc show dev peer0 | grep -q 'bfifo 10: parent 5af7:10 limit 60000b'");
	/* One root stays, with nothing on it. */
	want(bench, "tc.qdisc", "eth0 5af7:", "root htb default 0");
	bench_settle(bench);
	assert_false(works("tc qdisc show dev peer0 | grep htb"));
	bench_settle(bench);
	assert_false(works("tc qdisc show | grep htb"));
}

static void a_class_that_others_changed_is_seen(void **state)
{
	struct bench *bench = tc_bench(state);
	bool touched;

	want_tree(bench, "eth0", "1000", "pfifo 50");
	bench_settle(bench);
	assert_int_equal(tc_events_read(tc, &touched, NULL), 0);
	assert_false(touched);
	must("tc class change dev eth0 parent 5af7: classid 5af7:10 htb rate 2mbit");
	assert_int_equal(tc_events_read(tc, &touched, NULL), 0);
	assert_true(touched);
	assert_int_equal(bench_left(bench), 1);
	must("tc class add dev eth0 parent 5af7: classid 5af7:99 htb rate 2mbit");
	must("tc qdisc del dev eth0 parent 5af7:10 handle 10:");
	assert_int_equal(bench_left(bench), 3);
	must("tc qdisc del dev eth0 root");
	assert_int_equal(bench_left(bench), 6);
	bench_repair(bench);
	assert_int_equal(bench_left(bench), 0);
}

static void a_class_moves(void **state)
{
	struct bench *bench = tc_bench(state);

	for (int i = 0; i < 3; i++) {
		want(bench, "tc.qdisc", "eth0 5af7:", "root htb default 0");
		want(bench, "tc.class", "eth0 5af7:1",
		     "parent 5af7: htb rate 80 ceil 80 burst 9000 cburst 9000");
		want(bench, "tc.class", "eth0 5af7:2",
		     i % 2 ? "parent 5af7:1 htb rate 80 ceil 80 burst 9000 cburst 9000"
			   : "parent 5af7: htb rate 80 ceil 80 burst 9000 cburst 9000");
		bench_settle(bench);
	}
}

static void anothers_root_is_left_alone(void **state)
{
	struct bench *bench = tc_bench(state);

	must("tc qdisc add dev eth0 root handle 1: pfifo limit 7");
	want(bench, "tc.qdisc", "eth0 5af7:", "root htb default 0");
	assert_string_equal(bench_make(bench), "link eth0 has another qdisc there already");
	assert_string_equal(bench_make(bench), "");
	must("tc qdisc show dev eth0 | grep -q 'pfifo 1: root .*limit 7p'");
}

static void all_that_comes_in_is_led_away(void **state)
{
	struct bench *bench = tc_bench(state);

	for (int i = 0; i < 3; i++) {
		want(bench, "link", "ifb7", "ifb");
		want(bench, "link", "ifb8", "ifb");
		want(bench, "tc.qdisc", "eth0 ingress", "ingress");
		want(bench, "tc.filter", "eth0 ingress 1 800",
		     i % 2 ? "protocol all u32 match-all redirect ifb7"
			   : "protocol all u32 match-all redirect ifb8");
		bench_settle(bench);
	}
	must("tc filter show dev eth0 ingress | grep -q 'Egress Redirect to device ifb8'");
	/* The device goes, another comes by its name. */
	must("ip link del ifb8 && ip link add ifb8 group 119 type ifb && ip link set ifb8 alias "
	     "'weft owner'");
	assert_int_equal(bench_left(bench), 1);
	bench_repair(bench);
	assert_int_equal(bench_left(bench), 0);
	bench_settle(bench);
	assert_false(works("tc qdisc show dev eth0 | grep ingress"));
}

static void what_stands_on_nothing_fails(void **state)
{
	struct bench *bench = tc_bench(state);

	want(bench, "tc.class", "eth9 5af7:1", "parent 5af7: htb rate 8 ceil 8 burst 9 cburst 9");
	assert_string_equal(bench_make(bench), "link eth9 is not there");
	want(bench, "tc.class", "eth0 5af7:1", "parent 5af7: htb rate 0 ceil 8 burst 9 cburst 9");
	assert_string_equal(bench_make(bench),
			    "tc.class \"eth0 5af7:1\" cannot be \"parent 5af7: htb rate 0 ceil 8 "
			    "burst 9 cburst 9\"");
	want(bench, "tc.qdisc", "eth0 7:", "5af7:1 bfifo 9");
	assert_string_not_equal(bench_make(bench), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tree_comes_changes_and_goes),
		TEST(a_class_that_others_changed_is_seen),
		TEST(a_class_moves),
		TEST(anothers_root_is_left_alone),
		TEST(all_that_comes_in_is_led_away),
		TEST(what_stands_on_nothing_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
