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

static void wire(const char *addresses)
{
	char command[256];

	must("ip link add eth0 type veth peer name peer0 && ip link set eth0 up && "
	     "ip link set peer0 up");
	snprintf(command, sizeof(command),
		 "for a in %s; do ip addr add $a dev eth0 nodad 2>/dev/null || exit 1; done",
		 addresses);
	must(command);
}

static void a_foreign_route_is_left_alone(void **state)
{
	struct bench *bench = bench_of(state);

	wire("10.0.0.1/24 fd00::1/64");
	must("ip route add 172.16.0.0/12 via 10.0.0.8 metric 7 proto static");
	must("ip route add fd01::/16 via fd00::8 metric 7 proto static");
	want(bench, "route", "254 172.16.0.0/12 7", "via 10.0.0.9 dev eth0");
	assert_string_equal(bench_make(bench),
			    "route 172.16.0.0/12 metric 7 is in table 254 already and is not ours");
	want(bench, "route", "254 172.16.0.0/12 7", "via 10.0.0.7 dev eth0");
	assert_string_equal(bench_make(bench),
			    "route 172.16.0.0/12 metric 7 is in table 254 already and is not ours");
	want(bench, "route", "254 fd01::/16 7", "via fd00::9 dev eth0");
	assert_string_equal(bench_make(bench),
			    "route fd01::/16 metric 7 is in table 254 already and is not ours");
	assert_string_equal(bench_make(bench), "");
	must("ip route show 172.16.0.0/12 | grep -q 'via 10.0.0.8 .*proto static'");
	must("ip -6 route show fd01::/16 | grep -q 'via fd00::8 .*proto static'");
}

static void a_route_of_ours_changes(void **state)
{
	struct bench *bench = bench_of(state);

	wire("10.0.0.1/24 fd00::1/64");
	/* Of the same mark, but unknown to the engine. */
	must("ip route add 192.0.2.0/24 via 10.0.0.8 metric 7 proto 119");
	must("ip route add 172.16.0.0/12 via 10.0.0.8 metric 6 proto static");
	for (int i = 0; i < 2; i++) {
		want(bench, "route", "254 172.16.0.0/12 7",
		     i ? "blackhole" : "via 10.0.0.9 dev eth0");
		want(bench, "route", "254 192.0.2.0/24 7",
		     i ? "via 10.0.0.7 dev eth0" : "via 10.0.0.9 dev eth0");
		want(bench, "route", "100 fd01::/16 7",
		     i ? "via fd00::7 dev eth0" : "via fd00::9 dev eth0");
		bench_settle(bench);
	}
	bench_settle(bench);
	must("ip route show 172.16.0.0/12 | grep -q 'via 10.0.0.8 .*proto static'");
}

static void an_address_changes_its_length(void **state)
{
	static const char *const lengths[] = { "64", "48", "128", "64" };
	struct bench *bench = bench_of(state);

	wire("");
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char key[64];

		snprintf(key, sizeof(key), "eth0 10.0.0.1/%zu", 24 - i);
		want(bench, "address", key, "");
		snprintf(key, sizeof(key), "eth0 fd00::1/%s", lengths[i]);
		want(bench, "address", key, "");
		bench_settle(bench);
	}
}

static void an_address_of_others(void **state)
{
	struct bench *bench = bench_of(state);

	wire("fd00::1/64 fd00::2/64");
	want(bench, "address", "eth0 fd00::1/48", "");
	assert_string_equal(bench_make(bench),
			    "address fd00::1/64 is there already and is not ours");
	/* As it is wanted, whoever set it. */
	want(bench, "address", "eth0 fd00::2/64", "");
	bench_settle(bench);
	bench_settle(bench);
	must("ip addr show dev eth0 | grep -q fd00::1/64");
	assert_false(works("ip addr show dev eth0 | grep -q fd00::2/64"));
}

static void count_event(void *data, enum rtnl_event what, const char *kind, const char *key,
			bool removed)
{
	(void)kind, (void)key, (void)removed;
	((int *)data)[what]++;
}

