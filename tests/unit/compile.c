/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile.c - what becomes of each kind of object, and what is said of those that rest. */
#include "tests/unit/router_bench.h"

#include "lib/base/text.h"
#include "vrouter/compile/compile.h"

struct compiled {
	struct document *document;
	struct facts facts;
	struct item_set items;
	struct notes notes;
};

static struct compiled compile_of(struct document *document, int nics)
{
	struct compiled compiled = { document, FACTS_NONE, ITEM_SET_NONE, NOTES_NONE };

	bench_facts(&compiled.facts, nics);
	router_compile(document, &compiled.facts, &compiled.items, &compiled.notes);
	return compiled;
}

static struct compiled compile(const char *sections)
{
	return compile_of(bench_document(sections), 5);
}

static void compiled_clear(struct compiled *compiled)
{
	item_set_clear(&compiled->items);
	notes_clear(&compiled->notes);
	facts_clear(&compiled->facts);
	document_free(compiled->document);
}

static void has(const struct compiled *compiled, const char *kind, const char *key,
		const char *value)
{
	const struct item *item = item_set_find(&compiled->items, kind, key);

	if (!item)
		fail_msg("no %s \"%s\"", kind, key);
	assert_string_equal(item_value(item), value);
}

static void owned(const struct compiled *compiled, const char *kind, const char *key,
		  const char *owner)
{
	const struct item *item = item_set_find(&compiled->items, kind, key);

	assert_non_null(item);
	assert_string_equal(item_owner(item), owner);
}

static void lacks(const struct compiled *compiled, const char *kind, const char *key)
{
	const struct item *item = item_set_find(&compiled->items, kind, key);

	if (item)
		fail_msg("%s \"%s\" is %s", kind, key, item_value(item));
}

static void owns(const struct compiled *compiled, const char *owner, size_t n)
{
	struct item *item, *after;
	size_t count = 0;

	item_set_for_each (&compiled->items, item, after)
		count += strcmp(item_owner(item), owner) == 0;
	assert_int_equal(count, n);
}

static void rests(const struct compiled *compiled, const char *owner, const char *reason)
{
	const struct note *note = notes_find(&compiled->notes, owner);

	if (!note)
		fail_msg("nothing is said of %s", owner);
	assert_string_equal(note->reason, reason);
	owns(compiled, owner, 0);
}

#define VIP_2   "'vips':[{'uuid':'vip-2','address':'10.108.12.198','network':'l3-pub'}]"
#define ELEMENT "nft.element"
#define T       "inet weft "
#define C       "ip weft "

static void the_empty_document_leaves_the_machine_alone(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile_of(document_empty(&router_document), 5);

	(void)state;
	assert_int_equal(item_set_count(&compiled.items), 0);
}

static void an_interface_has_link_addresses_and_role(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = compile("");

	(void)state;
	has(&compiled, "link.mtu", "eth1", "1500");
	has(&compiled, "link.up", "eth3", "up");
	has(&compiled, "address", "eth1 10.108.13.216/8", "");
	has(&compiled, "route", "254 0.0.0.0/0 255", "via 10.0.0.1 dev eth1 src 10.108.13.216");
	has(&compiled, "sysctl", "net/ipv4/conf/eth1/rp_filter", "0");
	has(&compiled, "sysctl", "net/ipv4/conf/eth3/rp_filter", "1");
	has(&compiled, "sysctl", "net/ipv4/ip_forward", "1");
	has(&compiled, ELEMENT, T "public eth1", "");
	has(&compiled, ELEMENT, T "management eth2", "");
	has(&compiled, ELEMENT, T "private eth4", "");
	has(&compiled, ELEMENT, T "snat_sources 192.168.10.0/24", "");
	has(&compiled, ELEMENT, T "snat_address eth1", "10.108.13.216");
	has(&compiled, ELEMENT, T "hairpin 192.168.11.0/24 . 192.168.11.0/24", "");
	owned(&compiled, ELEMENT, T "private eth4", "if-app");
	owned(&compiled, "nft.table", "inet weft", "r-1");
	lacks(&compiled, "link.name", "fa:00:00:00:00:01");
}

