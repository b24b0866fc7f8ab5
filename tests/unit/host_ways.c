/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_ways.c - what leads from one of a host's networks into another: legs, elastic IPs, routers.
 */
#include "tests/unit/host_bench.h"

#include "hostnet/compile/order.h"
#include "lib/base/text.h"

#define NETWORKS                                                                               \
	"'l2_networks':[{'uuid':'l2-pub','type':'novlan','device':'em01'},"                    \
	"{'uuid':'l2-web','type':'novlan','device':'em02'},"                                   \
	"{'uuid':'l2-app','type':'vxlan','vni':900}],"                                         \
	"'l3_networks':[{'uuid':'l3-pub','l2':'l2-pub','cidr':'10.0.0.0/8',"                   \
	"'gateway':'10.0.0.1'},{'uuid':'l3-web','l2':'l2-web','cidr':'192.168.10.0/24',"       \
	"'gateway':'192.168.10.1'},{'uuid':'l3-app','l2':'l2-app','cidr':'192.168.11.0/24',"   \
	"'gateway':'192.168.11.1'}],"                                                          \
	"'ports':[{'uuid':'nic-1','device':'vnic1.0','l2':'l2-web','mac':'fa:00:00:00:01:01'," \
	"'addresses':[{'l3':'l3-web','address':'192.168.10.11'}]}]"
#define EIP(uuid, address)                                                         \
	"{'uuid':'" uuid "','address':'" address "','l3':'l3-pub','port':'nic-1'," \
	"'target':'192.168.10.11'}"
#define ROUTER                                                                          \
	"{'uuid':'r-1','gateway_mac':'fa:00:00:00:aa:01','interfaces':[{'l3':'l3-web'," \
	"'address':'192.168.10.1'},{'l3':'l3-app','address':'192.168.11.1','mac':"      \
	"'fa:00:00:00:aa:02'}]}"

static void has_rule(const struct compiled *compiled, const char *key)
{
	if (!item_set_find(&compiled->items, "nft.rule", key))
		fail_msg("no rule %s", key);
}

struct ends {
	char outer[IFNAMSIZ], inner[IFNAMSIZ];
};

/* The leg that a document wants of a network. */
static struct ends leg_of(const struct compiled *compiled, const char *l2)
{
	struct item *item, *after;
	struct ends ends = { "", "" };

	item_set_for_each (&compiled->items, item, after) {
		if (!item_is(item, "link") || strcmp(item_owner(item), l2) != 0 ||
		    strncmp(item_value(item), "veth ", 5) != 0)
			continue;
		snprintf(ends.outer, IFNAMSIZ, "%s", item_key(item));
		snprintf(ends.inner, IFNAMSIZ, "%s", item_value(item) + 5);
	}
	return ends;
}

/* The machine with that leg plugged in; the inner end's index is 'index' + 1. */
static void add_leg(struct facts *facts, struct ends ends, int index, const char *bridge)
{
	const struct facts_link *link = facts_link_by_name(facts, bridge);
	int master = link ? link->index : 0;

	bench_link(facts, index + 1, ends.inner, "veth", true);
	bench_link(facts, index, ends.outer, "veth", true)->master = master;
}

static struct compiled compile_with_legs(const char *sections, uint32_t mtu)
{
	struct compiled before;
	struct facts facts = FACTS_NONE, again = FACTS_NONE;
	struct ends pub, web, app;

	bench_facts(&again);
	bench_link(&again, 3, "vnic1.0", "veth", false);
	before = compile_on(&again, sections);
	pub = leg_of(&before, "l2-pub");
	web = leg_of(&before, "l2-web");
	app = leg_of(&before, "l2-app");
	bench_facts(&facts);
	facts.links[0].mtu = facts.links[1].mtu = mtu;
	bench_link(&facts, 3, "vnic1.0", "veth", false);
	bench_link(&facts, 4, "br-em01", "bridge", true);
	bench_link(&facts, 5, "br-em02", "bridge", true);
	bench_link(&facts, 6, "br-vx900", "bridge", true);
	if (*pub.outer)
		add_leg(&facts, pub, 10, "br-em01");
	if (*web.outer)
		add_leg(&facts, web, 20, "br-em02");
	if (*app.outer)
		add_leg(&facts, app, 30, "br-vx900");
	compiled_clear(&before);
	return compile_on(&facts, sections);
}

PRINTF(3, 4)
static void has_element(const struct compiled *compiled, const char *value, const char *key, ...)
{
	AUTO(free_ptr) char *text = NULL;
	va_list args;

	va_start(args, key);
	text = mem_vformat(key, args);
	va_end(args);
	has(compiled, "nft.element", text, value);
}