/* How often an event was told of since the last time. */
static int told(struct bench *bench, enum rtnl_event what)
{
	int n[RTNL_ITEM_TOUCHED + 1] = { 0 };

	assert_int_equal(rtnl_events_read(bench->rtnl, count_event, n, NULL), 0);
	return n[what];
}

/* Whether the command changes links as far as the events tell. */
static int changes_links(struct bench *bench, const char *command)
{
	must(command);
	return told(bench, RTNL_LINKS_CHANGED);
}

static void a_port_that_leaves_its_bridge_is_there(void **state)
{
	struct bench *bench = bench_of(state);

	must("ip link add br7 type bridge && ip link set br7 up");
	must("ip link add port type ifb && ip link set port up");
	assert_int_equal(changes_links(bench, "ip link set port master br7"), 1);
	assert_int_equal(changes_links(bench, "ip link set port alias one"), 0);
	assert_int_equal(changes_links(bench, "bridge link set dev port isolated on"), 1);
	assert_int_equal(changes_links(bench, "ip link set port alias other"), 0);
	assert_int_equal(changes_links(bench, "ip link set port down"), 1);
	assert_int_equal(changes_links(bench, "ip link set port nomaster"), 1);
	assert_int_equal(changes_links(bench, "ip link set port alias one"), 0);
	assert_int_equal(changes_links(bench, "ip link del port"), 1);
}

static void an_address_that_goes_takes_routes_along(void **state)
{
	struct bench *bench = bench_of(state);

	wire("10.0.9.1/24");
	told(bench, RTNL_LINKS_CHANGED);
	want(bench, "address", "eth0 10.0.0.1/24", "");
	bench_settle(bench);
	assert_int_equal(told(bench, RTNL_ADDRESS_CAME), 1);
	must("ip addr add 10.0.8.1/24 dev eth0");
	assert_int_equal(told(bench, RTNL_ADDRESS_CAME), 1);
	must("ip addr del 10.0.8.1/24 dev eth0");
	assert_int_equal(told(bench, RTNL_ROUTES_LOST), 1);
	bench_settle(bench); /* By our own hand. */
	assert_int_equal(told(bench, RTNL_ROUTES_LOST), 0);
}

static void a_local_route_is_read_alone(void **state)
{
	struct bench *bench = bench_of(state);
	struct item *have = NULL;

	wire("10.0.9.1/24");
	want(bench, "route", "255 10.0.0.5/32 1", "local dev eth0");
	bench_settle(bench);
	must("ip route show table local | grep -q '^local 10.0.0.5 dev eth0 proto 119 scope host'");
	assert_int_equal(rtnl_read_one(bench->rtnl, "route", "255 10.0.0.5/32 1", &have, NULL), 0);
	assert_string_equal(item_value(have), "local dev eth0");
	item_unref(have);
	must("ip route del local 10.0.0.5 table local");
	assert_int_equal(rtnl_read_one(bench->rtnl, "route", "255 10.0.0.5/32 1", &have, NULL), 0);
	assert_null(have);
	/* Something else has that address: another's route, a way that leads nowhere. */
	must("ip route add 10.0.0.5/32 dev eth0 && ip route add blackhole 10.0.0.6/32");
	for (int i = 5; i <= 6; i++) {
		char key[64];

		snprintf(key, sizeof(key), "255 10.0.0.%d/32 1", i);
		assert_int_equal(rtnl_read_one(bench->rtnl, "route", key, &have, NULL), 0);
		assert_null(have);
	}
	/* Beside an address of a link, which hides it as long as it is there. */
	must("ip addr add 10.0.0.7/32 dev eth0");
	want(bench, "route", "255 10.0.0.7/32 1", "local dev eth0");
	bench_settle(bench);
	must("ip addr del 10.0.0.7/32 dev eth0");
	assert_int_equal(rtnl_read_one(bench->rtnl, "route", "255 10.0.0.7/32 1", &have, NULL), 0);
	assert_string_equal(item_value(have), "local dev eth0");
	item_unref(have);
}

