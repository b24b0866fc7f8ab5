/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile_walk.c - what must hold of the compiler whatever the document: a random walk of patches.
 *
 * Objects compiled one by one give what the whole gives, no two say the same item, what
 * router_affected() does not name stays as it is, and every rule is one that a table can have. */
#include "tests/unit/router_bench.h"

#include "lib/backend/nft/nft.h"
#include "lib/base/text.h"
#include "vrouter/compile/compile.h"

#define STEPS 1500

static unsigned int seed;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 8) % n;
}

#define PICK(list) ((list)[pick(ARRAY_SIZE(list))])

static const char *const targets[] = { "192.168.10.5", "192.168.10.6", "192.168.11.5", "172.30.0.1",
				       "10.200.0.5" };
static const char *const vips[] = { "v0", "v1", "v2", "v3", "v4", "v5" };

/* Limits of different VIPs that would all have one of two classes. */
static void random_limits(struct text *text, unsigned int n)
{
	static const unsigned int ports[] = { 7199, 37355, 61992, 7761, 55008, 777 };
	static const char *const ways[] = { "'up_mbps':5", "'down_mbps':7",
					    "'up_mbps':5,'down_mbps':7" };

	text_add(text, ",'qos':[");
	if (pick(2))
		text_format(text, "{'uuid':'q0','port':'%u',%s},", ports[n], PICK(ways));
	text_format(text, "{'uuid':'q1',%s}]", PICK(ways));
}

static void random_vip(struct text *text, unsigned int n)
{
	static const char *const subnets[] = { "10.1.0", "203.0.113", "198.51.100" };
	static const char *const networks[] = { "l3-pub", "l3-b", "l3-c", "none" };

	text_format(text, "{'uuid':'v%u','address':'%s.%u','network':'%s'", n, PICK(subnets), n + 3,
		    PICK(networks));
	if (pick(2))
		random_limits(text, n);
	text_add(text, "}");
}

static void random_eip(struct text *text, unsigned int n)
{
	text_format(text, "{'uuid':'e%u','vip':'%s','target':'%s'}", n, PICK(vips), PICK(targets));
}

static void random_forward(struct text *text, unsigned int n)
{
	static const char *const ports[] = { "24", "30-33", "100-101", "24-25" };
	static const char *const cidrs[] = { "10.0.0.0/8", "10.0.79.68", "0.0.0.0/0", "fd00::/64" };
	unsigned int port = pick(ARRAY_SIZE(ports));

	text_format(text, "{'uuid':'f%u','vip':'%s','protocol':'%s','vip_ports':'%s','target':'%s'",
		    n, PICK(vips), pick(2) ? "tcp" : "udp", ports[port], PICK(targets));
	if (port == 0 && pick(2))
		text_add(text, ",'target_ports':'22'");
	if (port == 1 && pick(2))
		text_add(text, ",'target_ports':'130-133'");
	if (pick(2))
		text_format(text, ",'allowed_cidr':'%s'", PICK(cidrs));
	text_add(text, "}");
}

static void random_route(struct text *text, unsigned int n)
{
	static const char *const destinations[] = { "172.16.0.0/12",   "172.16.0.0/16",
						    "172.16.5.0/24",   "172.16.5.9/32",
						    "192.168.10.0/24", "0.0.0.0/0",
						    "203.0.113.0/24",  "fd00::/64" };
	static const char *const hops[] = { "10.0.0.9",     "10.1.0.1",     "203.0.113.3",
					    "10.0.0.8",     "203.0.113.77", "192.168.10.5",
					    "198.51.100.7", "192.168.29.9" };
	const char *destination = PICK(destinations);
	const char *hop = strchr(destination, ':') ? "fd01::1" : PICK(hops);

	if (pick(4) == 0)
		text_format(text, "{'uuid':'r%u','destination':'%s','type':'blackhole'", n,
			    destination);
	else
		text_format(text,
			    "{'uuid':'r%u','destination':'%s','type':'static','next_hop':'%s'", n,
			    destination, hop);
	text_format(text, ",'priority':%u}", 1 + pick(3));
}

