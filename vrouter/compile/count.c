/* SPDX-License-Identifier: GPL-2.0-or-later */
/* count.c - what each object has carried: a packet is looked up once, and its VIP counts it.
 *
 * Up is what leaves with the VIP as its source, down what came to it, both behind the filter: what
 * that drops was not carried. A VIP's verdict says whether its ports are asked for as well. One
 * that serves an elastic IP serves nothing else: what that has carried is what its VIP has since it
 * came, and its own elements only hold how much it was then. */
#include "vrouter/compile/compile.h"

#include <string.h>

#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"
#include "vrouter/document/ipsec_place.h"

#define PORT_TYPE "set ipv4_addr . inet_proto . inet_service"

static void say_count_sets(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *name, *type;
	} sets[] = {
		{ "vip_up", "map ipv4_addr : verdict counter" },
		{ "vip_down", "map ipv4_addr : verdict counter" },
		{ "pf_up", PORT_TYPE " counter" },
		{ "pf_down", PORT_TYPE " counter" },
		{ "pf_range_up", PORT_TYPE " interval counter" },
		{ "pf_range_down", PORT_TYPE " interval counter" },
		{ "listener_up", PORT_TYPE " counter" },
		{ "listener_down", PORT_TYPE " counter" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		say(compiler, owner, "nft.set", sets[i].type, TABLE_COUNT " %s", sets[i].name);
}

#define PORT_UP   "concat( ip saddr . meta l4proto . th sport )"
#define PORT_DOWN "concat( ct original ip daddr . meta l4proto . ct original proto-dst )"

/* Of a connection through a VIP its original destination is the VIP; of one that a guest began, and
 * that left as a VIP, the reply's. One that is both (from inside, through a VIP) is the first.
 *
 * What is translated is asked for first: it pays most already. */
static void say_count_rules(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		{ CHAIN_COUNT, COUNT_FORWARDED, "ct status dnat goto " CHAIN_COUNT_FORWARDED },
		{ CHAIN_COUNT, COUNT_UNTRANSLATED, "ct status != snat goto " CHAIN_COUNT_OWN },
		{ CHAIN_COUNT, COUNT_DIRECTION, "ct direction reply goto " CHAIN_COUNT_REPLY },
		{ CHAIN_COUNT, COUNT_BEGUN, "ip saddr vmap @vip_up" },
		{ CHAIN_COUNT, COUNT_UNTRACKED, "meta iif none " PORT_UP " @listener_up" },
		{ CHAIN_COUNT_FORWARDED, COUNT_DOWN,
		  "ct direction original ct original ip daddr vmap @vip_down "
		  "goto " CHAIN_COUNT_DOWN },
		{ CHAIN_COUNT_FORWARDED, COUNT_UP, "ip saddr vmap @vip_up goto " CHAIN_COUNT_UP },
		{ CHAIN_COUNT_REPLY, COUNT_BEGUN, "ct reply ip daddr vmap @vip_down" },
		{ CHAIN_COUNT_DOWN, COUNT_PORT, PORT_DOWN " @pf_down return" },
		{ CHAIN_COUNT_DOWN, COUNT_RANGE, PORT_DOWN " @pf_range_down" },
		{ CHAIN_COUNT_UP, COUNT_PORT, PORT_UP " @pf_up return" },
		{ CHAIN_COUNT_UP, COUNT_RANGE, PORT_UP " @pf_range_up" },
		{ CHAIN_COUNT_INPUT, COUNT_LOCAL,
		  "ip daddr vmap @vip_down concat( ip daddr . meta l4proto . th dport )"
		  " @listener_down" },
	};
	/* What a tunnel seals comes from the link of the packet in it. */
	bool any_link = document_first(compiler->document, SECTION_IPSEC);
	AUTO(free_ptr)
	char *own = mem_format("%sip saddr vmap @vip_up " PORT_UP " @listener_up",
			       any_link ? "" : "meta iif none ");

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say(compiler, owner, "nft.rule", rules[i].rule, TABLE_COUNT " %s %s",
		    rules[i].chain, rules[i].order);
	say(compiler, owner, "nft.rule", own, TABLE_COUNT " %s %s", CHAIN_COUNT_OWN, COUNT_LOCAL);
}

/* What a tunnel joins, before it is sealed and after it was opened: new keys are all the same. */
static void say_tunnels(const struct compiler *compiler, const char *owner)
{
	static const char type[] = "set ipv4_addr . ipv4_addr interval counter"; /* here, there */
	static const char down[] = "meta secpath exists concat( ip daddr . ip saddr ) @ipsec_down";

	say(compiler, owner, "nft.set", type, TABLE_COUNT " ipsec_up");
	say(compiler, owner, "nft.set", type, TABLE_COUNT " ipsec_down");
	say(compiler, owner, "nft.rule", "rt ipsec exists concat( ip saddr . ip daddr ) @ipsec_up",
	    TABLE_COUNT " " CHAIN_COUNT " " COUNT_TUNNEL_UP);
	say(compiler, owner, "nft.chain", "filter forward 10 accept",
	    TABLE_COUNT " " CHAIN_COUNT_TUNNEL);
	say(compiler, owner, "nft.rule", down,
	    TABLE_COUNT " " CHAIN_COUNT_TUNNEL " " COUNT_TUNNEL_DOWN);
	say(compiler, owner, "nft.rule", down,
	    TABLE_COUNT " " CHAIN_COUNT_INPUT " " COUNT_TUNNEL_DOWN);
}

