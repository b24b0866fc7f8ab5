/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl_neighbour.c - neighbours, proxies, a vxlan's entries, bridges and their ports. */
#include "tests/unit/rtnl_bench.h"

#define MAC       "fa:00:00:00:00:11"
#define OTHER_MAC "fa:00:00:00:00:12"
#define FLOODED   "00:00:00:00:00:00"

static void wire(void)
{
	must("ip link add eth0 type veth peer name peer0 && ip link set eth0 up && "
	     "ip link set peer0 up && ip addr add 10.0.0.1/24 dev eth0 && "
	     "ip addr add fd00::1/64 dev eth0 nodad");
}

static void neighbours_come_change_and_go(void **state)
{
	struct bench *bench = bench_of(state);

	wire();
	for (int i = 0; i < 2; i++) {
		want(bench, "neighbour", "eth0 10.0.0.5", i ? OTHER_MAC : MAC);
		want(bench, "neighbour", "eth0 fd00::5", i ? OTHER_MAC : MAC);
		want(bench, "proxy", "eth0 10.0.0.6", "");
		want(bench, "proxy", "eth0 fd00::6", "");
		bench_settle(bench);
	}
	must("ip neigh show | grep -q '10.0.0.5 .*" OTHER_MAC " PERMANENT'");
	must("ip neigh show proxy | grep -q '^10.0.0.6 '");
	bench_settle(bench);
	assert_false(works("ip neigh show | grep PERMANENT"));
	assert_false(works("ip neigh show proxy | grep ."));
}

static void neighbours_of_others_are_left_alone(void **state)
{
	struct bench *bench = bench_of(state);

	wire();
	must("ip neigh add 10.0.0.5 lladdr " MAC " dev eth0 nud permanent");
	must("ip neigh add proxy 10.0.0.6 dev eth0");
	must("ip neigh add 10.0.0.7 lladdr " MAC " dev eth0 nud stale");
	want(bench, "neighbour", "eth0 10.0.0.5", OTHER_MAC);
	assert_string_equal(bench_make(bench),
			    "neighbour 10.0.0.5 is there already and is not ours");
	want(bench, "proxy", "eth0 10.0.0.6", "");
	assert_string_equal(bench_make(bench), "proxy 10.0.0.6 is there already and is not ours");
	/* What the kernel learnt makes room. */
	want(bench, "neighbour", "eth0 10.0.0.7", OTHER_MAC);
	bench_settle(bench);
	bench_settle(bench);
	must("ip neigh show | grep -q '10.0.0.5 .*" MAC " PERMANENT'");
	must("ip neigh show proxy | grep -q '^10.0.0.6 '");
}

static void want_vxlan(struct bench *bench)
{
	want(bench, "link", "vx", "vxlan 7 local 10.0.0.1 port 4789");
	want(bench, "link.up", "vx", "up");
}

static void a_vxlan_sends_where_it_is_told(void **state)
{
	struct bench *bench = bench_of(state);

	wire();
	want_vxlan(bench);
	want(bench, "fdb", "vx " FLOODED " 10.0.0.8", "");
	want(bench, "fdb", "vx " FLOODED " 10.0.0.9", "");
	want(bench, "fdb", "vx " MAC " 10.0.0.8", "");
	bench_settle(bench);
	want_vxlan(bench);
	want(bench, "fdb", "vx " FLOODED " 10.0.0.9", "");
	want(bench, "fdb", "vx " FLOODED " 10.0.0.7", "");
	want(bench, "fdb", "vx " MAC " 10.0.0.9", "");
	bench_settle(bench);
	must("[ \"$(bridge fdb show dev vx | sed 's/ via.*//; s/ *self.*//' | sort)\" = \"$(printf "
	     "'" FLOODED " dst 10.0.0.7\n" FLOODED " dst 10.0.0.9\n" MAC " dst 10.0.0.9')\" ]");
	/* On a vxlan of ours nobody else's are left. */
	must("bridge fdb append " OTHER_MAC " dev vx dst 10.0.0.6 self permanent");
	assert_int_equal(bench_left(bench), 1);
	want(bench, "fdb", "eth0 " MAC " 10.0.0.9", "");
	assert_string_equal(bench_make(bench), "link eth0 is not a vxlan");
}

static void anothers_vxlan_keeps_its_entries(void **state)
{
	struct bench *bench = bench_of(state);

	wire();
	must("ip link add vx type vxlan id 7 local 10.0.0.1 dstport 4789 && ip link set vx up");
	must("bridge fdb append " OTHER_MAC " dev vx dst 10.0.0.6 self permanent");
	want(bench, "fdb", "vx " MAC " 10.0.0.8", "");
	bench_settle(bench);
	bench_settle(bench);
	must("bridge fdb show dev vx | grep -q " OTHER_MAC);
	assert_false(works("bridge fdb show dev vx | grep -q " MAC));
}

