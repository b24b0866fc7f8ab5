/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leg.c - the way out of a bridge that does not lead over the wire.
 *
 * A veth's outer end is a port of the bridge as a guest's is, so that what guards guests sees all
 * that comes and goes. Its inner end has no address: whatever comes in there is answered, rewritten
 * and led on by a chain of its own, or ends. The machine's own stack, routes and firewall have no
 * part in it, and two networks may have the same addresses. */
#include <stdio.h>
#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"
#include "lib/base/text.h"

/* Whom a leg asks for its network's guests as: nobody may have this one (RFC 3927 section 2.1), and
 * whatever gateway they know is left as it is. */
#define ASKS_AS "169.254.0.1"

struct compiler leg_compiler(const struct compiler *compiler)
{
	struct compiler legs = *compiler;

	legs.table = TABLE_LEGS;
	return legs;
}

static bool has_user(const struct object *object, const char *section)
{
	for (size_t i = 0; i < document_user_count(object); i++)
		if (strcmp(document_user(object, i)->section->name, section) == 0)
			return true;
	return false;
}

bool leg_needed(const struct l2_network *l2)
{
	for (size_t i = 0; i < document_user_count(&l2->object); i++) {
		const struct object *user = document_user(&l2->object, i);

		if (has_user(user, SECTION_EIPS) || has_user(user, SECTION_ROUTERS))
			return true;
	}
	return false;
}

/* No other host's: the link that leads outside has none of theirs. */
static struct mac mac_of(const struct l2_network *l2, const struct l2_place *place)
{
	AUTO(free_ptr)
	char *text = mem_format("%s %s", mac_text(&place->device->mac).s, l2->object.uuid);

	return digest_mac(text);
}

bool leg_of(const struct facts *facts, const struct l2_network *l2, const struct l2_place *place,
	    struct leg *leg)
{
	unsigned long long digest = link_digest(l2->object.uuid) & 0xffffffffff;
	const struct facts_link *inner, *outer, *bridge;

	*leg = (struct leg){ 0 };
	snprintf(leg->outer, IFNAMSIZ, LINK_OUTER_LEG "%010llx", digest);
	snprintf(leg->inner, IFNAMSIZ, LINK_INNER_LEG "%010llx", digest);
	inner = facts_link_by_name(facts, leg->inner);
	outer = facts_link_by_name(facts, leg->outer);
	bridge = facts_link_by_name(facts, place->bridge);
	if (inner && outer && outer->ours) {
		leg->index = inner->index;
		leg->mac = inner->mac;
		leg->plugged = bridge && outer->master == bridge->index;
	}
	if (place->device)
		leg->mac = mac_of(l2, place);
	return *place->bridge && (leg->index || place->device);
}

static void say_links(const struct compiler *compiler, const char *owner,
		      const struct l2_place *place, const struct leg *leg)
{
	AUTO(free_ptr) char *pair = mem_format("veth %s", leg->inner);

	say(compiler, owner, "link", pair, "%s", leg->outer);
	say(compiler, owner, "link.mac", mac_text(&leg->mac).s, "%s", leg->inner);
	if (place->closed)
		say_element(compiler, owner, "closed", "", "%s", leg->outer);
	if (!leg->index)
		return;
	if (facts_supports(compiler->facts, "ipv6", NULL)) {
		say_sysctl(compiler, owner, "1", "net/ipv6/conf/%s/disable_ipv6", leg->outer);
		say_sysctl(compiler, owner, "1", "net/ipv6/conf/%s/disable_ipv6", leg->inner);
	}
	say_mtu(compiler, owner, leg->outer, place->mtu);
	say_mtu(compiler, owner, leg->inner, place->mtu);
	say(compiler, owner, "link.raised", "up", "%s", leg->inner);
	say(compiler, owner, "link.raised", "up", "%s", leg->outer);
	say(compiler, owner, "plug", place->bridge, "%s", leg->outer);
	if (leg->plugged)
		say(compiler, owner, "fdb", "", "%s %s", leg->outer, mac_text(&leg->mac).s);
}