void compile_count(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *chain, *hook;
	} chains[] = {
		{ CHAIN_COUNT, "filter postrouting 300 accept" },
		{ CHAIN_COUNT_FORWARDED, "" },
		{ CHAIN_COUNT_OWN, "" },
		{ CHAIN_COUNT_REPLY, "" },
		{ CHAIN_COUNT_INPUT, "filter input 10 accept" },
		{ CHAIN_COUNT_UP, "" },
		{ CHAIN_COUNT_DOWN, "" },
	};

	say(compiler, owner, "nft.table", "", TABLE_COUNT);
	say_count_sets(compiler, owner);
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
		say(compiler, owner, "nft.chain", chains[i].hook, TABLE_COUNT " %s",
		    chains[i].chain);
	say_count_rules(compiler, owner);
	if (document_first(compiler->document, SECTION_IPSEC))
		say_tunnels(compiler, owner);
}

/* An element for each direction. */
static void say_both(struct item_set *items, const char *owner, const char *set, const char *key,
		     const char *data)
{
	AUTO(free_ptr) char *up = mem_format(TABLE_COUNT " %s_up %s", set, key);
	AUTO(free_ptr) char *down = mem_format(TABLE_COUNT " %s_down %s", set, key);

	item_set_say(items, "nft.element", owner, up, data);
	item_set_say(items, "nft.element", owner, down, data);
}

/* Whom it serves alone, if it does. */
static bool serves_eip(const struct object *vip)
{
	return document_user_count(vip) > 0 &&
	       strcmp(document_user(vip, 0)->section->name, SECTION_EIPS) == 0;
}

static void count_vip(const struct object *object, const char *vip, struct item_set *items)
{
	say_both(items, object->uuid, "vip", vip, serves_eip(object) ? "accept" : "continue");
}

static void count_port_forward(const struct object *object, const char *vip, struct item_set *items)
{
	const struct port_forward *forward = (const void *)object;
	const struct port_range *ports = &forward->vip_ports;
	AUTO(free_ptr)
	char *key =
		mem_format("%s . %s . %s", vip, forward->protocol == PROTOCOL_TCP ? "tcp" : "udp",
			   port_range_text(ports).s);

	say_both(items, object->uuid, ports->first == ports->last ? "pf" : "pf_range", key, "");
}

static void count_load_balancer(const struct object *object, const char *vip,
				struct item_set *items)
{
	const struct load_balancer *balancer = (const void *)object;
	const struct listener *listeners = balancer->listeners.items;

	for (size_t i = 0; i < balancer->listeners.n; i++) {
		AUTO(free_ptr)
		char *key = mem_format("%s . tcp . %lld", vip, (long long)listeners[i].port);

		say_both(items, listeners[i].uuid, "listener", key, "");
	}
}

/* Each two networks that it joins. */
static void count_ipsec(const struct object *object, const char *vip, struct item_set *items)
{
	const struct ipsec *ipsec = (const void *)object;
	const struct prefix *local = ipsec->local_cidrs.items;
	const struct prefix *remote = ipsec->remote_cidrs.items;

	(void)vip;
	for (size_t i = 0; i < ipsec->local_cidrs.n; i++)
		for (size_t j = 0; j < ipsec->remote_cidrs.n; j++) {
			AUTO(free_ptr) char *key = NULL;

			if (!prefixes_is_outermost(&ipsec->local_cidrs, i) ||
			    !prefixes_is_outermost(&ipsec->remote_cidrs, j))
				continue;
			key = mem_format("%s . %s", network_text(&local[i]).s,
					 network_text(&remote[j]).s);
			say_both(items, object->uuid, "ipsec", key, "");
		}
}

static const struct vip *vip_of(const struct document *document, const struct object *object)
{
	const char *section = object->section->name;

	if (strcmp(section, SECTION_VIPS) == 0)
		return (const void *)object;
	if (strcmp(section, SECTION_PORT_FORWARDS) == 0)
		return router_vip(document,
				  ((const struct port_forward *)(const void *)object)->vip);
	if (strcmp(section, SECTION_IPSEC) == 0)
		return router_vip(document, ((const struct ipsec *)(const void *)object)->vip);
	return router_vip(document, ((const struct load_balancer *)(const void *)object)->vip);
}

void router_count_object(const struct document *document, const struct object *object,
			 struct item_set *items)
{
	static const struct {
		const char *section;
		void (*count)(const struct object *object, const char *vip, struct item_set *items);
	} counters[] = {
		{ SECTION_VIPS, count_vip },
		{ SECTION_PORT_FORWARDS, count_port_forward },
		{ SECTION_LOAD_BALANCERS, count_load_balancer },
		{ SECTION_IPSEC, count_ipsec },
	};

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		const struct vip *vip;

		if (strcmp(counters[i].section, object->section->name) != 0)
			continue;
		vip = vip_of(document, object);
		if (vip && vip->address.family == 4)
			counters[i].count(object, ip_text(&vip->address).s, items);
	}
}