static void random_rule(struct text *text, unsigned int n)
{
	static const char *const interfaces[] = { "if-pub", "if-web", "if-b", "if-c" };
	static const char *const actions[] = { "accept", "drop", "reject" };
	static const char *const states[] = { "", ",'states':['new']", ",'states':['established']",
					      ",'states':['new','invalid','related']" };
	static const char *const protocols[] = {
		"'all'",
		"'icmp'",
		"'tcp'",
		"'tcp','destination_ports':['22','80-90']",
		"'udp','source_ports':['53']",
		"'udp','source_ports':['1-9'],'destination_ports':['7']"
	};
	static const char *const addresses[] = { "", ",'source':'10.0.0.0/8'",
						 ",'destination':'192.168.10.5'",
						 ",'source':'fd00::/64'" };

	text_format(text,
		    "{'uuid':'w%u','interface':'%s','direction':'%s','priority':%u,"
		    "'action':'%s','protocol':%s%s%s}",
		    n, PICK(interfaces), pick(2) ? "in" : "out", 1 + pick(5), PICK(actions),
		    PICK(protocols), PICK(addresses), PICK(states));
}

static void random_dhcp(struct text *text, unsigned int n)
{
	static const char *const networks[] = { "l3-web", "l3-app", "l3-db", "none" };

	text_format(text, "{'uuid':'d%u','network':'%s','hosts':[]}", n, PICK(networks));
}

static void random_balancer(struct text *text, unsigned int n)
{
	text_format(text,
		    "{'uuid':'l%u','vip':'%s','listeners':[{'uuid':'ls%u','port':%u,"
		    "'target_port':80,'members':[{'uuid':'m','address':'192.168.10.5'}]}]}",
		    n, PICK(vips), n, 24 + pick(9));
}

static void random_tunnel(struct text *text, unsigned int n)
{
	static const char *const local[] = { "'192.168.10.0/24'", "'192.168.11.0/24'",
					     "'192.168.10.0/24','192.168.11.0/25'",
					     "'192.168.10.0/23','192.168.10.9/24'" };
	static const char *const remote[] = { "'172.20.0.0/16'", "'172.20.3.0/24','172.20.3.1/24'",
					      "'172.20.3.7/32','172.21.0.0/16'", "'172.16.0.0/12'",
					      "'172.20.0.1/16','172.20.9.0/24'" };
	static const char *const peers[] = { "10.9.9.9", "203.0.113.9", "198.51.100.99" };

	text_format(text,
		    "{'uuid':'t%u','vip':'%s','remote_address':'%s','auth':{'psk':'k'},"
		    "'local_cidrs':[%s],'remote_cidrs':[%s]}",
		    n, PICK(vips), PICK(peers), PICK(local), PICK(remote));
}

static const struct {
	const char *section;
	char letter;
	unsigned int n;
	void (*random)(struct text *text, unsigned int n);
} kinds[] = {
	{ SECTION_VIPS, 'v', 6, random_vip },
	{ SECTION_EIPS, 'e', 6, random_eip },
	{ SECTION_PORT_FORWARDS, 'f', 5, random_forward },
	{ SECTION_ROUTES, 'r', 8, random_route },
	{ SECTION_FIREWALL, 'w', 6, random_rule },
	{ SECTION_DHCP, 'd', 3, random_dhcp },
	{ SECTION_LOAD_BALANCERS, 'l', 2, random_balancer },
	{ SECTION_IPSEC, 't', 5, random_tunnel },
};

static json_t *random_upsert(void)
{
	json_t *upsert = json_object();
	unsigned int objects = pick(3);

	for (unsigned int i = 0; i <= objects; i++) {
		unsigned int kind = pick(ARRAY_SIZE(kinds));
		AUTO(text_clear) struct text text = TEXT_NONE;
		json_t *list = json_object_get(upsert, kinds[kind].section);

		if (list)
			continue;
		list = json_array();
		kinds[kind].random(&text, pick(kinds[kind].n));
		json_array_append_new(list, bench_json(text_view(&text)));
		json_object_set_new(upsert, kinds[kind].section, list);
	}
	return upsert;
}