/* The IPv4 subnets of the network, as a list of a rule's; empty if there are none. */
static void list_subnets(const struct l2_network *l2, struct text *list)
{
	for (size_t i = 0; i < document_user_count(&l2->object); i++) {
		const struct object *user = document_user(&l2->object, i);
		const struct l3_network *l3 = (const void *)user;

		if (strcmp(user->section->name, SECTION_L3_NETWORKS) == 0 &&
		    l3->cidr.ip.family == 4)
			text_format(list, "%s%s", list->length ? "," : "",
				    network_text(&l3->cidr).s);
	}
}

/* Back into the bridge. Who is on the link itself is not remembered as one that came by an elastic
 * IP: guests reach each other directly. */
static void say_back(const struct compiler *legs, const struct l2_network *l2,
		     const struct leg *leg)
{
	AUTO(text_clear) struct text near = TEXT_NONE;
	const char *owner = l2->object.uuid;

	AUTO(free_ptr) char *chain = mem_format("to-%s", leg->inner);
	AUTO(free_ptr) char *back = mem_format("goto %s", chain);

	list_subnets(l2, &near);
	say_chain(legs, owner, "", "%s", chain);
	if (near.length)
		say_rule(legs, owner, chain, LEG_TO_NEAR, "ip saddr %s ether saddr set %s",
			 text_view(&near), mac_text(&leg->mac).s);
	say_rule(legs, owner, chain, LEG_TO, "meta mark set 0x0 fwd to %d", leg->index);
	say_element(legs, owner, "leg_back", back, "%s", leg->inner);
}

/* What comes in by the leg; its mark says which it is, whatever is made of the packet. */
static void say_begin(const struct compiler *legs, const char *owner, const struct leg *leg)
{
	AUTO(free_ptr) char *hook = mem_format("filter ingress 0 drop %s", leg->inner);

	say_chain(legs, owner, hook, "%s", leg->inner);
	say_rule(legs, owner, leg->inner, LEG_BEGIN,
		 "meta mark set 0x%x meta priority set 0:0 jump " CHAIN_LEG,
		 (unsigned int)leg->index);
	say_element(legs, owner, "leg_macs", mac_text(&leg->mac).s, "%s", leg->inner);
}

/* A public network: where its elastic IPs' answers go. */
static void say_out(const struct compiler *legs, const char *owner, const struct l3_network *l3,
		    const struct leg *leg)
{
	AUTO(free_ptr) char *chain = mem_format("out-%s", l3->object.uuid);

	say_chain(legs, owner, "", "%s", chain);
	say_rule(legs, owner, chain, OUT_NEAR,
		 "meta mark set 0x%x concat( meta mark . ip daddr ) vmap @eip_down",
		 (unsigned int)leg->index);
	say_rule(legs, owner, chain, OUT_LINK,
		 "meta mark set 0x0 ip daddr %s fwd ip to ip daddr device %d",
		 network_text(&l3->cidr).s, leg->index);
	if (l3->gateway.family == 4)
		say_rule(legs, owner, chain, OUT_GATEWAY,
			 "meta mark set 0x0 fwd ip to %s device %d", ip_text(&l3->gateway).s,
			 leg->index);
}

/* The first of the elastic IPs there, as which the leg may ask on a public network; or NULL. */
static const struct host_eip *first_eip(const struct object *l3)
{
	for (size_t i = 0; i < document_user_count(l3); i++) {
		const struct object *user = document_user(l3, i);
		const struct host_eip *eip = (const void *)user;

		if (strcmp(user->section->name, SECTION_EIPS) == 0 && eip->address.family == 4)
			return eip;
	}
	return NULL;
}

static void say_networks(const struct compiler *compiler, const struct compiler *legs,
			 const struct l2_network *l2, const struct leg *leg)
{
	const struct host_eip *asks_as = NULL;
	const char *owner = l2->object.uuid;

	for (size_t i = 0; i < document_user_count(&l2->object); i++) {
		const struct object *user = document_user(&l2->object, i);
		const struct l3_network *l3 = (const void *)user;
		const struct host_eip *eip;

		if (strcmp(user->section->name, SECTION_L3_NETWORKS) != 0 ||
		    l3->cidr.ip.family != 4)
			continue;
		/* In the place of a gateway that is not there, see eip.c. */
		if (l3->gateway.family == 4 && !has_user(user, SECTION_ROUTERS))
			say_element(legs, owner, "leg_arp", mac_text(&leg->mac).s, "%s . %s",
				    leg->inner, ip_text(&l3->gateway).s);
		eip = first_eip(user);
		if (eip)
			say_out(legs, owner, l3, leg);
		asks_as = asks_as ? asks_as : eip;
	}
	say_element(compiler, owner, "leg_asks", asks_as ? ip_text(&asks_as->address).s : ASKS_AS,
		    "%s", leg->outer);
}

