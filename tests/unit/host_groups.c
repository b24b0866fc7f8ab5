/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_groups.c - what becomes of security groups, and what a change of one costs. */
#include "tests/unit/host_bench.h"

#include "hostnet/document/index.h"
#include "lib/base/text.h"

#define L2   "'l2_networks':[{'uuid':'l2','type':'novlan','device':'em01'}]"
#define PORT "'device':'vnic1.0','l2':'l2','mac':'fa:00:00:00:01:01'"
#define IN   "'direction':'ingress'"
#define OUT  "'direction':'egress'"
#define T    "bridge weft_host "
#define AMONG                                                      \
	"{'uuid':'d1'," IN ",'protocol':'all','peer_group':'sg'}," \
	"{'uuid':'d2'," OUT ",'protocol':'all','peer_group':'sg'}"

/* A group 'sg' with these members and rules, another 'sg-2', and a port in both. */
static struct compiled groups(const char *members, const char *rules)
{
	AUTO(free_ptr)
	char *text = mem_format(L2 ",'security_groups':[{'uuid':'sg','members':[%s],'rules':[%s]},"
				   "{'uuid':'sg-2'}],'ports':[{'uuid':'p'," PORT
				   ",'security_groups':['sg','sg-2']}]",
				members, rules);

	return compile(text);
}

static void rule_is(const char *rule, const char *chain, const char *text)
{
	struct compiled compiled = groups("", rule);
	AUTO(free_ptr) char *key = mem_format(T "%s 0100.r", chain);

	has(&compiled, "nft.rule", key, text);
	compiled_clear(&compiled);
}

