/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_compile.c - what becomes of each kind of object, and what is said of those that rest. */
#include "tests/unit/host_bench.h"

#include "lib/base/text.h"

#define FLAT  "{'uuid':'l2-flat','type':'novlan','device':'em01'}"
#define VLAN  "{'uuid':'l2-web','type':'vlan','device':'em01','vlan':2800}"
#define VXLAN "{'uuid':'l2-app','type':'vxlan','vni':900}"

static void without_a_host_nothing_is_touched(void **state)
{
	struct facts facts = FACTS_NONE;
	struct item_set items = ITEM_SET_NONE;
	struct notes notes = NOTES_NONE;
	struct document *document = NULL;
	json_t *json = bench_json("{'l2_networks':[" FLAT "]}");
	AUTO(err_clear) struct err err = ERR_NONE;

	(void)state;
	bench_facts(&facts);
	assert_int_equal(document_parse(&host_document, json, &document, &err), 0);
	host_compile(document, &facts, &items, &notes);
	assert_int_equal(item_set_count(&items), 0);
	assert_non_null(notes_find(&notes, "l2-flat"));
	json_decref(json);
	document_free(document);
	notes_clear(&notes);
	facts_clear(&facts);
}

static void a_device_gets_a_bridge(void **state)
{
	struct compiled compiled = compile("'l2_networks':[" FLAT "]");

	(void)state;
	has(&compiled, "link", "br-em01", "bridge");
	has(&compiled, "link.mac", "br-em01", "fa:00:00:00:00:01");
	has(&compiled, "link.master", "em01", "br-em01");
	has(&compiled, "link.mtu", "br-em01", "1500");
	has(&compiled, "nft.element", "bridge weft_host closed em01", "");
	/* The machine's own device is neither given another MTU nor ever set down. */
	lacks(&compiled, "link.mtu", "em01");
	lacks(&compiled, "link.up", "em01");
	is_ready(&compiled, "l2-flat");
	compiled_clear(&compiled);
}

static void a_device_with_an_address_stays_open(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;

	(void)state;
	bench_facts(&facts);
	bench_address(&facts, 1, "172.20.0.21/16");
	compiled = compile_on(&facts, "'l2_networks':[" FLAT "," VLAN "]");
	lacks(&compiled, "nft.element", "bridge weft_host closed em01");
	lacks(&compiled, "sysctl", "net/ipv6/conf/br-em01/disable_ipv6");
	has(&compiled, "nft.element", "bridge weft_host closed em01.2800", "");
	compiled_clear(&compiled);
}

static void what_the_machine_has_is_used(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;
	struct facts_link *storage;

	(void)state;
	bench_facts(&facts);
	bench_link(&facts, 7, "br0", "bridge", false);
	facts.links[0].master = 7;
	storage = bench_link(&facts, 8, "storage", "vlan", false);
	storage->lower = 1;
	storage->number = 2800;
	compiled = compile_on(&facts, "'l2_networks':[" FLAT "," VLAN "],"
				      "'ports':[{'uuid':'p','device':'em02','l2':'l2-flat',"
				      "'mac':'fa:00:00:00:01:01'}]");
	lacks(&compiled, "link", "br-em01");
	lacks(&compiled, "link.master", "em01");
	lacks(&compiled, "link", "em01.2800");
	has(&compiled, "link.master", "storage", "br-em01.2800");
	has(&compiled, "plug", "em02", "br0");
	compiled_clear(&compiled);
}

static void a_device_in_a_bond_is_refused(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;

	(void)state;
	bench_facts(&facts);
	bench_link(&facts, 7, "bond0", "bond", false);
	facts.links[0].master = 7;
	compiled = compile_on(&facts, "'l2_networks':[" FLAT "]");
	rests(&compiled, "l2-flat", "link em01 is a part of bond0, which is no bridge");
	lacks(&compiled, "link", "br-em01");
	compiled_clear(&compiled);
}