/* Whether the document has what networks need legs for. */
static bool can_have_legs(const struct document *document)
{
	return document_first(document, SECTION_EIPS) || document_first(document, SECTION_ROUTERS);
}

/* What bridges do with frames of legs and to them, whatever these are for. */
static void say_bridge_rules(const struct compiler *compiler, const char *owner)
{
	say_chain(compiler, owner, "filter prerouting -290 accept", CHAIN_WAYS);
	say_rule(compiler, owner, CHAIN_WAYS, WAYS_ASK,
		 "arp operation request meta iifname @legs "
		 "concat( meta iifname . arp saddr ip ) != @leg_own "
		 "arp saddr ip set meta iifname map @leg_asks");
	say_rule(compiler, owner, CHAIN_ARP, ARP_LEG_OWN,
		 "meta oifname @legs arp operation request "
		 "concat( meta oifname . arp daddr ip ) @leg_own accept");
	say_rule(compiler, owner, CHAIN_ARP, ARP_LEG_OTHER,
		 "meta oifname @legs arp operation request drop");
}

void compile_leg_chains(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		{ CHAIN_LEG, LEG_TAGGED, "ether type vlan,0x88a8 drop" },
		{ CHAIN_LEG, LEG_ASKED,
		  "arp operation request arp daddr ether set "
		  "concat( meta iifname . arp daddr ip ) map @leg_arp goto " CHAIN_ANSWER },
		{ CHAIN_LEG, LEG_TOLD, "meta pkttype host arp operation reply accept" },
		/* The asked for one's MAC stands where the asker's belongs, and the mark holds an
		 * address on its way from one field to another. */
		{ CHAIN_ANSWER, "0100",
		  "ether daddr set arp saddr ether arp saddr ether set arp daddr ether "
		  "arp daddr ether set ether daddr" },
		{ CHAIN_ANSWER, "0200",
		  "meta mark set arp daddr ip arp daddr ip set arp saddr ip "
		  "arp saddr ip set meta mark arp operation set reply" },
		{ CHAIN_ANSWER, "0300", "ether saddr set meta iifname map @leg_macs" },
		{ CHAIN_ANSWER, "0400", "meta iifname vmap @leg_back" },
	};
	struct compiler legs = leg_compiler(compiler);

	say_set(compiler, owner, "set ifname", "legs");
	say_set(compiler, owner, "map ifname : ipv4_addr", "leg_asks");
	say_set(compiler, owner, "set ifname . ipv4_addr", "leg_own");
	if (can_have_legs(compiler->document))
		say_bridge_rules(compiler, owner);
	say(&legs, owner, "nft.table", "", TABLE_LEGS);
	say_set(&legs, owner, "map ifname . ipv4_addr : ether_addr", "leg_arp");
	say_set(&legs, owner, "map ifname : ether_addr", "leg_macs");
	say_set(&legs, owner, "map ifname : verdict", "leg_back");
	say_chain(&legs, owner, "", CHAIN_LEG);
	say_chain(&legs, owner, "", CHAIN_ANSWER);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(&legs, owner, rules[i].chain, rules[i].order, "%s", rules[i].rule);
}

void compile_leg(const struct compiler *compiler, const struct l2_network *l2,
		 const struct l2_place *place)
{
	struct compiler legs = leg_compiler(compiler);
	const char *owner = l2->object.uuid;
	struct leg leg;

	if (!leg_of(compiler->facts, l2, place, &leg))
		return;
	say_links(compiler, owner, place, &leg);
	if (!leg.index)
		return; /* All below is of the link that is there. */
	say_element(compiler, owner, "legs", "", "%s", leg.outer);
	say_begin(&legs, owner, &leg);
	say_back(&legs, l2, &leg);
	say_networks(compiler, &legs, l2, &leg);
	compile_leg_limits(compiler, l2, &leg);
}
