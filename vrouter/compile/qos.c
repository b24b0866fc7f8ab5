/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qos.c - limits of VIPs: a class of traffic control for each rule and direction.
 *
 * Away from guests, packets wait at the public link, when they bear the VIP as source. Towards
 * guests, they are led through an ifb link as soon as they are in, while the VIP is still their
 * destination; what has no limit does not go there. nftables finds a packet's class in maps: a port
 * first, then the VIP. A port that has a rule is that rule's, also where it has no limit. */
#include "vrouter/document/qos.h"

#include "lib/compile/shape.h"
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

#define ROOT         SHAPE_ROOT
#define KBIT_IN_MBIT 1000

#define PORT_TYPE "ipv4_addr . inet_proto . inet_service"
#define PORT_UP   "concat( ip saddr . meta l4proto . th sport )"
#define PORT_DOWN "concat( ip daddr . meta l4proto . th dport )"

static bool can(const struct compiler *compiler, bool down)
{
	return facts_supports(compiler->facts, "htb", NULL) &&
	       (!down || facts_supports(compiler->facts, "ifb", NULL));
}

/* By its link's index: a name made of the link's might be too long. */
static char *ifb_name(const struct facts_link *link)
{
	return mem_format("qos%d", link->index);
}

static void say_up(const struct compiler *compiler, const char *owner)
{
	say_set(compiler, owner, "map ipv4_addr : classid", "qos_up");
	say_set(compiler, owner, "map " PORT_TYPE " : classid", "qos_up_port");
	say_chain(compiler, owner, "filter postrouting 200 accept", CHAIN_QOS);
	say_rule(compiler, owner, CHAIN_QOS, QOS_UP_PORT,
		 "meta priority set " PORT_UP " map @qos_up_port accept");
	say_rule(compiler, owner, CHAIN_QOS, QOS_UP, "meta priority set ip saddr map @qos_up");
}

static void say_down(const struct compiler *compiler, const char *owner)
{
	say(compiler, owner, "nft.table", "", TABLE_QOS);
	say_set(compiler, owner, "set " PORT_TYPE, "qos_free");
	say_set(compiler, owner, "map ipv4_addr : classid", "qos_down");
	say_set(compiler, owner, "map " PORT_TYPE " : classid", "qos_down_port");
}

/* Until the ifb is there, nothing is led to it: its index is a fact that comes with it. */
static void say_ingress(const struct compiler *compiler, const char *owner,
			const struct facts_link *link, const char *ifb)
{
	AUTO(free_ptr) char *hook = mem_format("filter ingress 0 accept %s", link->name);
	const struct facts_link *to = facts_link_by_name(compiler->facts, ifb);

	say_chain(compiler, owner, hook, "%s", ifb);
	if (!to)
		return;
	say_rule(compiler, owner, ifb, QOS_FREE, PORT_DOWN " @qos_free accept");
	say_rule(compiler, owner, ifb, QOS_DOWN_PORT,
		 "meta priority set " PORT_DOWN " map @qos_down_port fwd to %d", to->index);
	say_rule(compiler, owner, ifb, QOS_DOWN,
		 "meta priority set ip daddr map @qos_down fwd to %d", to->index);
}

static void say_public(const struct compiler *compiler, const struct compiler *ingress,
		       const char *owner, const struct facts_link *link, struct qos_use use)
{
	AUTO(free_ptr) char *ifb = ifb_name(link);

	if (use.up)
		say_shape_root(compiler, owner, link->name, 0);
	if (!use.down)
		return;
	say(compiler, owner, "link", "ifb", "%s", ifb);
	say(compiler, owner, "link.up", "up", "%s", ifb);
	say_shape_root(compiler, owner, ifb, 0);
	say_ingress(ingress, owner, link, ifb);
}