static void bridges_and_ports_are_set(void **state)
{
	static const char *const ports[] = { "isolated", "neigh_suppress", "learning",
					     "flood",    "mcast_flood",    "bcast_flood",
					     "hairpin",  "proxyarp_wifi" };
	static const char *const bridges[][2] = { { "stp_state", "1" },
						  { "forward_delay", "400" },
						  { "mcast_snooping", "0" },
						  { "ageing_time", "7000" } };
	struct bench *bench = bench_of(state);

	wire();
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		want_vxlan(bench);
		want(bench, "link", "br7", "bridge");
		want(bench, "link.up", "br7", "up");
		want(bench, "link.master", "vx", "br7");
		for (size_t k = 0; k < ARRAY_SIZE(ports); k++) {
			char key[64];

			snprintf(key, sizeof(key), "vx %s", ports[k]);
			want(bench, "link.port", key, i == k ? "on" : "off");
		}
		for (size_t k = 0; k < ARRAY_SIZE(bridges); k++) {
			char key[64];

			snprintf(key, sizeof(key), "br7 %s", bridges[k][0]);
			want(bench, "link.bridge", key, bridges[k][1]);
		}
		bench_settle(bench);
	}
	must("bridge -d link show dev vx | tr '\n' ' ' | grep -q 'hairpin off .*learning off flood "
	     "off "
	     ".*mcast_flood off bcast_flood off .*neigh_suppress off .*isolated off'");
	must("ip -d link show vx | grep -q ' proxy_arp off proxy_arp_wifi on '");
	must("ip -d link show br7 | grep -q 'forward_delay 400 .*ageing_time 7000 stp_state 1 '");
	want(bench, "link.port", "eth0 isolated", "on");
	assert_string_equal(bench_make(bench), "the link is not a port of a bridge");
}

static void note_touched(void *data, enum rtnl_event what, const char *kind, const char *key,
			 bool removed)
{
	char *text = data;
	size_t length = strlen(text);

	(void)removed;
	if (what == RTNL_ITEM_TOUCHED && !strstr(text, key))
		snprintf(text + length, 512 - length, "%s %s;", kind, key);
}

/* The kinds and keys that the events named since the last time. */
static const char *touched(struct bench *bench)
{
	static char text[512];

	text[0] = '\0';
	assert_int_equal(rtnl_events_read(bench->rtnl, note_touched, text, NULL), 0);
	return text;
}

/* What repairs it if this is as the events say. */
static size_t left_of(struct bench *bench, const char *kind, const char *key)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct plan plan = PLAN_NONE;
	struct item *have;
	size_t n;

	assert_int_equal(rtnl_read_one(bench->rtnl, kind, key, &have, &err), 0);
	engine_touched(bench->engine, kind, key, have, &plan);
	n = plan.n;
	plan_clear(&plan);
	return n;
}

static void another_hand_is_seen(void **state)
{
	struct bench *bench = bench_of(state);

	wire();
	want_vxlan(bench);
	want(bench, "neighbour", "eth0 10.0.0.5", MAC);
	want(bench, "fdb", "vx " MAC " 10.0.0.8", "");
	bench_settle(bench);
	touched(bench);
	must("ip neigh add 10.0.0.9 lladdr " MAC " dev eth0 nud permanent");
	assert_string_equal(touched(bench), "");
	must("ip neigh change 10.0.0.5 lladdr " OTHER_MAC " dev eth0");
	assert_string_equal(touched(bench), "neighbour eth0 10.0.0.5;");
	assert_int_equal(left_of(bench, "neighbour", "eth0 10.0.0.5"), 1);
	must("ip neigh del 10.0.0.5 dev eth0");
	assert_string_equal(touched(bench), "neighbour eth0 10.0.0.5;");
	assert_int_equal(left_of(bench, "neighbour", "eth0 10.0.0.5"), 1);
	must("bridge fdb del " MAC " dev vx dst 10.0.0.8");
	assert_string_equal(touched(bench), "fdb vx " MAC " 10.0.0.8;");
	assert_int_equal(left_of(bench, "fdb", "vx " MAC " 10.0.0.8"), 1);
	must("bridge fdb append " MAC " dev vx dst 10.0.0.8 self permanent");
	assert_int_equal(left_of(bench, "fdb", "vx " MAC " 10.0.0.8"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)

static void a_bridge_sends_to_its_vxlan(void **state)
{
	struct bench *bench = bench_of(state);

	must("ip link add name br7 type bridge");
	want(bench, "link", "vx", "vxlan 7 local 10.0.0.1 port 4789");
	want(bench, "link.master", "vx", "br7");
	want(bench, "fdb", "vx " MAC, "");
	bench_settle(bench);
	must("bridge fdb show dev vx | grep -q '" MAC " master br7 static'");
	must("bridge fdb del " MAC " dev vx master");
	assert_int_equal(bench_left(bench), 1);
	bench_repair(bench);
	want(bench, "link", "vx", "vxlan 7 local 10.0.0.1 port 4789");
	want(bench, "link.master", "vx", "br7");
	bench_settle(bench);
	assert_false(works("bridge fdb show dev vx | grep -q 'master br7 static'"));
	must("ip link set vx nomaster");
	want(bench, "link", "vx", "vxlan 7 local 10.0.0.1 port 4789");
	want(bench, "fdb", "vx " MAC, "");
	assert_string_equal(bench_make(bench), "link vx is not a port of a bridge");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(neighbours_come_change_and_go),  TEST(neighbours_of_others_are_left_alone),
		TEST(a_vxlan_sends_where_it_is_told), TEST(anothers_vxlan_keeps_its_entries),
		TEST(bridges_and_ports_are_set),      TEST(another_hand_is_seen),
		TEST(a_bridge_sends_to_its_vxlan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