static json_t *random_remove(const struct document *document, json_t *upsert)
{
	json_t *remove = json_object();

	for (unsigned int i = 0; i < pick(3); i++) {
		unsigned int kind = pick(ARRAY_SIZE(kinds));
		char uuid[16];

		snprintf(uuid, sizeof(uuid), "%c%u", kinds[kind].letter, pick(kinds[kind].n));
		if (!document_find(document, kinds[kind].section, uuid) ||
		    json_object_get(upsert, kinds[kind].section))
			continue;
		json_object_set_new(remove, kinds[kind].section, json_pack("[s]", uuid));
	}
	return remove;
}

struct snapshot {
	struct item_set items;
	struct notes notes;
};

static void snapshot_clear(struct snapshot *snapshot)
{
	item_set_clear(&snapshot->items);
	notes_clear(&snapshot->notes);
}

static void check_rule(const struct item *item)
{
	AUTO(err_clear) struct err err = ERR_NONE;

	if (item_is(item, "nft.rule") && nft_rule_check("inet", item_value(item), &err) < 0)
		fail_msg("%s: %s", item_value(item), err_text(&err));
}

/* What a listener has carried is its own, all else is the object's. */
static bool is_of_listener(const struct item *item)
{
	return strncmp(item_key(item), "ip weft listener_", 17) == 0;
}

/* Compiles object by object; each item is of one object alone. */
static void join_objects(const struct document *document, const struct facts *facts,
			 struct snapshot *joined)
{
	const struct section_type *section = router_document.sections;
	const struct object *object;

	for (; section->name; section++)
		section_for_each (document, section->name, object) {
			struct item_set own = ITEM_SET_NONE;
			struct item *item, *after;

			router_compile_object(document, facts, object, &own, &joined->notes);
			item_set_for_each (&own, item, after) {
				if (!is_of_listener(item))
					assert_string_equal(item_owner(item), object->uuid);
				check_rule(item);
				if (item_set_find(&joined->items, item_kind(item), item_key(item)))
					fail_msg("%s says %s \"%s\" too", object->uuid,
						 item_kind(item), item_key(item));
				item_set_add(&joined->items, item_set_take(&own, item));
			}
			item_set_clear(&own);
		}
}

static void take_snapshot(const struct document *document, const struct facts *facts,
			  struct snapshot *whole)
{
	AUTO(snapshot_clear) struct snapshot joined = { ITEM_SET_NONE, NOTES_NONE };
	struct item *item, *after;

	router_compile(document, facts, &whole->items, &whole->notes);
	join_objects(document, facts, &joined);
	assert_int_equal(item_set_count(&whole->items), item_set_count(&joined.items));
	item_set_for_each (&whole->items, item, after) {
		const struct item *same =
			item_set_find(&joined.items, item_kind(item), item_key(item));

		assert_non_null(same);
		assert_string_equal(item_value(item), item_value(same));
	}
}

struct names {
	const struct document *document;
	char *uuids[200];
	size_t n;
};

static bool is_named(const struct names *names, const char *uuid)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->uuids[i], uuid) == 0)
			return true;
	return false;
}

static void name_one(void *data, struct object *object)
{
	struct names *names = data;

	if (is_named(names, object->uuid))
		return;
	assert_true(names->n < ARRAY_SIZE(names->uuids));
	names->uuids[names->n++] = mem_text(object->uuid);
}

static void once(void *data, struct object *object)
{
	struct names *names = data;

	if (is_named(names, object->uuid))
		fail_msg("%s is named twice", object->uuid);
	name_one(data, object);
}

static void names_clear(struct names *names)
{
	while (names->n > 0)
		free(names->uuids[--names->n]);
}

static void name_affected(void *data, struct object *object)
{
	struct names *names = data;
	AUTO(names_clear) struct names of_this = { 0 };

	router_affected(names->document, object, once, &of_this);
	assert_true(is_named(&of_this, object->uuid));
	router_affected(names->document, object, name_one, names);
}