static void what_is_missing_is_waited_for(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;
	struct facts_link *bridge;

	(void)state;
	bridge = bench_link(&facts, 9, "br-em01", "bridge", true);
	bridge->mtu = 1400;
	bench_link(&facts, 3, "vnic1.0", "veth", false);
	compiled = compile_on(&facts, "'l2_networks':[" FLAT "," VLAN "," VXLAN "],"
				      "'ports':[{'uuid':'p','device':'vnic1.0','l2':'l2-flat',"
				      "'mac':'fa:00:00:00:01:01'}]");
	rests(&compiled, "l2-flat", "device em01 is not there");
	rests(&compiled, "l2-web", "device em01 is not there");
	rests(&compiled, "l2-app", "no link has the VTEP's address 192.168.29.21");
	rests(&compiled, "p", "l2_network l2-flat: device em01 is not there");
	lacks(&compiled, "link", "br-em01.2800");
	/* Guests that are together stay so. */
	has(&compiled, "link", "br-em01", "bridge");
	has(&compiled, "link.mtu", "br-em01", "1400");
	has(&compiled, "plug", "vnic1.0", "br-em01");
	compiled_clear(&compiled);
}

static void packets_are_as_large_as_the_way(void **state)
{
	struct compiled compiled =
		compile("'l2_networks':[" FLAT ",{'uuid':'large','type':'vlan','device':'em01',"
			"'vlan':5,'mtu':9000},{'uuid':'small','type':'vlan','device':'em01',"
			"'vlan':6,'mtu':1400}," VXLAN ",{'uuid':'given','type':'vxlan','vni':5,"
			"'mtu':1500}]");

	(void)state;
	has(&compiled, "link.mtu", "em01.5", "1500");
	rests(&compiled, "large", "device em01 carries packets of 1500 bytes, not of 9000");
	has(&compiled, "link.mtu", "em01.6", "1400");
	has(&compiled, "link.mtu", "br-em01.6", "1400");
	has(&compiled, "link.mtu", "vx900", "1450");
	has(&compiled, "link.mtu", "br-vx900", "1450");
	has(&compiled, "link.mtu", "vx5", "1500");
	compiled_clear(&compiled);
}

static void names_are_short_and_the_same(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled, again;
	struct item *item, *after;
	size_t links = 0;

	(void)state;
	bench_link(&facts, 1, "enp175s0f1np1", "", false);
	compiled = compile_on(&facts, "'l2_networks':[{'uuid':'a','type':'vlan',"
				      "'device':'enp175s0f1np1','vlan':4094},"
				      "{'uuid':'b','type':'novlan','device':'enp175s0f1np1'}]");
	facts = (struct facts)FACTS_NONE;
	bench_link(&facts, 4, "enp175s0f1np1", "", false);
	again = compile_on(&facts, "'l2_networks':[{'uuid':'x','type':'vlan',"
				   "'device':'enp175s0f1np1','vlan':4094}]");
	item_set_for_each (&compiled.items, item, after) {
		if (!item_is(item, "link"))
			continue;
		links++;
		assert_true(strlen(item_key(item)) < 16);
		if (strcmp(item_owner(item), "a") == 0)
			has(&again, "link", item_key(item), item_value(item));
	}
	assert_int_equal(links, 3);
	compiled_clear(&compiled);
	compiled_clear(&again);
}

static void known_guests_elsewhere(void **state)
{
	struct compiled compiled = compile(
		"'l2_networks':[{'uuid':'l2','type':'vxlan','vni':900,'peers':['192.168.29.22'],"
		"'remote':[{'mac':'fa:00:00:00:02:02','address':'192.168.11.9',"
		"'vtep':'192.168.29.22'},{'mac':'fa:00:00:00:02:03','vtep':'192.168.29.23'}]}]");

	(void)state;
	has(&compiled, "link", "vx900", "vxlan 900 local 192.168.29.21 port 4789");
	has(&compiled, "fdb", "vx900 00:00:00:00:00:00 192.168.29.22", "");
	has(&compiled, "fdb", "vx900 fa:00:00:00:02:02 192.168.29.22", "");
	has(&compiled, "fdb", "vx900 fa:00:00:00:02:03 192.168.29.23", "");
	has(&compiled, "fdb", "vx900 fa:00:00:00:02:02", "");
	has(&compiled, "neighbour", "br-vx900 192.168.11.9", "fa:00:00:00:02:02");
	assert_int_equal(count(&compiled, "neighbour"), 1);
	assert_int_equal(count(&compiled, "link.mac"), 1);
	compiled_clear(&compiled);
}