void compile_qos(const struct compiler *compiler, const char *owner)
{
	struct compiler ingress = *compiler;
	struct qos_use any = { 0 };
	const struct object *object;
	struct place place;

	ingress.table = TABLE_QOS;
	section_for_each (compiler->document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;
		struct qos_use use = vip_qos_use(compiler->document, interface->network);

		use.up = use.up && can(compiler, false);
		use.down = use.down && can(compiler, true);
		if (interface->role != ROLE_PUBLIC ||
		    interface_place(compiler->facts, interface, &place, NULL) < 0)
			continue;
		say_public(compiler, &ingress, owner, place.link, use);
		any.up |= use.up;
		any.down |= use.down;
	}
	if (any.up)
		say_up(compiler, owner);
	if (any.down)
		say_down(&ingress, owner);
}

static void say_class(const struct compiler *compiler, const struct vip *vip, const char *link,
		      uint16_t minor, uint64_t mbps)
{
	say_shape_class(compiler, vip->object.uuid, link, minor, mbps * KBIT_IN_MBIT);
}

/* A port is meant of both protocols that have ports. */
static void say_port(const struct compiler *compiler, const struct vip *vip, const char *set,
		     const char *data, uint16_t port)
{
	static const char *const protocols[] = { "tcp", "udp" };

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		say_element(compiler, vip->object.uuid, set, data, "%s . %s . %u",
			    ip_text(&vip->address).s, protocols[i], port);
}

static void say_rule_up(const struct compiler *compiler, const struct vip *vip,
			const struct vip_qos *rule, const struct facts_link *link)
{
	uint16_t minor = vip_qos_minor(compiler->document, vip, rule);
	AUTO(free_ptr) char *class = mem_format(ROOT "%x", minor);

	if (rule->up_mbps)
		say_class(compiler, vip, link->name, minor, (uint64_t)rule->up_mbps);
	/* A packet that says the root itself is in no class. */
	if (rule->port.first)
		say_port(compiler, vip, "qos_up_port", rule->up_mbps ? class : ROOT "0",
			 rule->port.first);
	else if (rule->up_mbps)
		say_element(compiler, vip->object.uuid, "qos_up", class, "%s",
			    ip_text(&vip->address).s);
}

static void say_rule_down(const struct compiler *ingress, const struct vip *vip,
			  const struct vip_qos *rule, const char *ifb)
{
	uint16_t minor = vip_qos_minor(ingress->document, vip, rule);
	AUTO(free_ptr) char *class = mem_format(ROOT "%x", minor);

	if (rule->down_mbps)
		say_class(ingress, vip, ifb, minor, (uint64_t)rule->down_mbps);
	if (rule->port.first)
		say_port(ingress, vip, rule->down_mbps ? "qos_down_port" : "qos_free",
			 rule->down_mbps ? class : "", rule->port.first);
	else if (rule->down_mbps)
		say_element(ingress, vip->object.uuid, "qos_down", class, "%s",
			    ip_text(&vip->address).s);
}

void compile_vip_qos(const struct compiler *compiler, const struct vip *vip,
		     const struct place *place)
{
	AUTO(free_ptr) char *ifb = ifb_name(place->link);
	const struct vip_qos *rules = vip->qos.items;
	struct compiler ingress = *compiler;
	struct qos_use use = { 0 };

	ingress.table = TABLE_QOS;
	for (size_t i = 0; i < vip->qos.n; i++) {
		use.up |= rules[i].up_mbps > 0;
		use.down |= rules[i].down_mbps > 0;
	}
	if (!vip->qos.n)
		return;
	if (!can(compiler, use.down)) { /* The address serves, its limits do not hold. */
		notes_say(compiler->notes, vip->object.uuid, NOTE_NOT_SUPPORTED, "vip_qos");
		return;
	}
	for (size_t i = 0; i < vip->qos.n; i++) {
		if (use.up)
			say_rule_up(compiler, vip, &rules[i], place->link);
		if (use.down)
			say_rule_down(&ingress, vip, &rules[i], ifb);
	}
}