static void rules_say_how_connections_begin(void **state)
{
	static const struct {
		const char *rule, *chain, *text;
	} rows[] = {
		{ IN, "ingress.sg", "accept" },
		{ OUT ",'protocol':'all'", "egress.sg", "accept" },
		{ IN ",'protocol':'tcp'", "ingress.sg", "ct original protocol tcp accept" },
		{ IN ",'protocol':'tcp','ports':'22'", "ingress.sg",
		  "ct original protocol tcp ct original proto-dst 22 accept" },
		{ OUT ",'protocol':'udp','ports':'200-1000'", "egress.sg",
		  "ct original protocol udp ct original proto-dst 200-1000 accept" },
		{ IN ",'protocol':'icmp'", "ingress.sg",
		  "ct original protocol icmp,ipv6-icmp accept" },
		{ IN ",'protocol':'icmp','peer_cidr':'192.168.1.7/24'", "ingress.sg",
		  "ct original protocol icmp ct original ip saddr 192.168.1.0/24 accept" },
		{ OUT ",'protocol':'icmp','peer_cidr':'fd00::/64'", "egress.sg",
		  "ct original protocol ipv6-icmp ct original ip6 daddr fd00::/64 accept" },
		{ OUT ",'peer_cidr':'10.0.0.1/32'", "egress.sg",
		  "ct original ip daddr 10.0.0.1 accept" },
		{ IN ",'peer_group':'sg-2'", "ingress.sg",
		  "ct original ip saddr @members.sg-2 accept" },
		{ OUT ",'peer_group':'sg-2','peer_cidr':'10.0.0.0/8'", "egress.sg",
		  "ct original ip daddr 10.0.0.0/8 ct original ip daddr @members.sg-2 accept" },
		{ IN ",'peer_group':'sg-2','peer_cidr':'fd00::/64'", "ingress.sg",
		  "ct original ip6 saddr fd00::/64 ct original ip6 saddr @members6.sg-2 accept" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(free_ptr) char *rule = mem_format("{'uuid':'r',%s}", rows[i].rule);

		rule_is(rule, rows[i].chain, rows[i].text);
	}
}

static void a_peer_group_is_of_both_families(void **state)
{
	struct compiled compiled =
		groups("'10.0.0.1','fd00::1'", "{'uuid':'r'," IN ",'peer_group':'sg'}");

	(void)state;
	has(&compiled, "nft.rule", T "ingress.sg 0100.r",
	    "ct original ip saddr @members.sg accept");
	has(&compiled, "nft.rule", T "ingress.sg 0200.r",
	    "ct original ip6 saddr @members6.sg accept");
	has(&compiled, "nft.element", T "members.sg 10.0.0.1", "");
	has(&compiled, "nft.element", T "members6.sg fd00::1", "");
	compiled_clear(&compiled);
}

/* The number of a port's groups, as the map has it. */
static const char *number_of(const struct compiled *compiled, const char *device)
{
	AUTO(free_ptr) char *key = mem_format(T "combinations %s", device);
	const struct item *item = item_set_find(&compiled->items, "nft.element", key);

	assert_non_null(item);
	return item_value(item);
}

static void leads_to(const struct compiled *compiled, const char *number, const char *map,
		     const char *order, const char *rule)
{
	AUTO(free_ptr) char *key = mem_format(T "%s %s", map, number);
	AUTO(free_ptr) char *verdict = mem_format("goto %s.%s", map, number + strlen("0x"));
	AUTO(free_ptr) char *at = mem_format(T "%s.%s %s", map, number + strlen("0x"), order);

	has(compiled, "nft.element", key, verdict);
	has(compiled, "nft.rule", at, rule);
}

static void all_leaves(const struct compiled *compiled, const char *number)
{
	AUTO(free_ptr) char *key = mem_format(T "outof %s", number);
	AUTO(free_ptr) char *chain = mem_format(T "outof.%s", number + strlen("0x"));

	has(compiled, "nft.element", key, "accept");
	lacks(compiled, "nft.chain", chain);
}

static void a_port_goes_through_its_groups(void **state)
{
	struct compiled compiled = groups("", "");
	const char *number = number_of(&compiled, "vnic1.0");

	(void)state;
	has(&compiled, "nft.element", T "grouped vnic1.0", "");
	leads_to(&compiled, number, "into", "0100.0000", "jump ingress.sg");
	leads_to(&compiled, number, "into", "0100.0001", "jump ingress.sg-2");
	leads_to(&compiled, number, "into", "0300", "goto anyway");
	all_leaves(&compiled, number);
	compiled_clear(&compiled);
}

static void rules_of_its_own_make_a_group_strict(void **state)
{
	struct compiled compiled = groups("", AMONG);
	const char *number;

	(void)state;
	all_leaves(&compiled, number_of(&compiled, "vnic1.0"));
	compiled_clear(&compiled);
	compiled = groups("", AMONG ",{'uuid':'r'," IN "}");
	all_leaves(&compiled, number_of(&compiled, "vnic1.0"));
	compiled_clear(&compiled);
	compiled = groups("", AMONG ",{'uuid':'r'," OUT ",'protocol':'tcp','peer_group':'sg'}");
	number = number_of(&compiled, "vnic1.0");
	leads_to(&compiled, number, "outof", "0100.0000", "jump egress.sg");
	leads_to(&compiled, number, "outof", "0100.0001", "jump egress.sg-2");
	leads_to(&compiled, number, "outof", "0300", "goto anyway");
	compiled_clear(&compiled);
}

#define NIC(n, groups)                                                                   \
	"{'uuid':'p" n "','device':'vnic" n "','l2':'l2','mac':'fa:00:00:00:02:0" n "'," \
	"'security_groups':[" groups "]}"

/* In whatever order they are named, and however often. */
static void the_same_groups_are_one_combination(void **state)
{
	struct compiled compiled =
		compile(L2 ",'security_groups':[{'uuid':'a'},{'uuid':'b'}],'ports':[" NIC(
			"1",
			"'a','b'") "," NIC("2",
					   "'b','a'") "," NIC("3",
							      "'b','a','b'") "," NIC("4",
										     "'a'") "]");

	(void)state;
	assert_string_equal(number_of(&compiled, "vnic1"), number_of(&compiled, "vnic2"));
	assert_string_equal(number_of(&compiled, "vnic1"), number_of(&compiled, "vnic3"));
	assert_string_not_equal(number_of(&compiled, "vnic1"), number_of(&compiled, "vnic4"));
	leads_to(&compiled, number_of(&compiled, "vnic2"), "into", "0100.0000", "jump ingress.a");
	leads_to(&compiled, number_of(&compiled, "vnic2"), "into", "0100.0001", "jump ingress.b");
	leads_to(&compiled, number_of(&compiled, "vnic4"), "into", "0100.0000", "jump ingress.a");
	compiled_clear(&compiled);
}

/* As an agent patches: what changes is said by what is named, and by nothing else. */
static void patch(struct compiled *compiled, const char *upsert, const char *remove)
{
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	json_t *more = bench_json(upsert), *less = bench_json(remove);

	if (document_patch(compiled->document, more, less, &delta, &err) < 0)
		fail_msg("%s: %s", err.path ? err.path : "", err_text(&err));
	document_keep(&delta);
	json_decref(more);
	json_decref(less);
}

static size_t chains(const struct compiled *compiled)
{
	struct item_set items = ITEM_SET_NONE;
	struct notes notes = NOTES_NONE;
	struct item *item, *after;
	size_t n = 0;

	host_compile(compiled->document, &compiled->facts, &items, &notes);
	item_set_for_each_of (&items, "nft.chain", item, after)
		n += strncmp(item_key(item), T "into.", strlen(T "into.")) == 0 ||
		     strncmp(item_key(item), T "outof.", strlen(T "outof.")) == 0;
	item_set_clear(&items);
	notes_clear(&notes);
	return n;
}

static struct object *combination_of(const struct compiled *compiled, const char *uuid)
{
	return &host_port(compiled->document, uuid)->combination->object;
}

static void a_combination_is_there_as_long_as_a_port(void **state)
{
	struct compiled compiled = compile(L2 ",'security_groups':[{'uuid':'a'},{'uuid':'b'}],"
					      "'ports':[" NIC("1", "'a'") "," NIC("2", "'a'") "]");

	(void)state;
	assert_int_equal(chains(&compiled), 1);
	patch(&compiled, "{}", "{'ports':['p1']}");
	assert_int_equal(chains(&compiled), 1);
	patch(&compiled, "{'ports':[" NIC("3", "'b','a'") "," NIC("4", "'a','b'") "]}", "{}");
	assert_int_equal(chains(&compiled), 2);
	assert_ptr_equal(combination_of(&compiled, "p3"), combination_of(&compiled, "p4"));
	assert_ptr_equal(document_find(compiled.document, SECTION_COMBINATIONS, "a,b"),
			 combination_of(&compiled, "p3"));
	patch(&compiled, "{'ports':[" NIC("2", "") "]}", "{'ports':['p3']}");
	assert_int_equal(chains(&compiled), 1);
	assert_null(document_find(compiled.document, SECTION_COMBINATIONS, "a"));
	assert_null(document_find(compiled.document, "of_no_document", "a,b"));
	patch(&compiled, "{}", "{'ports':['p4']}");
	assert_int_equal(chains(&compiled), 0);
	compiled_clear(&compiled);
}

static size_t n_affected;

static void count_affected(void *data, struct object *object)
{
	(void)data;
	(void)object;
	n_affected++;
}

/* However many there are with its groups: neither a chain nor a rule, nor a verdict. */
static void one_port_more_is_elements_of_its_own(void **state)
{
	struct compiled compiled =
		compile(L2 ",'security_groups':[{'uuid':'a'},{'uuid':'b'}],"
			   "'ports':[" NIC("1", "'a','b'") "," NIC("2", "'b','a'") "]");
	struct item_set items = ITEM_SET_NONE;
	struct notes notes = NOTES_NONE;
	struct item *item, *after;

	(void)state;
	host_compile_object(compiled.document, &compiled.facts,
			    document_find(compiled.document, SECTION_PORTS, "p2"), &items, &notes);
	item_set_for_each (&items, item, after) {
		assert_false(item_is(item, "nft.chain") || item_is(item, "nft.rule"));
		assert_null(strstr(item_value(item), "goto"));
	}
	/* Itself and its groups' combination. */
	n_affected = 0;
	host_affected(compiled.document, document_find(compiled.document, SECTION_PORTS, "p2"),
		      count_affected, NULL);
	assert_int_equal(n_affected, 2);
	item_set_clear(&items);
	notes_clear(&notes);
	compiled_clear(&compiled);
}

static void networks_are_tracked_apart(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;
	const struct item *zones[2];

	(void)state;
	bench_facts(&facts);
	bench_address(&facts, 1, "172.20.0.21/16");
	compiled =
		compile_on(&facts, "'l2_networks':[{'uuid':'l2','type':'novlan','device':'em01'},"
				   "{'uuid':'v','type':'vlan','device':'em01','vlan':5}],"
				   "'security_groups':[{'uuid':'sg'}]");
	zones[0] = item_set_find(&compiled.items, "nft.element", T "zones br-em01");
	zones[1] = item_set_find(&compiled.items, "nft.element", T "zones br-em01.5");
	assert_non_null(zones[0]);
	assert_non_null(zones[1]);
	assert_string_not_equal(item_value(zones[0]), item_value(zones[1]));
	assert_string_not_equal(item_value(zones[0]), "0");
	/* The machine has an address on the first. */
	has(&compiled, "nft.element", T "machine br-em01 . fa:00:00:00:00:01", "");
	lacks(&compiled, "nft.element", T "machine br-em01.5 . fa:00:00:00:00:01");
	has(&compiled, "nft.rule", T "prerouting 0040",
	    "concat( meta ibrname . ether daddr ) @machine ct zone set 0");
	compiled_clear(&compiled);
	/* Elsewhere no frame is asked whether it is for the machine. */
	compiled = groups("", "");
	has(&compiled, "nft.rule", T "prerouting 0050", "ct zone set meta ibrname map @zones");
	lacks(&compiled, "nft.rule", T "prerouting 0040");
	compiled_clear(&compiled);
}

/* The same uuid finds the same number, and one that is taken gives way. */
static void numbers_of_networks(void **state)
{
	struct zones *zones = mem_alloc(sizeof(*zones));
	uint16_t first = zones_take(zones, "l2"), second = zones_take(zones, "l2");

	(void)state;
	assert_int_not_equal(first, second);
	zones_give(zones, first);
	assert_int_equal(zones_take(zones, "l2"), first);
	for (size_t i = 2; i < 65535; i++)
		assert_int_not_equal(zones_take(zones, "l2"), 0);
	zones_give(zones, 4711);
	assert_int_equal(zones_take(zones, "other"), 4711);
	free(zones);
}

static void without_groups_nothing_is_tracked(void **state)
{
	struct compiled compiled = compile(L2 ",'ports':[{'uuid':'p'," PORT "}]");

	(void)state;
	lacks(&compiled, "nft.rule", T "prerouting 0050");
	lacks(&compiled, "nft.chain", T "groups_from");
	lacks(&compiled, "nft.element", T "grouped vnic1.0");
	compiled_clear(&compiled);
}

static void a_kernel_that_cannot(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;

	(void)state;
	bench_facts(&facts);
	bench_link(&facts, 5, "vnic1.0", "veth", false);
	bench_link(&facts, 6, "vnic2.0", "veth", false);
	facts_add_capability(&facts, "bridge_conntrack", false, "it has none");
	compiled =
		compile_on(&facts, L2 ",'security_groups':[{'uuid':'sg','rules':[" AMONG
				      "]}],'ports':[{'uuid':'p'," PORT ",'security_groups':['sg']},"
				      "{'uuid':'q','device':'vnic2.0','l2':'l2',"
				      "'mac':'fa:00:00:00:01:02'}]");
	rests(&compiled, "p", "bridge_conntrack");
	rests(&compiled, "sg", "bridge_conntrack");
	lacks(&compiled, "plug", "vnic1.0");
	is_ready(&compiled, "q");
	has(&compiled, "plug", "vnic2.0", "br-em01");
	lacks(&compiled, "nft.rule", T "prerouting 0050");
	lacks(&compiled, "nft.chain", T "groups_from");
	compiled_clear(&compiled);
}

/* --- What a change is --- */

/* Of one object alone, as a patch sees it. */
static void compile_one(const struct compiled *of, const char *section, const char *uuid,
			struct item_set *items)
{
	struct notes notes = NOTES_NONE;

	host_compile_object(of->document, &of->facts, document_find(of->document, section, uuid),
			    items, &notes);
	notes_clear(&notes);
}

static char *many(unsigned int members, unsigned int ports)
{
	struct text text = TEXT_NONE;

	text_add(&text, L2 ",'security_groups':[{'uuid':'sg','members':[");
	for (unsigned int i = 0; i < members; i++)
		text_format(&text, "%s'10.0.%u.%u'", i ? "," : "", i / 200, i % 200 + 1);
	text_add(&text, "],'rules':[" AMONG "]}],'ports':[");
	for (unsigned int i = 0; i < ports; i++)
		text_format(&text,
			    "%s{'uuid':'p%u','device':'vnic%u','l2':'l2','security_groups':['sg'],"
			    "'mac':'fa:00:00:00:%02x:%02x'}",
			    i ? "," : "", i, i, i / 256, i % 256);
	text_add(&text, "]");
	return text_take(&text);
}

static void one_member_more_is_one_element(void **state)
{
	AUTO(free_ptr) char *few = many(4999, 500);
	AUTO(free_ptr) char *more = many(5000, 500);
	struct compiled before = compile(few), after = compile(more);
	struct item_set had = ITEM_SET_NONE, has_now = ITEM_SET_NONE;
	struct item *item, *next;
	size_t others = 0;

	(void)state;
	compile_one(&before, "security_groups", "sg", &had);
	compile_one(&after, "security_groups", "sg", &has_now);
	assert_int_equal(item_set_count(&has_now), item_set_count(&had) + 1);
	item_set_for_each (&has_now, item, next)
		others += !item_set_find(&had, item_kind(item), item_key(item));
	assert_int_equal(others, 1);
	/* The group itself and the host: not its ports. */
	n_affected = 0;
	host_affected(after.document, document_find(after.document, "security_groups", "sg"),
		      count_affected, NULL);
	assert_int_equal(n_affected, 2);
	item_set_clear(&had);
	item_set_clear(&has_now);
	compiled_clear(&before);
	compiled_clear(&after);
}

/* What leads out of ports, and no port: of those that are in it, once for each combination. */
static void a_strict_group_is_seen_by_its_combinations(void **state)
{
	struct compiled compiled = compile(
		L2 ",'security_groups':[{'uuid':'a','rules':[{'uuid':'r'," OUT "}]},{'uuid':'b'}],"
		   "'ports':[" NIC("1", "'a'") "," NIC("2", "'a'") "," NIC("3", "'b','a'") "," NIC(
			   "4", "'b'") "]");

	(void)state;
	n_affected = 0;
	host_affected(compiled.document, document_find(compiled.document, "security_groups", "a"),
		      count_affected, NULL);
	assert_int_equal(n_affected, 4); /* With the host: "a" and "a,b". */
	leads_to(&compiled, number_of(&compiled, "vnic3"), "outof", "0100.0001", "jump egress.b");
	all_leaves(&compiled, number_of(&compiled, "vnic4"));
	compiled_clear(&compiled);
}

/* A rule that makes the group strict is seen in none of its ports' items. */
static void ports_do_not_change_with_their_groups(void **state)
{
	struct compiled before = groups("", ""),
			after = groups("'10.0.0.1'", "{'uuid':'r'," OUT "}");
	struct item_set had = ITEM_SET_NONE, has_now = ITEM_SET_NONE;
	struct item *item, *next;

	(void)state;
	compile_one(&before, "ports", "p", &had);
	compile_one(&after, "ports", "p", &has_now);
	assert_int_equal(item_set_count(&has_now), item_set_count(&had));
	item_set_for_each (&has_now, item, next) {
		const struct item *other = item_set_find(&had, item_kind(item), item_key(item));

		assert_non_null(other);
		assert_string_equal(item_value(other), item_value(item));
	}
	item_set_clear(&had);
	item_set_clear(&has_now);
	compiled_clear(&before);
	compiled_clear(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_say_how_connections_begin),
		cmocka_unit_test(a_peer_group_is_of_both_families),
		cmocka_unit_test(rules_of_its_own_make_a_group_strict),
		cmocka_unit_test(a_port_goes_through_its_groups),
		cmocka_unit_test(the_same_groups_are_one_combination),
		cmocka_unit_test(a_combination_is_there_as_long_as_a_port),
		cmocka_unit_test(one_port_more_is_elements_of_its_own),
		cmocka_unit_test(networks_are_tracked_apart),
		cmocka_unit_test(numbers_of_networks),
		cmocka_unit_test(without_groups_nothing_is_tracked),
		cmocka_unit_test(a_kernel_that_cannot),
		cmocka_unit_test(one_member_more_is_one_element),
		cmocka_unit_test(a_strict_group_is_seen_by_its_combinations),
		cmocka_unit_test(ports_do_not_change_with_their_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