static void only_networks_that_are_joined_have_legs(void **state)
{
	struct compiled without = compile(NETWORKS), with;
	struct facts facts = FACTS_NONE;

	(void)state;
	assert_string_equal(leg_of(&without, "l2-pub").outer, "");
	bench_facts(&facts);
	bench_link(&facts, 3, "vnic1.0", "veth", false);
	with = compile_on(&facts, NETWORKS ",'eips':[" EIP("eip-1", "10.0.0.5") "]");
	assert_int_equal(strlen(leg_of(&with, "l2-pub").outer), 13);
	assert_int_equal(strlen(leg_of(&with, "l2-web").outer), 13);
	assert_string_equal(leg_of(&with, "l2-app").outer, "");
	/* Nothing is led there before it is there. */
	assert_int_equal(count(&with, "plug"), 1);
	lacks(&with, "nft.element", TABLE_LEGS " eip_legs 06:e1:0a:00:00:05");
	assert_int_equal(count(&with, "proxy"), 0);
	compiled_clear(&without);
	compiled_clear(&with);
}

static void an_elastic_ip_waits_for_its_guest(void **state)
{
	struct compiled compiled = compile(NETWORKS ",'eips':[" EIP("eip-1", "10.0.0.5") "]");

	(void)state;
	rests(&compiled, "eip-1", "port nic-1: device vnic1.0 is not there");
	compiled_clear(&compiled);
}

static void an_elastic_ip_is_some_elements(void **state)
{
	struct compiled compiled = compile_with_legs(
		NETWORKS ",'eips':[" EIP("eip-1", "10.0.0.5") "," EIP("eip-2", "10.0.0.6") "]",
		1500);
	struct ends pub = leg_of(&compiled, "l2-pub"), web = leg_of(&compiled, "l2-web");
	AUTO(free_ptr) char *to_web = mem_format("goto to-%s", web.inner);
	AUTO(free_ptr) char *proxy = mem_format("%s 10.0.0.5", pub.inner);
	AUTO(free_ptr) char *fdb = mem_format("%s 06:e1:0a:00:00:05", web.outer);

	(void)state;
	is_ready(&compiled, "eip-1");
	has_element(&compiled, "goto eip_in", TABLE_LEGS " eip_down 0xb . 10.0.0.5");
	has_element(&compiled, "192.168.10.11", TABLE_LEGS " eip_targets 0xb . 10.0.0.5");
	has_element(&compiled, "fa:00:00:00:01:01", TABLE_LEGS " eip_guests 0xb . 10.0.0.5");
	has_element(&compiled, to_web, TABLE_LEGS " eip_legs 06:e1:0a:00:00:05");
	has_element(&compiled, "goto out-l3-pub", TABLE_LEGS " eip_up 06:e1:0a:00:00:06");
	has_element(&compiled, "10.0.0.6",
		    TABLE_LEGS " eip_sources 0x15 . 06:e1:0a:00:00:06 . 192.168.10.11");
	has_element(&compiled, "",
		    TABLE " eip_several vnic1.0 . 06:e1:0a:00:00:06 . 192.168.10.11");
	has_element(&compiled, "10.0.0.5", TABLE " leg_asks %s", pub.outer);
	has_element(&compiled, "169.254.0.1", TABLE " leg_asks %s", web.outer);
	has_element(&compiled, "", TABLE " eip_gateways vnic1.0 . 192.168.10.1");
	has(&compiled, "proxy", proxy, "");
	has(&compiled, "fdb", fdb, "");
	compiled_clear(&compiled);
}

static size_t rules_of(size_t n)
{
	AUTO(text_clear) struct text text = TEXT_NONE;
	struct compiled compiled;
	size_t rules;

	text_add(&text, NETWORKS ",'eips':[");
	for (size_t i = 0; i < n; i++)
		text_format(&text,
			    "%s{'uuid':'e%zu','address':'10.0.%zu.%zu','l3':'l3-pub',"
			    "'port':'nic-1','target':'192.168.10.11'}",
			    i ? "," : "", i, 1 + i / 250, 1 + i % 250);
	text_add(&text, "]");
	compiled = compile_with_legs(text_view(&text), 1500);
	rules = count(&compiled, "nft.rule");
	compiled_clear(&compiled);
	return rules;
}

static void rules_do_not_grow_with_elastic_ips(void **state)
{
	(void)state;
	assert_int_equal(rules_of(300), rules_of(1));
}

#define LIMITED                                                                                \
	NETWORKS ",'eips':[{'uuid':'eip-1','address':'10.0.0.5','l3':'l3-pub','port':'nic-1'," \
		 "'target':'192.168.10.11','qos':[{'up_mbps':4},{'port':'80','down_mbps':10}]}]"