static void a_name_renames_the_link_and_the_facts_name_serves_until_then(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile_of(bench_document_of("",
					     "{'uuid':'p','mac':'fa:00:00:00:00:01','name':'wan',"
					     "'role':'public','network':'n',"
					     "'addresses':['10.0.0.2/8','fd00::1/64']}",
					     ""),
			   5);

	(void)state;
	has(&compiled, "link.name", "fa:00:00:00:00:01", "wan");
	has(&compiled, "link.up", "eth1", "up");
	has(&compiled, "address", "eth1 fd00::1/64", "");
	lacks(&compiled, "route", "254 0.0.0.0/0 255");
}

static void what_stands_on_a_missing_nic_rests(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile_of(
		bench_document_of(
			"", BENCH_INTERFACES BENCH_PUBLIC_B,
			"'vips':[{'uuid':'v-b','address':'203.0.113.9','network':'l3-b'},"
			"{'uuid':'v-c','address':'203.0.113.10','network':'l3-b'},"
			"{'uuid':'v-6','address':'fd00::9','network':'l3-b'}],"
			"'eips':[{'uuid':'e','vip':'v-b','target':'192.168.10.5'}],"
			"'port_forwards':[{'uuid':'f','vip':'v-c','protocol':'tcp',"
			"'vip_ports':'24','target':'192.168.10.5'}],"
			"'load_balancers':[{'uuid':'l','vip':'v-c','listeners':[]}],"
			"'routes':[{'uuid':'rt','destination':'172.16.0.0/16','type':'static',"
			"'next_hop':'203.0.113.77'}],"
			"'firewall':[{'uuid':'fw','interface':'if-b','priority':1,"
			"'action':'drop'}]"),
		4);

	(void)state;
	rests(&compiled, "if-b", "no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "v-b", "interface if-b: no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "e",
	      "vip v-b: interface if-b: no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "f",
	      "vip v-c: interface if-b: no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "l",
	      "vip v-c: interface if-b: no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "rt",
	      "next hop 203.0.113.77 is on interface if-b: "
	      "no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "fw", "interface if-b: no NIC with MAC fa:00:00:00:00:05 is there");
	rests(&compiled, "v-6", "ipv6_vip");
	assert_int_equal(notes_find(&compiled.notes, "v-6")->health, NOTE_NOT_SUPPORTED);
	lacks(&compiled, "rule", "1000 ip");
}

static void a_target_without_nic_gets_nothing_translated(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile_of(bench_document(VIP_2 ",'eips':[{'uuid':'e','vip':'vip-2',"
						"'target':'192.168.11.5'}]"),
			   3);

	(void)state;
	rests(&compiled, "e",
	      "interface if-app of target 192.168.11.5: "
	      "no NIC with MAC fa:00:00:00:00:04 is there");
}

static void a_vip_is_a_local_route_and_a_system_vip_is_there_already(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile("'vips':[{'uuid':'v','address':'10.108.12.198','network':'l3-pub'},"
			"{'uuid':'s','address':'10.108.13.216','network':'l3-pub',"
			"'system':true}]");

	(void)state;
	has(&compiled, "route", "255 10.108.12.198/32 1", "local dev eth1");
	/* The others are told apart from it; with one public link nobody else has it. */
	has(&compiled, "sysctl", "net/ipv4/conf/eth1/arp_ignore", "0");
	has(&compiled, "sysctl", "net/ipv4/conf/eth2/arp_ignore", "1");
	has(&compiled, ELEMENT, "arp weft answered 192.168.29.10", "goto at-eth2");
	has(&compiled, "nft.rule", "arp weft at-eth2 0100", "meta iifname != eth2 drop");
	lacks(&compiled, ELEMENT, "arp weft answered 10.108.12.198");
	has(&compiled, ELEMENT, C "vip_down 10.108.12.198", "continue");
	owns(&compiled, "v", 3);
	has(&compiled, ELEMENT, C "vip_up 10.108.13.216", "continue");
	owns(&compiled, "s", 2);
	assert_null(notes_find(&compiled.notes, "s"));
}

static void an_eip_is_translated_both_ways(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile(VIP_2 ",'eips':[{'uuid':'e','vip':'vip-2','target':'192.168.10.226'}]");

	(void)state;
	has(&compiled, ELEMENT, T "eip_in 10.108.12.198", "192.168.10.226");
	has(&compiled, ELEMENT, T "eip_out eth1 . 192.168.10.226", "10.108.12.198");
	has(&compiled, "connections", "e", "dnat 10.108.12.198 to 192.168.10.226");
	has(&compiled, "connections", "e/out", "snat 192.168.10.226 to 10.108.12.198");
	has(&compiled, ELEMENT, C "vip_up 10.108.12.198", "accept");
	owns(&compiled, "e", 4);
}

static void a_guest_leaves_as_its_first_eip_on_each_interface(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile_of(
		bench_document_of("", BENCH_INTERFACES BENCH_PUBLIC_B,
				  "'vips':[{'uuid':'v1','address':'10.1.0.1','network':'l3-pub'},"
				  "{'uuid':'v2','address':'10.1.0.2','network':'l3-pub'},"
				  "{'uuid':'v3','address':'203.0.113.3','network':'l3-b'}],"
				  "'eips':[{'uuid':'e2','vip':'v1','target':'192.168.10.5'},"
				  "{'uuid':'e1','vip':'v2','target':'192.168.10.5'},"
				  "{'uuid':'e0','vip':'v3','target':'192.168.10.5'}]"),
		5);

	(void)state;
	has(&compiled, ELEMENT, T "eip_out eth1 . 192.168.10.5", "10.1.0.2");
	has(&compiled, ELEMENT, T "eip_out eth5 . 192.168.10.5", "203.0.113.3");
	has(&compiled, ELEMENT, T "eip_link 192.168.10.5", "0x2000005");
	owned(&compiled, ELEMENT, T "eip_link 192.168.10.5", "e0");
	has(&compiled, ELEMENT, T "eip_in 10.1.0.1", "192.168.10.5");
	lacks(&compiled, "connections", "e2/out");
}

static void several_public_interfaces_remember_the_way_in(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile_of(bench_document_of("", BENCH_INTERFACES BENCH_PUBLIC_B,
					     "'routes':[{'uuid':'rt','destination':'172.16.0.0/16',"
					     "'type':'static','next_hop':'203.0.113.77'},"
					     "{'uuid':'bh','destination':'192.0.2.0/24',"
					     "'type':'blackhole','priority':10}],"
					     "'vips':[{'uuid':'v','address':'203.0.113.20',"
					     "'network':'l3-b'}]"),
			   5);

	(void)state;
	has(&compiled, ELEMENT, T "mark_of eth1", "0x1000001");
	has(&compiled, ELEMENT, "arp weft answered 203.0.113.16", "goto at-eth5");
	has(&compiled, ELEMENT, "arp weft answered 203.0.113.20", "goto at-eth5");
	has(&compiled, "rule", "1000 ip", "fwmark 0x1000001/0xffffffff table 10001");
	has(&compiled, "rule", "1001 ip", "fwmark 0x1000005/0xffffffff table 10005");
	has(&compiled, "rule", "10000 ip",
	    "fwmark 0x2000000/0xff000000 table 254 suppress_prefixlength 0");
	has(&compiled, "rule", "11001 ip", "fwmark 0x2000005/0xffffffff table 10005");
	has(&compiled, "route", "10005 0.0.0.0/0 255", "via 203.0.113.1 dev eth5 src 203.0.113.16");
	has(&compiled, "route", "10005 203.0.113.0/24 0", "dev eth5 src 203.0.113.16");
	has(&compiled, "route", "10005 172.16.0.0/16 128", "via 203.0.113.77 dev eth5");
	has(&compiled, "route", "254 172.16.0.0/16 128", "via 203.0.113.77 dev eth5");
	lacks(&compiled, "route", "10001 172.16.0.0/16 128");
	has(&compiled, "route", "10001 192.0.2.0/24 10", "blackhole");
	has(&compiled, "nft.chain", T "mark", "filter prerouting -150 accept");
	has(&compiled, "nft.rule", T "mark 0200",
	    "ct direction reply ct mark & 0xff000000 0x1000000 meta mark set ct mark");
}

static void management_answers_leave_by_its_gateway(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile("'routes':[{'uuid':'rt','destination':'172.16.0.0/16',"
					   "'type':'static','next_hop':'192.168.29.7'},"
					   "{'uuid':'bh','destination':'192.0.2.0/24',"
					   "'type':'blackhole','priority':10}]");

	(void)state;
	has(&compiled, "rule", "2000 ip", "from 192.168.29.10/32 table 10002");
	has(&compiled, "route", "10002 192.168.29.0/24 0", "dev eth2 src 192.168.29.10");
	has(&compiled, "route", "10002 0.0.0.0/0 255",
	    "via 192.168.29.1 dev eth2 src 192.168.29.10");
	has(&compiled, "route", "10002 172.16.0.0/16 128", "via 192.168.29.7 dev eth2");
	has(&compiled, "route", "10002 192.0.2.0/24 10", "blackhole");
	lacks(&compiled, "rule", "2001 ip");
	lacks(&compiled, "route", "254 192.168.29.0/24 0");
}

static void one_public_interface_has_neither_marks_nor_a_table(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile(VIP_2 ",'eips':[{'uuid':'e','vip':'vip-2','target':'192.168.10.226'}]");
	struct item *item, *after;

	(void)state;
	item_set_for_each (&compiled.items, item, after) {
		assert_true(!item_is(item, "rule") || strcmp(item_owner(item), "if-mgt") == 0);
		assert_null(strstr(item_value(item), "mark"));
		assert_true(!item_is(item, "route") || strncmp(item_key(item), "25", 2) == 0 ||
			    strcmp(item_owner(item), "if-mgt") == 0);
	}
}

static void forward_of(const char *ports, const char *target_ports, const char *more,
		       struct compiled *compiled)
{
	AUTO(free_ptr)
	char *sections =
		mem_format(VIP_2
			   ",'port_forwards':[{'uuid':'pf','vip':'vip-2','protocol':'tcp',"
			   "'vip_ports':'%s','target':'192.168.10.167','target_ports':'%s'%s}]",
			   ports, target_ports, more);

	*compiled = compile(sections);
}

static void ports_are_forwarded(void **state)
{
	struct compiled compiled;

	(void)state;
	forward_of("24", "22", "", &compiled);
	has(&compiled, ELEMENT, T "pf 10.108.12.198 . tcp . 24", "192.168.10.167 . 22");
	has(&compiled, "connections", "pf/22", "dnat 10.108.12.198 tcp 24 to 192.168.10.167");
	has(&compiled, ELEMENT, C "pf_down 10.108.12.198 . tcp . 24", "");
	compiled_clear(&compiled);

	forward_of("30-40", "30-40", "", &compiled);
	has(&compiled, ELEMENT, T "pf_range 10.108.12.198 . tcp . 30-40", "192.168.10.167");
	has(&compiled, ELEMENT, C "pf_range_up 10.108.12.198 . tcp . 30-40", "");
	owns(&compiled, "pf", 4);
	compiled_clear(&compiled);

	forward_of("30-32", "130-132", "", &compiled);
	has(&compiled, ELEMENT, T "pf 10.108.12.198 . tcp . 31", "192.168.10.167 . 131");
	has(&compiled, ELEMENT, C "pf_range_down 10.108.12.198 . tcp . 30-32", "");
	owns(&compiled, "pf", 6);
	compiled_clear(&compiled);
}

static void an_allowed_cidr_is_asked_first(void **state)
{
	struct compiled compiled;

	(void)state;
	forward_of("24", "22", ",'allowed_cidr':'10.0.79.3/24'", &compiled);
	has(&compiled, ELEMENT, T "pf_restricted 10.108.12.198 . tcp . 24", "jump pf-pf");
	has(&compiled, "nft.rule", T "pf-pf 0100",
	    "ip saddr 10.0.79.0/24 dnat ip to 192.168.10.167:22");
	has(&compiled, "connections", "pf/22/10.0.79.0/24",
	    "dnat 10.108.12.198 tcp 24 to 192.168.10.167");
	compiled_clear(&compiled);

	forward_of("24-26", "24-26", ",'allowed_cidr':'10.0.79.3'", &compiled);
	has(&compiled, ELEMENT, T "pf_restricted_range 10.108.12.198 . tcp . 24-26", "jump pf-pf");
	has(&compiled, "nft.rule", T "pf-pf 0100", "ip saddr 10.0.79.3 dnat ip to 192.168.10.167");
	compiled_clear(&compiled);

	forward_of("24-25", "124-125", ",'allowed_cidr':'10.0.79.0/24'", &compiled);
	has(&compiled, ELEMENT, T "pf_shifted 10.108.12.198 . tcp . 25", "192.168.10.167 . 125");
	has(&compiled, "nft.rule", T "pf-pf 0100",
	    "ip saddr 10.0.79.0/24 dnat ip to concat( ip daddr . meta l4proto . th dport ) map "
	    "@pf_shifted");
	lacks(&compiled, ELEMENT, T "pf 10.108.12.198 . tcp . 25");
	compiled_clear(&compiled);

	forward_of("24", "22", ",'allowed_cidr':'0.0.0.0/0'", &compiled);
	has(&compiled, ELEMENT, T "pf 10.108.12.198 . tcp . 24", "192.168.10.167 . 22");
	compiled_clear(&compiled);
}

#define STATIC(uuid, destination, hop) \
	"{'uuid':'" uuid "','destination':'" destination "','type':'static','next_hop':'" hop "'}"

static void a_static_route_opens_what_it_leads_to(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile("'routes':[" STATIC("rt", "172.18.0.9/24",
					    "10.0.108.102") "," STATIC("rt-0", "0.0.0.0/0",
								       "10.0.0.7") "]");

	(void)state;
	has(&compiled, "route", "254 172.18.0.0/24 128", "via 10.0.108.102 dev eth1");
	has(&compiled, ELEMENT, T "routed eth1 . 172.18.0.0/24", "");
	has(&compiled, "route", "254 0.0.0.0/0 128", "via 10.0.0.7 dev eth1");
	owns(&compiled, "rt-0", 1);
}

static void nested_destinations_are_one_element(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled =
		compile("'routes':[" STATIC("a", "172.16.0.0/16", "10.0.0.5") "," STATIC(
			"b", "172.16.1.0/24",
			"10.0.0.6") ",{'uuid':'c','destination':'172.16.0.0/16',"
				    "'type':'static','next_hop':'10.0.0.7',"
				    "'priority':9}]");

	(void)state;
	owned(&compiled, ELEMENT, T "routed eth1 . 172.16.0.0/16", "a");
	lacks(&compiled, ELEMENT, T "routed eth1 . 172.16.1.0/24");
	owns(&compiled, "b", 1);
	owns(&compiled, "c", 1);
}

static void routes_that_lead_nowhere_rest(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile(
		VIP_2 ",'routes':[" STATIC("own", "172.16.0.0/16", "10.108.13.216") "," STATIC(
			"vip", "172.17.0.0/16",
			"10.108.12.198") "," STATIC("connected", "192.168.10.0/24",
						    "10.0.0.9") "," STATIC("far", "172.19.0.0/16",
									   "198.51.100.1") ","
											   "{'uuid'"
											   ":'bh','"
											   "destina"
											   "tion':'"
											   "192."
											   "168.11."
											   "0/"
											   "24','"
											   "type':'"
											   "blackho"
											   "le'},"
											   "{'uuid'"
											   ":'bh2',"
											   "'destin"
											   "ation':"
											   "'192."
											   "168.11."
											   "0/"
											   "25','"
											   "type':'"
											   "blackho"
											   "le'},"
											   "{'uuid'"
											   ":'six',"
											   "'destin"
											   "ation':"
											   "'fd00::"
											   "/64','"
											   "type':'"
											   "static'"
											   ",'next_"
											   "hop':'"
											   "fd01::"
											   "1'}]");

	(void)state;
	rests(&compiled, "own", "next hop 10.108.13.216 is the router's own address");
	rests(&compiled, "vip", "next hop 10.108.12.198 is the router's own address");
	rests(&compiled, "connected", "the destination is the connected subnet of if-web");
	rests(&compiled, "far", "next hop 198.51.100.1 is on no connected subnet");
	rests(&compiled, "bh", "the destination is the connected subnet of if-app");
	rests(&compiled, "six", "ipv6_routing");
	has(&compiled, "route", "254 192.168.11.0/25 128", "blackhole");
}

static void the_firewall_stands_where_it_is_needed(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile(
		"'firewall':["
		"{'uuid':'a','interface':'if-pub','direction':'in','priority':20,'action':'drop',"
		"'protocol':'tcp','source':'10.0.80.0/24',"
		"'destination_ports':['22','8000-8080','8081','23']},"
		"{'uuid':'b','interface':'if-pub','direction':'in','priority':1001,"
		"'action':'reject','protocol':'icmp','states':['new','established']},"
		"{'uuid':'c','interface':'if-web','direction':'out','priority':7,"
		"'action':'reject','protocol':'tcp','destination':'192.168.10.9'},"
		"{'uuid':'d','interface':'if-web','direction':'out','priority':9,"
		"'action':'accept','protocol':'udp','source_ports':['53']}]");

	(void)state;
	has(&compiled, "nft.chain", T "firewall-in-if-pub", "");
	has(&compiled, ELEMENT, T "firewall_in eth1", "jump firewall-in-if-pub");
	has(&compiled, "nft.rule", T "firewall-in-if-pub 0020",
	    "ip saddr 10.0.80.0/24 tcp dport @firewall-dport-a drop");
	has(&compiled, ELEMENT, T "firewall-dport-a 22-23", "");
	has(&compiled, ELEMENT, T "firewall-dport-a 8000-8081", "");
	has(&compiled, "nft.rule", T "firewall-in-if-pub 1001", "meta l4proto icmp reject");
	has(&compiled, "nft.rule", T "states-in-if-pub 1001",
	    "ct state established meta l4proto icmp reject");
	has(&compiled, "nft.rule", T "firewall-out-if-web 0007",
	    "ip daddr 192.168.10.9 meta l4proto tcp reject tcp-reset");
	has(&compiled, "nft.rule", T "firewall-out-if-web 0009", "udp sport 53 return");
	has(&compiled, "nft.rule", T "forward 0300", "meta iifname vmap @firewall_in");
	has(&compiled, "nft.rule", T "forward 0310", "meta oifname vmap @firewall_out");
	has(&compiled, "nft.rule", T "forward 0100", "meta iifname vmap @firewall_in_states");
	has(&compiled, "nft.rule", T "input 0300", "meta iifname vmap @firewall_in");
	lacks(&compiled, "nft.rule", T "forward 0110");
	lacks(&compiled, "nft.chain", T "firewall-in-if-web");
}

static void without_firewall_rules_no_packet_pays_for_them(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = compile("");
	struct item *item, *after;

	(void)state;
	item_set_for_each (&compiled.items, item, after)
		assert_null(strstr(item_key(item), "firewall"));
	lacks(&compiled, "nft.rule", T "forward 0300");
}

static void doors_are_open_only_for_what_is_served(void **state)
{
	AUTO(compiled_clear)
	struct compiled compiled = compile("'dns':{'forwarders':['223.5.5.5']},"
					   "'dhcp':[{'uuid':'d','network':'l3-web','hosts':[]}]");
	AUTO(compiled_clear) struct compiled closed = compile("");
	AUTO(compiled_clear)
	struct compiled open =
		compile_of(bench_document_of(",'private_default':'accept'", BENCH_INTERFACES, ""),
			   5);

	(void)state;
	has(&compiled, "nft.rule", T "input 0810",
	    "meta iifname @private ip daddr @private_addresses meta l4proto tcp,udp th dport 53 "
	    "accept");
	has(&compiled, ELEMENT, T "dhcp eth3", "");
	lacks(&closed, "nft.rule", T "input 0810");
	lacks(&closed, ELEMENT, T "dhcp eth3");
	lacks(&closed, "nft.rule", T "input 0830");
	has(&open, "nft.rule", T "input 0830",
	    "meta iifname @private concat( ip daddr . meta l4proto . th dport ) @services accept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_empty_document_leaves_the_machine_alone),
		cmocka_unit_test(an_interface_has_link_addresses_and_role),
		cmocka_unit_test(a_name_renames_the_link_and_the_facts_name_serves_until_then),
		cmocka_unit_test(what_stands_on_a_missing_nic_rests),
		cmocka_unit_test(a_target_without_nic_gets_nothing_translated),
		cmocka_unit_test(a_vip_is_a_local_route_and_a_system_vip_is_there_already),
		cmocka_unit_test(an_eip_is_translated_both_ways),
		cmocka_unit_test(a_guest_leaves_as_its_first_eip_on_each_interface),
		cmocka_unit_test(several_public_interfaces_remember_the_way_in),
		cmocka_unit_test(management_answers_leave_by_its_gateway),
		cmocka_unit_test(one_public_interface_has_neither_marks_nor_a_table),
		cmocka_unit_test(ports_are_forwarded),
		cmocka_unit_test(an_allowed_cidr_is_asked_first),
		cmocka_unit_test(a_static_route_opens_what_it_leads_to),
		cmocka_unit_test(nested_destinations_are_one_element),
		cmocka_unit_test(routes_that_lead_nowhere_rest),
		cmocka_unit_test(the_firewall_stands_where_it_is_needed),
		cmocka_unit_test(without_firewall_rules_no_packet_pays_for_them),
		cmocka_unit_test(doors_are_open_only_for_what_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
