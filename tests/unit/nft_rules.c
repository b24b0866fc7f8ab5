/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_rules.c - what a rule's text means is what nft(8) reads out of the kernel. */
#include "tests/unit/nft_bench.h"

struct row {
	const char *rule; /* As docs/items.md has it. */
	const char *says; /* As nft -n says it; NULL: the same. */
};

/* The sets that rules name, of the families that can have them. */
static void want_sets(struct bench *bench, const char *family)
{
	static const char *const sets[][2] = {
		{ "links", "set ifname" },
		{ "hosts", "set ipv4_addr interval" },
		{ "services", "set ipv4_addr . inet_proto . inet_service" },
		{ "guards", "map ipv4_addr : verdict" },
		{ "places", "map ipv4_addr : ipv4_addr" },
		{ "doors", "map inet_service : ipv4_addr . inet_service" },
		{ "marks", "map ifname : mark" },
		{ "doings", "map mark : verdict" },
		{ "sums", "map ipv4_addr : counter" },
		{ "sources", "map ifname : ipv4_addr" },
		{ "classes", "map ipv4_addr : classid" },
		{ "zones", "map ifname : zone" },
		{ "seen", "set ipv4_addr dynamic timeout 60" },
		{ "ways", "map ipv4_addr . ipv4_addr : ether_addr dynamic timeout 60" },
		{ "macs", "map ipv4_addr : ether_addr" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		AUTO(free_ptr) char *key = mem_format("%s weft %s", family, sets[i][0]);

		want(bench, "nft.set", key, sets[i][1]);
	}
}

static void want_chain(struct bench *bench, const char *family, const char *chain, const char *base)
{
	AUTO(free_ptr) char *table = mem_format("%s weft", family);
	AUTO(free_ptr) char *key = mem_format("%s %s", table, chain);
	AUTO(free_ptr) char *to = mem_format("%s elsewhere", table);

	want(bench, "nft.table", table, "");
	want(bench, "nft.chain", to, "");
	want(bench, "nft.chain", key, base);
	want_sets(bench, family);
}

/* Each rule alone in its chain, so that a failure names it. */
static void rules_are_read(struct bench *bench, const char *family, const char *base,
			   const struct row *rows, size_t n)
{
	AUTO(free_ptr) char *command = mem_format("nft -n list chain %s weft here", family);
	AUTO(free_ptr) char *rule_key = mem_format("%s weft here 1", family);
	int failed = 0;

	for (size_t i = 0; i < n; i++) {
		AUTO(free_ptr) char *text = NULL;
		AUTO(free_ptr)
		char *line = mem_format("\t\t%s comment \"owner\"\n",
					rows[i].says ? rows[i].says : rows[i].rule);
		const char *failure;

		want_chain(bench, family, "here", base);
		want(bench, "nft.rule", rule_key, rows[i].rule);
		failure = make(bench);
		if (!*failure)
			failure = left(bench);
		text = said(command);
		if (*failure || !strstr(text, line)) {
			print_error("%s: %s%s", rows[i].rule, failure, text);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static void filter_rules(void **state)
{
	static const struct row rows[] = {
		{ "accept", NULL },
		{ "drop", NULL },
		{ "return", NULL },
		{ "jump elsewhere", NULL },
		{ "goto elsewhere", NULL },
		{ "counter", "counter packets 0 bytes 0" },
		{ "reject", NULL },
		{ "reject tcp-reset", "meta l4proto 6 reject with tcp reset" },
		{ "reject icmp-admin", "reject with icmpx 3" },
		{ "meta iif none accept", "iif 0 accept" },
		{ "meta iifname eth0 accept", "iifname \"eth0\" accept" },
		{ "meta oifname != eth0 accept", "oifname != \"eth0\" accept" },
		{ "meta iifname @links accept", "iifname @links accept" },
		{ "meta oifname != @links drop", "oifname != @links drop" },
		{ "meta iifname eth0,eth1 accept", "iifname { \"eth0\", \"eth1\" } accept" },
		{ "meta l4proto tcp accept", "meta l4proto 6 accept" },
		{ "meta l4proto tcp,udp accept", "meta l4proto { 6, 17 } accept" },
		{ "meta mark 0x10 accept", "meta mark 0x00000010 accept" },
		{ "meta mark & 0xff 0x10 accept", "meta mark & 0x000000ff == 0x00000010 accept" },
		{ "meta mark & 0xff != 0x10 accept",
		  "meta mark & 0x000000ff != 0x00000010 accept" },
		{ "meta nfproto ipv4 accept", "meta nfproto 2 accept" },
		{ "meta nfproto ipv6 drop", "meta nfproto 10 drop" },
		{ "meta secpath exists accept", "meta ipsec 1 accept" },
		{ "meta pkttype broadcast drop", "meta pkttype 1 drop" },
		{ "fib daddr type local accept", "fib daddr type 2 accept" },
		{ "fib daddr type != local accept", "fib daddr type != 2 accept" },
		{ "ip saddr 10.0.0.1 accept", NULL },
		{ "ip saddr 10.0.0.0/24 accept", NULL },
		{ "ip daddr != 10.0.0.1-10.0.0.9 accept", NULL },
		{ "ip daddr 10.0.0.1,10.0.0.9 accept", "ip daddr { 10.0.0.1, 10.0.0.9 } accept" },
		{ "ip daddr 10.0.0.0/8,192.168.0.1 accept",
		  "ip daddr { 10.0.0.0/8, 192.168.0.1 } accept" },
		{ "ip saddr @hosts accept", NULL },
		{ "ip saddr != @hosts accept", NULL },
		{ "ip protocol udp accept", "ip protocol 17 accept" },
		{ "ip ttl 1 drop", NULL },
		{ "ip length 1000-1500 drop", NULL },
		{ "ip6 saddr fe80::/10 accept", NULL },
		{ "ip6 daddr fd00::1 accept", NULL },
		{ "icmp type echo-request accept", "icmp type 8 accept" },
		{ "icmpv6 type nd-neighbor-solicit,nd-neighbor-advert accept",
		  "icmpv6 type { 135, 136 } accept" },
		{ "tcp dport 22 accept", NULL },
		{ "tcp dport 22,80,443 accept", "tcp dport { 22, 80, 443 } accept" },
		{ "tcp dport 22,8000-8080 accept", "tcp dport { 22, 8000-8080 } accept" },
		{ "tcp dport 80,23-30,22,25-31 accept", "tcp dport { 22-31, 80 } accept" },
		{ "ip daddr 10.0.0.128/25,10.0.0.0/25,10.0.2.1 accept",
		  "ip daddr { 10.0.0.0/24, 10.0.2.1 } accept" },
		{ "icmpv6 type nd-router-solicit,nd-router-advert accept",
		  "icmpv6 type { 133, 134 } accept" },
		{ "tcp sport != 1-1023 accept", NULL },
		{ "udp dport 53 accept", NULL },
		{ "th dport 53 accept", NULL },
		{ "tcp flags & syn,ack == syn drop", "tcp flags 0x2 / 0x2,0x10 drop" },
		{ "ct state established,related accept", "ct state 0x2,0x4 accept" },
		{ "ct state != new accept", "ct state ! 0x8 accept" },
		{ "ct state invalid drop", "ct state 0x1 drop" },
		{ "ct status dnat accept", "ct status 0x20 accept" },
		{ "ct direction reply accept", "ct direction 1 accept" },
		{ "ct mark 0x7 accept", "ct mark 0x00000007 accept" },
		{ "ct original ip daddr 10.0.0.1 accept", NULL },
		{ "ct original ip6 saddr fd00::1 accept", NULL },
		{ "ct original ip6 daddr fd00::/64 accept", NULL },
		{ "ct reply ip saddr 10.0.0.1 accept", NULL },
		{ "ct original proto-dst 80 accept",
		  "ct original proto-dst 0x50 [invalid type] accept" }, /* Its protocol is unsaid.
									 */
		{ "rt ipsec missing drop", "rt ipsec 0 drop" },
		{ "concat( ip daddr . meta l4proto . th dport ) @services accept",
		  "ip daddr . meta l4proto . th dport @services accept" },
		{ "concat( ip daddr . meta l4proto . th dport ) != @services drop",
		  "ip daddr . meta l4proto . th dport != @services drop" },
		{ "ip saddr vmap @guards", NULL },
		{ "meta iifname map @marks vmap @doings",
		  "meta mark set iifname map @marks meta mark set meta mark meta mark vmap "
		  "@doings" },
		{ "counter ip daddr map @sums", "counter name ip daddr map @sums" },
		{ "limit rate 10/second burst 20 accept",
		  "limit rate 10/second burst 20 packets accept" },
		{ "log prefix dropped drop", "log prefix \"dropped\" drop" },
		{ "add @seen { ip saddr } accept", "add @seen { ip saddr } accept" },
		{ "update @seen { ip saddr }", "update @seen { ip saddr }" },
		{ "delete @seen { ip saddr }", "delete @seen { ip saddr }" },
		{ "meta mark set 0x7", "meta mark set 0x00000007" },
		{ "meta mark set ct mark", NULL },
		{ "meta mark set meta iifname map @marks", "meta mark set iifname map @marks" },
		{ "ct mark set meta mark", NULL },
		{ "meta mark set meta mark & 0xffff0000 | 0x7",
		  "meta mark set meta mark & 0xffff0007 | 0x00000007" },
		{ "meta nftrace set 1", NULL },
		{ "meta priority set 5af7:10", NULL },
		{ "meta priority set ip daddr map @classes accept", NULL },
		{ "meta iifname eth0 ip saddr 10.0.0.1 tcp dport 22 ct state new accept",
		  "iifname \"eth0\" ip saddr 10.0.0.1 tcp dport 22 ct state 0x8 accept" },
	};

	rules_are_read(bench_of(state), "inet", "filter forward 0 drop", rows, ARRAY_SIZE(rows));
}

static void translating_rules(void **state)
{
	static const struct row sources[] = {
		{ "snat ip to 10.0.0.1", "meta nfproto 2 snat ip to 10.0.0.1" },
		{ "snat ip to meta oifname map @sources",
		  "meta nfproto 2 snat ip to oifname map @sources" },
		{ "masquerade", NULL },
	};
	static const struct row rows[] = {
		{ "dnat ip to 192.168.0.1", "meta nfproto 2 dnat ip to 192.168.0.1" },
		{ "tcp dport 80 dnat ip to 192.168.0.1:8080",
		  "tcp dport 80 meta nfproto 2 dnat ip to 192.168.0.1:8080" },
		{ "tcp dport 80 dnat ip to 192.168.0.1:8080-8090",
		  "tcp dport 80 meta nfproto 2 dnat ip to 192.168.0.1:8080-8090" },
		{ "dnat ip to ip daddr map @places", NULL },
		{ "dnat ip to tcp dport map @doors",
		  "meta nfproto 2 dnat ip to tcp dport map @doors" },
		{ "ip6 daddr fd00::1 dnat ip6 to fd01::1", NULL },
	};
	struct bench *bench = bench_of(state);

	rules_are_read(bench, "inet", "nat prerouting -100 accept", rows, ARRAY_SIZE(rows));
	settle(bench); /* The base chain is another. */
	rules_are_read(bench, "inet", "nat postrouting 100 accept", sources, ARRAY_SIZE(sources));
}

static void what_comes_in_is_led_elsewhere(void **state)
{
	static const struct row rows[] = {
		{ "ip daddr 10.0.0.1 fwd to 1", "ip daddr 10.0.0.1 fwd to \"lo\"" },
		{ "meta priority set ip daddr map @classes fwd to 1",
		  "meta priority set ip daddr map @classes fwd to \"lo\"" },
		{ "fwd ip to ip daddr device 1", "fwd ip to ip daddr device \"lo\"" },
		{ "ip daddr 10.0.0.0/8 fwd ip to 10.0.0.1 device 1",
		  "ip daddr 10.0.0.0/8 fwd ip to 10.0.0.1 device \"lo\"" },
		{ "ip saddr set ip daddr map @places", NULL },
		{ "ip daddr set 10.0.0.9", NULL },
		{ "arp operation set reply", "arp operation set 2" },
		{ "concat( ip daddr . meta l4proto . th dport ) @services accept",
		  "ip daddr . meta l4proto . th dport @services accept" },
	};

	rules_are_read(bench_of(state), "netdev", "filter ingress 0 accept lo", rows,
		       ARRAY_SIZE(rows));
}

static void zones_are_set_before_tracking(void **state)
{
	static const struct row rows[] = {
		{ "notrack", NULL },
		{ "ct zone set 7", NULL },
		{ "ct zone set meta iifname map @zones", "ct zone set iifname map @zones" },
	};

	rules_are_read(bench_of(state), "inet", "filter prerouting -300 accept", rows,
		       ARRAY_SIZE(rows));
}

static void bridge_rules(void **state)
{
	static const struct row rows[] = {
		{ "meta iifname vnic1.0 accept", "iifname \"vnic1.0\" accept" },
		{ "ether saddr fa:00:00:00:00:01 accept", NULL },
		{ "ether daddr != 01:00:5e:00:00:00 accept", NULL },
		{ "ether type arp accept", "ether type 0x0806 accept" },
		{ "meta protocol ip accept", "meta protocol 0x0800 accept" },
		{ "arp operation request accept", "arp operation 1 accept" },
		{ "arp saddr ip 10.0.0.1 accept", NULL },
		{ "arp saddr ether fa:00:00:00:00:01 accept", NULL },
		{ "arp daddr ip 10.0.0.1 drop", NULL },
		{ "ip saddr 10.0.0.1 accept", NULL },
		{ "ip6 saddr fd00::1 accept", NULL },
		{ "udp sport 67 drop", NULL },
		{ "icmpv6 type nd-router-advert drop", "icmpv6 type 134 drop" },
		{ "ether daddr set fa:00:00:00:00:01", NULL },
		{ "ether saddr set fa:00:00:00:00:01", NULL },
		{ "meta pkttype set host", "meta pkttype set 0" },
		{ "ip saddr vmap @guards", NULL },
		{ "arp daddr ether fa:00:00:00:00:01 accept", NULL },
		{ "arp operation request arp saddr ip set 10.0.0.9",
		  "arp operation 1 arp saddr ip set 10.0.0.9" },
		{ "ether daddr set ip daddr map @macs accept", NULL },
		{ "update @ways { concat( ip daddr . ip saddr ) : ether saddr }",
		  "update @ways { ip daddr . ip saddr : ether saddr }" },
		{ "delete @ways { concat( ip daddr . ip saddr ) : ether saddr }",
		  "delete @ways { ip daddr . ip saddr : ether saddr }" },
	};

	rules_are_read(bench_of(state), "bridge", "filter prerouting 0 accept", rows,
		       ARRAY_SIZE(rows));
}

static void what_is_no_rule_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "acept", "'acept' is not understood" },
		{ "ip saddr", "the rule ends too early" },
		{ "ip saddr 10.0.0.0/33 accept", "10.0.0.0/33" },
		{ "ip saddr 10.0.0.256 accept", "10.0.0.256" },
		{ "tcp dport 70000 accept", "70000" },
		{ "tcp dport 30-20 accept", "30-20" },
		{ "jump", "jump" },
		{ "limit rate 10/minute", "10/minute" },
		{ "limit rate", "the rule ends too early" },
		{ "counter name", "the rule ends too early" },
		{ "counter ip daddr map", "the rule ends too early" },
		{ "dnat ip to", "the rule ends too early" },
		{ "dnat to 10.0.0.1", "to" },
		{ "dnat ip to ip daddr map", "the rule ends too early" },
		{ "concat( ip daddr . ) @x", ")" },
		{ "concat( ip daddr", "the rule ends too early" },
		{ "meta mark set", "the rule ends too early" },
		{ "meta mark set meta iifname map", "the rule ends too early" },
		{ "meta iifname map @marks", "the rule ends too early" },
		{ "meta iifname map @marks accept", "'accept' is not understood" },
		{ "meta iifname map @marks vmap", "the rule ends too early" },
		{ "ip ttl set 10", "this cannot be set" },
		{ "ip6 daddr set fd00::1", "this cannot be set" },
		{ "th dport set 10", "this cannot be set" },
		{ "add @ways { ip saddr : 10 }", "'10' is not understood" },
		{ "fwd ip to ip daddr", "the rule ends too early" },
		{ "fwd ip to ip daddr device eth0", "'eth0' is not understood" },
		{ "add @seen { ip saddr", "the rule ends too early" },
		{ "ip saddr @ accept", "@" },
		{ "meta iifname a-name-that-is-too-long accept", "a-name-that-is-too-long" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(err_clear) struct err err = ERR_NONE;

		if (nft_rule_check("inet", rows[i].rule, &err) == 0)
			fail_msg("taken: %s", rows[i].rule);
		if (!strstr(err_text(&err), rows[i].says) || !strstr(err_text(&err), rows[i].rule))
			fail_msg("%s: %s", rows[i].rule, err_text(&err));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filter_rules),
		TEST(translating_rules),
		TEST(what_comes_in_is_led_elsewhere),
		TEST(zones_are_set_before_tracking),
		TEST(bridge_rules),
		cmocka_unit_test(what_is_no_rule_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