static void limits_are_classes_of_the_legs(void **state)
{
	struct compiled compiled = compile_with_legs(LIMITED, 1500);
	struct ends pub = leg_of(&compiled, "l2-pub"), web = leg_of(&compiled, "l2-web");
	AUTO(free_ptr) char *up = mem_format("%s 5af7:", pub.inner);
	AUTO(free_ptr) char *down = mem_format("%s 5af7:", web.inner);
	const struct host_eip *eip = (const void *)document_first(compiled.document, SECTION_EIPS);
	const struct host_eip_qos *rules = eip->qos.items;
	AUTO(free_ptr) char *class = mem_format("%s%x", up, rules[0].minor);
	AUTO(free_ptr) char *up_id = mem_format("5af7:%x", rules[0].minor);
	AUTO(free_ptr) char *down_id = mem_format("5af7:%x", rules[1].minor);

	(void)state;
	is_ready(&compiled, "eip-1");
	assert_int_not_equal(rules[0].minor, rules[1].minor);
	has(&compiled, "tc.qdisc", up, "root htb default 0");
	has(&compiled, "tc.qdisc", down, "root htb default 0");
	has(&compiled, "tc.class", class,
	    "parent 5af7: htb rate 4000 ceil 4000 burst 16000 "
	    "cburst 16000");
	assert_int_equal(count(&compiled, "tc.class"), 2);
	has_element(&compiled, up_id, TABLE_LEGS " limit_up 06:e1:0a:00:00:05");
	has_element(&compiled, down_id, TABLE_LEGS " limit_down_port 06:e1:0a:00:00:05 . udp . 80");
	/* The port's traffic is not the address's. */
	has_element(&compiled, "5af7:0", TABLE_LEGS " limit_up_port 06:e1:0a:00:00:05 . tcp . 80");
	compiled_clear(&compiled);
}

static void what_the_kernel_cannot_is_said(void **state)
{
	struct compiled can = compile_with_legs(LIMITED, 1500), cannot;
	struct facts facts = can.facts;

	(void)state;
	can.facts = (struct facts)FACTS_NONE;
	facts_add_capability(&facts, "htb", false, "this kernel has no HTB");
	cannot = compile_on(&facts, LIMITED);
	rests(&cannot, "eip-1", "qos");
	assert_int_equal(count(&cannot, "tc.class"), 0);
	has_element(&cannot, "192.168.10.11", TABLE_LEGS " eip_targets 0xb . 10.0.0.5");
	compiled_clear(&can);
	compiled_clear(&cannot);
}

static void networks_of_a_router(void **state)
{
	/* A VXLAN carries 50 bytes less, unless its device carries more. */
	struct compiled compiled = compile_with_legs(NETWORKS ",'routers':[" ROUTER "]", 1500);
	struct compiled equal;
	struct ends web, app;
	AUTO(free_ptr) char *arp = NULL;
	AUTO(free_ptr) char *from = NULL;

	(void)state;
	rests(&compiled, "r-1",
	      "l3_network l3-web carries packets of 1500 bytes, l3_network l3-app of 1450: hosts "
	      "route between equal ones only");
	lacks(&compiled, "nft.chain", TABLE_LEGS " routes-r-1");
	compiled_clear(&compiled);
	equal = compile_with_legs(
		"'l2_networks':[{'uuid':'l2-pub','type':'novlan','device':'em01'},"
		"{'uuid':'l2-web','type':'novlan','device':'em02'},"
		"{'uuid':'l2-app','type':'vxlan','vni':900,'mtu':1500}],"
		"'l3_networks':[{'uuid':'l3-web','l2':'l2-web','cidr':'192.168.10.0/24'},"
		"{'uuid':'l3-app','l2':'l2-app','cidr':'192.168.11.0/24'}],"
		"'ports':[{'uuid':'nic-1','device':'vnic1.0','l2':'l2-app',"
		"'mac':'fa:00:00:00:01:01','addresses':[{'l3':'l3-app',"
		"'address':'192.168.11.11'}]}],'routers':[" ROUTER "]",
		1500);
	web = leg_of(&equal, "l2-web");
	app = leg_of(&equal, "l2-app");
	arp = mem_format("%s . 192.168.10.1", web.inner);
	from = mem_format(TABLE_LEGS " %s " LEG_ROUTED ".l3-app", app.inner);
	is_ready(&equal, "r-1");
	has_element(&equal, "fa:00:00:00:aa:01", TABLE_LEGS " leg_arp %s", arp);
	has_element(&equal, "", TABLE " routed_gateways vnic1.0 . 192.168.11.1");
	has_element(&equal, "goto routed-l3-app",
		    TABLE " routed_ports vnic1.0 . fa:00:00:00:aa:01 . 192.168.11.11");
	/* As guests know it that have not asked since. */
	has_element(&equal, "goto routed-l3-app",
		    TABLE " routed_ports vnic1.0 . fa:00:00:00:aa:02 . 192.168.11.11");
	has(&equal, "nft.rule", from,
	    "meta pkttype host ip saddr 192.168.11.0/24 meta mark set 0x0 goto routes-r-1");
	has(&equal, "nft.rule", TABLE_LEGS " routes-r-1 " ROUTES_TO ".l3-web",
	    "ip daddr 192.168.10.0/24 fwd ip to ip daddr device 21");
	has(&equal, "nft.rule", TABLE " routed-l3-app " ROUTED_GATEWAYS,
	    "ip daddr 192.168.10.1,192.168.11.1 ether daddr set fa:00:00:00:aa:02 accept");
	compiled_clear(&equal);
}