static void a_guard_stands_before_the_device(void **state)
{
	struct compiled compiled = compile(
		"'l2_networks':[" FLAT "],'l3_networks':[{'uuid':'l3','l2':'l2-flat',"
		"'cidr':'172.20.0.0/16'}],'ports':[{'uuid':'p','device':'vnic1.0',"
		"'l2':'l2-flat','mac':'fa:00:00:00:01:01','anti_spoofing':true,"
		"'addresses':[{'l3':'l3','address':'172.20.108.48'}]},"
		"{'uuid':'q','device':'vnic2.0','l2':'l2-flat','mac':'fa:00:00:00:01:02'}]");

	(void)state;
	rests(&compiled, "p", "device vnic1.0 is not there");
	lacks(&compiled, "plug", "vnic1.0");
	has(&compiled, "nft.element", "bridge weft_host guarded vnic1.0", "");
	has(&compiled, "nft.element",
	    "bridge weft_host port_sources vnic1.0 . fa:00:00:00:01:01 . 172.20.108.48", "");
	has(&compiled, "nft.element",
	    "bridge weft_host port_sources6 vnic1.0 . fa:00:00:00:01:01 . fe80::f800:ff:fe00:101",
	    "");
	lacks(&compiled, "nft.element", "bridge weft_host guarded vnic2.0");
	lacks(&compiled, "nft.element", "bridge weft_host port_macs vnic2.0 . fa:00:00:00:01:02");
	compiled_clear(&compiled);
}

static void a_port_has_limits(void **state)
{
	const char *text = "'l2_networks':[" FLAT "],'ports':[{'uuid':'p','device':'em02',"
			   "'l2':'l2-flat','mac':'fa:00:00:00:01:01',"
			   "'qos':{'up_kbps':4000,'down_kbps':100000}}]";
	struct compiled compiled = compile(text);
	struct facts facts = FACTS_NONE;

	(void)state;
	has(&compiled, "tc.qdisc", "em02 5af7:", "root htb default 1");
	has(&compiled, "tc.class", "em02 5af7:1",
	    "parent 5af7: htb rate 100000 ceil 100000 burst 125000 cburst 125000");
	has(&compiled, "tc.qdisc", "em02 1:", "5af7:1 bfifo 1250000");
	has(&compiled, "link", "qos2", "ifb");
	has(&compiled, "tc.class", "qos2 5af7:1",
	    "parent 5af7: htb rate 4000 ceil 4000 burst 16000 cburst 16000");
	has(&compiled, "tc.filter", "em02 ingress 1 800",
	    "protocol all u32 match-all redirect qos2");
	is_ready(&compiled, "p");
	compiled_clear(&compiled);
	/* It is served all the same. */
	bench_facts(&facts);
	facts_add_capability(&facts, "ifb", false, "none");
	compiled = compile_on(&facts, text);
	rests(&compiled, "p", "ifb");
	lacks(&compiled, "link", "qos2");
	has(&compiled, "plug", "em02", "br-em01");
	compiled_clear(&compiled);
}

static size_t rules_of(unsigned int ports)
{
	AUTO(text_clear) struct text text = TEXT_NONE;
	struct compiled compiled;
	size_t n;

	text_add(&text, "'l2_networks':[" FLAT "],'ports':[");
	for (unsigned int i = 0; i < ports; i++)
		text_format(&text,
			    "%s{'uuid':'p%u','device':'vnic%u','l2':'l2-flat','anti_spoofing':true,"
			    "'mac':'fa:00:00:00:%02x:%02x'}",
			    i ? "," : "", i, i, i / 256, i % 256);
	text_add(&text, "]");
	compiled = compile(text_view(&text));
	n = count(&compiled, "nft.rule");
	compiled_clear(&compiled);
	return n;
}

static void rules_do_not_grow_with_ports(void **state)
{
	(void)state;
	assert_int_equal(rules_of(1000), rules_of(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_host_nothing_is_touched),
		cmocka_unit_test(a_device_gets_a_bridge),
		cmocka_unit_test(a_device_with_an_address_stays_open),
		cmocka_unit_test(what_the_machine_has_is_used),
		cmocka_unit_test(a_device_in_a_bond_is_refused),
		cmocka_unit_test(what_is_missing_is_waited_for),
		cmocka_unit_test(packets_are_as_large_as_the_way),
		cmocka_unit_test(names_are_short_and_the_same),
		cmocka_unit_test(known_guests_elsewhere),
		cmocka_unit_test(a_guard_stands_before_the_device),
		cmocka_unit_test(a_port_has_limits),
		cmocka_unit_test(rules_do_not_grow_with_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