static void a_guest_is_plugged_in(void **state)
{
	struct bench *bench = bench_of(state);

	must("ip link add br7 type bridge && ip link add tap0 type veth peer name peer0");
	must("ip link add other type veth peer name peer1 && ip link set other master br7");
	want(bench, "plug", "tap0", "br7");
	bench_settle(bench);
	must("ip link show master br7 | grep -q tap0");
	must("ip link set tap0 nomaster");
	assert_int_equal(bench_left(bench), 1);
	want(bench, "plug", "tap0", "br7");
	assert_string_equal(bench_make(bench), "");
	must("ip link set tap0 master br7");
	/* Nobody wants it any more, and nobody remembers: its group tells. */
	engine_believe(bench->engine, &bench->want);
	assert_int_equal(bench_left(bench), 1);
	bench_repair(bench);
	assert_int_equal(bench_left(bench), 0);
	assert_false(works("ip link show master br7 | grep -q tap0"));
	must("ip link show master br7 | grep -q other");
	want(bench, "plug", "later", "br7");
	assert_string_equal(bench_make(bench), "link later is not there");
}

static void a_link_is_raised_and_stays_up(void **state)
{
	struct bench *bench = bench_of(state);

	must("ip link add eth0 type veth peer name peer0");
	want(bench, "link.raised", "eth0", "up");
	bench_settle(bench);
	must("ip link show eth0 | grep -q ,UP");
	assert_string_equal(bench_make(bench), "");
	must("ip link show eth0 | grep -q ,UP");
}

static void facts_tell_of_the_machine(void **state)
{
	struct bench *bench = bench_of(state);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct facts facts = FACTS_NONE;
	const struct facts_link *link;
	bool changed;
	struct ip ip;

	must("ip link add name br7 type bridge && ip link add name eth0 mtu 1400 type veth peer "
	     "name peer0 && ip link set eth0 master br7 && ip addr add 192.0.2.7/24 dev br7");
	want(bench, "address", "eth0 198.51.100.1/24", "");
	assert_string_equal(bench_make(bench), "");
	assert_int_equal(rtnl_facts(bench->rtnl, &facts, &changed, &err), 0);
	assert_true(changed);
	must("ip link set eth0 up");
	assert_int_equal(rtnl_facts(bench->rtnl, &facts, &changed, &err), 0);
	assert_false(changed);
	link = facts_link_by_name(&facts, "eth0");
	assert_non_null(link);
	assert_int_equal(link->mtu, 1400);
	assert_false(facts_has_address(&facts, link)); /* It is ours. */
	link = facts_link_by_index(&facts, link->master);
	assert_non_null(link);
	assert_string_equal(link->name, "br7");
	assert_string_equal(link->kind, "bridge");
	assert_int_equal(ip_parse("192.0.2.7", &ip, NULL), 0);
	assert_ptr_equal(facts_link_with(&facts, &ip), link);
	facts_clear(&facts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_foreign_link_is_left_alone),
		TEST(a_link_of_ours_goes),
		TEST(an_address_changes_its_length),
		TEST(an_address_of_others),
		TEST(a_port_that_leaves_its_bridge_is_there),
		TEST(an_address_that_goes_takes_routes_along),
		TEST(a_local_route_is_read_alone),
		TEST(a_foreign_route_is_left_alone),
		TEST(a_route_of_ours_changes),
		TEST(a_foreign_link_is_left_alone),
		TEST(a_link_of_ours_goes),
		TEST(an_address_changes_its_length),
		TEST(an_address_of_others),
		TEST(a_port_that_leaves_its_bridge_is_there),
		TEST(a_guest_is_plugged_in),
		TEST(a_link_is_raised_and_stays_up),
		TEST(facts_tell_of_the_machine),
		TEST(a_foreign_route_is_left_alone),
		TEST(a_route_of_ours_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