/* --- What a frame pays for --- */

static void visit_name(void *data, struct object *object)
{
	text_format(data, "%s ", object->uuid);
}

/* Who is seen again when the object changes. */
static char *affected(const struct compiled *compiled, const char *section, const char *uuid)
{
	struct text names = TEXT_NONE;

	host_affected(compiled->document, document_find(compiled->document, section, uuid),
		      visit_name, &names);
	return text_take(&names);
}

#define SERVED                                                                                   \
	"'l2_networks':[{'uuid':'l2','type':'novlan','device':'em01'}],'l3_networks':["          \
	"{'uuid':'l3','l2':'l2','cidr':'10.0.0.0/8','dhcp':{'enabled':true,'server':'10.0.0.2'," \
	"'lease_s':60}}]"

/* Rules of what the host does not have are not there; the first and the last of it change that. */
static void a_frame_pays_for_what_its_host_has(void **state)
{
	struct compiled none = compile(NETWORKS), served = compile(SERVED),
			eip = compile(NETWORKS ",'eips':[" EIP("e", "10.1.2.3") "]"),
			router = compile(NETWORKS ",'routers':[" ROUTER "]");
	AUTO(free_ptr) char *by_l3 = affected(&served, SECTION_L3_NETWORKS, "l3");
	AUTO(free_ptr) char *by_eip = affected(&eip, SECTION_EIPS, "e");
	AUTO(free_ptr) char *by_router = affected(&router, SECTION_ROUTERS, "r-1");

	(void)state;
	lacks(&none, "nft.chain", TABLE " " CHAIN_WAYS);
	lacks(&none, "nft.rule", TABLE " " CHAIN_FORWARD " " FORWARD_TO_RESPONDER);
	lacks(&none, "nft.rule", TABLE " " CHAIN_FORWARD " " FORWARD_FROM_LEG);
	lacks(&none, "nft.rule", TABLE " " CHAIN_ARP " " ARP_LEG_OTHER);
	/* What guards others' hosts does not hang on this one's own. */
	has_rule(&none, TABLE " " CHAIN_FORWARD " " FORWARD_EIP_OUT);
	has_rule(&none, TABLE " " CHAIN_FORWARD " " FORWARD_TAGGED);
	has_rule(&served, TABLE " " CHAIN_FORWARD " " FORWARD_TO_RESPONDER);
	has_rule(&served, TABLE " " CHAIN_FORWARD " " FORWARD_FORGED);
	lacks(&served, "nft.chain", TABLE " " CHAIN_WAYS);
	has_rule(&eip, TABLE " " CHAIN_FORWARD " " FORWARD_FROM_LEG);
	has_rule(&eip, TABLE " " CHAIN_WAYS " " WAYS_EIP);
	lacks(&eip, "nft.rule", TABLE " " CHAIN_WAYS " " WAYS_ROUTED);
	has_rule(&router, TABLE " " CHAIN_WAYS " " WAYS_ROUTED);
	has_rule(&router, TABLE " " CHAIN_ARP " " ARP_LEG_OTHER);
	lacks(&router, "nft.rule", TABLE " " CHAIN_WAYS " " WAYS_EIP);
	assert_non_null(strstr(by_l3, "h "));
	assert_non_null(strstr(by_eip, "h "));
	assert_non_null(strstr(by_router, "h "));
	compiled_clear(&none);
	compiled_clear(&served);
	compiled_clear(&eip);
	compiled_clear(&router);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_networks_that_are_joined_have_legs),
		cmocka_unit_test(an_elastic_ip_waits_for_its_guest),
		cmocka_unit_test(an_elastic_ip_is_some_elements),
		cmocka_unit_test(rules_do_not_grow_with_elastic_ips),
		cmocka_unit_test(limits_are_classes_of_the_legs),
		cmocka_unit_test(what_the_kernel_cannot_is_said),
		cmocka_unit_test(networks_of_a_router),
		cmocka_unit_test(a_frame_pays_for_what_its_host_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