/* Items in 'some' whose owner is not named are in 'other' as well. */
static void check_kept(const struct snapshot *some, const struct snapshot *other,
		       const struct names *names)
{
	struct item *item, *after;

	item_set_for_each (&some->items, item, after) {
		const struct item *same =
			item_set_find(&other->items, item_kind(item), item_key(item));

		if (is_named(names, item_owner(item)) || is_of_listener(item))
			continue;
		if (!same || strcmp(item_value(item), item_value(same)) != 0 ||
		    strcmp(item_owner(item), item_owner(same)) != 0)
			fail_msg("%s of %s, which is not named, changed: %s \"%s\"",
				 item_kind(item), item_owner(item), item_key(item),
				 item_value(item));
	}
}

static void check_notes(const struct document *document, const struct snapshot *before,
			const struct snapshot *after, const struct names *names)
{
	const struct section_type *section = router_document.sections;
	const struct object *object;

	for (; section->name; section++)
		section_for_each (document, section->name, object) {
			const struct note *was = notes_find(&before->notes, object->uuid);
			const struct note *is = notes_find(&after->notes, object->uuid);

			if (is_named(names, object->uuid) || (!was && !is))
				continue;
			if (!was || !is)
				fail_msg("note of %s, which is not named, changed", object->uuid);
			assert_string_equal(was->reason, is->reason);
		}
}

static bool walk_one(struct document *document, const struct facts *facts)
{
	AUTO(snapshot_clear) struct snapshot before = { ITEM_SET_NONE, NOTES_NONE };
	AUTO(snapshot_clear) struct snapshot after = { ITEM_SET_NONE, NOTES_NONE };
	AUTO(names_clear) struct names names = { .document = document };
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	json_t *upsert = random_upsert(), *remove = random_remove(document, upsert);
	bool done;

	take_snapshot(document, facts, &before);
	document_patch_names(document, upsert, remove, name_affected, &names);
	done = document_patch(document, upsert, remove, &delta, &err) == 0;
	json_decref(upsert);
	json_decref(remove);
	if (!done)
		return false;
	for (size_t i = 0; i < delta.n; i++)
		if (delta.steps[i].is)
			name_affected(&names, delta.steps[i].is);
	take_snapshot(document, facts, &after);
	check_kept(&before, &after, &names);
	check_kept(&after, &before, &names);
	check_notes(document, &before, &after, &names);
	document_keep(&delta);
	return true;
}

#define PUBLIC_C                                                                      \
	",{'uuid':'if-c','mac':'fa:00:00:00:00:06','role':'public','network':'l3-c'," \
	"'addresses':['198.51.100.2/24']},{'uuid':'if-db','mac':'fa:00:00:00:00:07'," \
	"'role':'private','network':'l3-db','addresses':['192.168.12.1/24'],'name':'db'}"

static void walk(const char *interfaces, int nics)
{
	AUTO(bench_document_free)
	struct document *document = bench_document_of("", interfaces, "");
	AUTO(facts_clear) struct facts facts = FACTS_NONE;
	unsigned int done = 0;

	bench_facts(&facts, nics);
	for (seed = 1; done < STEPS / 4; seed++)
		done += walk_one(document, &facts);
}

static void one_public_interface(void **state)
{
	(void)state;
	walk(BENCH_INTERFACES BENCH_PUBLIC_B PUBLIC_C, 4);
}

static void several_public_interfaces(void **state)
{
	(void)state;
	walk(BENCH_INTERFACES BENCH_PUBLIC_B PUBLIC_C, 7);
	walk(BENCH_INTERFACES BENCH_PUBLIC_B PUBLIC_C, 6);
}

static void a_missing_private_interface(void **state)
{
	(void)state;
	walk(BENCH_INTERFACES BENCH_PUBLIC_B PUBLIC_C, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_public_interface),
		cmocka_unit_test(several_public_interfaces),
		cmocka_unit_test(a_missing_private_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
