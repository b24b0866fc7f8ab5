/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eip.c - an elastic IP of a flat network: a public address that stands for one guest of this host.
 *
 * What comes to the address is rewritten between the legs of the two networks, packet by packet,
 * without a connection to remember: to the guest it comes from a MAC address that is made of the
 * elastic IP's own, and who came by it is remembered with that MAC in the guest's bridge. What the
 * guest sends to him, through whatever gateway, goes to that MAC and so leaves as the same elastic
 * IP. Everything else that the guest sends stays as it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

/* An elastic IP's MAC: these two bytes and its address. It is seen on its guest's host only. */
#define MAC_BEGIN      0x06, 0xe1
#define IS_EIP_MAC     "& ff:ff:00:00:00:00 == 06:e1:00:00:00:00"
#define PEER_SECONDS   "3600"
#define FLOW_SECONDS   "600"
#define ASKED_SECONDS  "5"
#define LIVES_SECONDS  "3600"
#define ICMP_ERRORS    "icmp type destination-unreachable,time-exceeded,parameter-problem"
#define GUEST_AND_PEER "concat( meta iifname . ip saddr . ip daddr )"
#define GUEST_FLOW \
	"concat( meta iifname . ip saddr . ip daddr . meta l4proto . th sport . th dport )"
#define DOWN "concat( meta mark . ip daddr )"
#define UP   "concat( meta mark . ether daddr . ip saddr )"

void compile_eip_chains(const struct compiler *compiler, const char *owner)
{
	static const char *const sets[][2] = {
		{ "eip_ways", "map ifname . ipv4_addr : verdict" },
		{ "eip_guests", "set ifname . ether_addr . ipv4_addr" },
		{ "eip_peers", "map ifname . ipv4_addr . ipv4_addr : ether_addr "
			       "dynamic timeout " PEER_SECONDS },
		{ "eip_several", "set ifname . ether_addr . ipv4_addr" },
		{ "eip_flows", "map ifname . ipv4_addr . ipv4_addr . inet_proto . inet_service . "
			       "inet_service : ether_addr dynamic timeout " FLOW_SECONDS },
		{ "eip_first", "map ifname . ether_addr . ipv4_addr : ether_addr" },
		{ "eip_gateways", "set ifname . ipv4_addr" },
		{ "gateways_asked", "set ifname . ipv4_addr dynamic timeout " ASKED_SECONDS },
		{ "gateways_seen", "set ifname . ipv4_addr dynamic timeout " LIVES_SECONDS },
	};
	static const char *const leg_sets[][2] = {
		{ "eip_down", "map mark . ipv4_addr : verdict counter" },
		{ "eip_macs", "map mark . ipv4_addr : ether_addr" },
		{ "eip_guests", "map mark . ipv4_addr : ether_addr" },
		{ "eip_targets", "map mark . ipv4_addr : ipv4_addr" },
		{ "eip_legs", "map ether_addr : verdict" },
		{ "eip_up", "map ether_addr : verdict counter" },
		{ "eip_sources", "map mark . ether_addr . ipv4_addr : ipv4_addr" },
	};
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		{ CHAIN_WAYS, WAYS_EIP, "concat( meta iifname . ip saddr ) vmap @eip_ways" },
		{ CHAIN_EIP_WAY, EIP_WAY_FLOW,
		  "ether daddr set " GUEST_FLOW " map @eip_flows update @eip_flows { " GUEST_FLOW
		  " : ether daddr } accept" },
		{ CHAIN_EIP_WAY, EIP_WAY_ANSWER,
		  "ether daddr set " GUEST_AND_PEER " map @eip_peers "
		  "update @eip_peers { " GUEST_AND_PEER " : ether daddr } accept" },
		{ CHAIN_EIP_WAY, EIP_WAY_GATEWAY,
		  "ether daddr set concat( meta iifname . ether daddr . ip saddr ) "
		  "map @eip_first accept" },
		{ CHAIN_FORWARD, FORWARD_FROM_LEG, "meta iifname @legs goto " CHAIN_FROM_LEG },
		{ CHAIN_FROM_LEG, FROM_LEG_FLOW,
		  "meta l4proto tcp,udp "
		  "concat( meta oifname . ether saddr . ip daddr ) @eip_several "
		  "update @eip_flows { concat( meta oifname . ip daddr . ip saddr . meta l4proto . "
		  "th dport . th sport ) : ether saddr }" },
		{ CHAIN_FROM_LEG, FROM_LEG_OTHER,
		  "meta l4proto != tcp,udp concat( meta oifname . ether saddr . "
		  "ip daddr ) @eip_several "
		  "delete @eip_peers { concat( meta oifname . ip daddr . ip saddr ) : ether saddr "
		  "}" },
		{ CHAIN_FROM_LEG, FROM_LEG_PEER,
		  "concat( meta oifname . ether saddr . ip daddr ) @eip_guests "
		  "update @eip_peers { concat( meta oifname . ip daddr . ip saddr ) : ether saddr "
		  "}" },
		{ CHAIN_FROM_LEG, FROM_LEG_IN,
		  "ether saddr " IS_EIP_MAC
		  " concat( meta oifname . ether saddr . ip daddr ) != @eip_guests drop" },
		{ CHAIN_ARP, ARP_GATEWAY_LIVES,
		  "meta iifname != @legs arp operation reply "
		  "concat( meta oifname . arp saddr ip ) @eip_gateways "
		  "update @gateways_seen { concat( meta oifname . arp saddr ip ) }" },
		{ CHAIN_ARP, ARP_LEG_LIVES,
		  "meta oifname @legs arp operation request "
		  "concat( meta iifname . arp daddr ip ) @gateways_seen drop" },
		{ CHAIN_ARP, ARP_LEG_AGAIN,
		  "meta oifname @legs arp operation request "
		  "concat( meta iifname . arp daddr ip ) @gateways_asked accept" },
		{ CHAIN_ARP, ARP_LEG_FIRST,
		  "meta oifname @legs arp operation request "
		  "concat( meta iifname . arp daddr ip ) @eip_gateways "
		  "update @gateways_asked { concat( meta iifname . arp daddr ip ) } drop" },
	};
	static const struct {
		const char *chain, *order, *rule;
	} leg_rules[] = {
		{ CHAIN_LEG, LEG_IN, "meta pkttype host " DOWN " vmap @eip_down" },
		{ CHAIN_LEG, LEG_ERROR,
		  ICMP_ERRORS " icmp inner daddr set " UP " map @eip_sources" },
		{ CHAIN_LEG, LEG_OUT,
		  "ip saddr set " UP " map @eip_sources ether daddr vmap @eip_up" },
		{ CHAIN_EIP_IN, EIP_ERROR,
		  ICMP_ERRORS " icmp inner saddr set " DOWN " map @eip_targets" },
		{ CHAIN_EIP_IN, EIP_FROM, "ether saddr set " DOWN " map @eip_macs" },
		{ CHAIN_EIP_IN, EIP_TO, "ether daddr set " DOWN " map @eip_guests" },
		{ CHAIN_EIP_IN, EIP_GUEST,
		  "ip daddr set " DOWN " map @eip_targets ether saddr vmap @eip_legs" },
	};
	struct compiler legs = leg_compiler(compiler);

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		say_set(compiler, owner, sets[i][1], "%s", sets[i][0]);
	for (size_t i = 0; i < ARRAY_SIZE(leg_sets); i++)
		say_set(&legs, owner, leg_sets[i][1], "%s", leg_sets[i][0]);
	say_chain(&legs, owner, "", CHAIN_EIP_IN);
	for (size_t i = 0; i < ARRAY_SIZE(leg_rules); i++)
		say_rule(&legs, owner, leg_rules[i].chain, leg_rules[i].order, "%s",
			 leg_rules[i].rule);
	/* Also where there is none: others' hosts may have those that such a MAC means. */
	say_rule(compiler, owner, CHAIN_FORWARD, FORWARD_EIP_OUT,
		 "ether daddr " IS_EIP_MAC " meta iifname @ports meta oifname != @legs drop");
	if (!document_first(compiler->document, SECTION_EIPS))
		return;
	say_chain(compiler, owner, "", CHAIN_EIP_WAY);
	say_chain(compiler, owner, "", CHAIN_FROM_LEG);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, rules[i].chain, rules[i].order, "%s", rules[i].rule);
}

/* An elastic IP and all that it joins. */
struct joint {
	const struct host_eip *eip;
	const struct port *port;
	const struct l3_network *inside; /* The target's; NULL: of none that is known. */
	struct leg public, private;
	struct mac mac;
	bool several;            /* Its target has others. */
	bool answers, stands_in; /* The first of its target; of its port in 'inside'. */
};

static const struct l3_network *network_of(const struct document *document, const struct port *port,
					   const struct ip *target)
{
	const struct port_address *address;

	for (size_t i = 0; (address = port_address(port, i)); i++)
		if (ip_equal(&address->address, target))
			return host_l3(document, address->l3);
	return NULL;
}

/* What is a guest's once, however many elastic IPs it has, is said of the first one. */
static void find_first(const struct document *document, struct joint *joint)
{
	const struct object *port = &joint->port->object;
	bool is_before = true;

	joint->answers = joint->stands_in = true;
	for (size_t i = 0; i < document_user_count(port); i++) {
		const struct object *user = document_user(port, i);
		const struct host_eip *other = (const void *)user;

		if (strcmp(user->section->name, SECTION_EIPS) != 0 || other->target.family != 4)
			continue;
		if (other == joint->eip) {
			is_before = false;
			continue;
		}
		if (ip_equal(&other->target, &joint->eip->target)) {
			joint->several = true;
			joint->answers &= !is_before;
		}
		if (is_before && network_of(document, joint->port, &other->target) == joint->inside)
			joint->stands_in = false;
	}
}

static int find_leg(const struct compiler *compiler, const char *uuid, struct leg *leg,
		    struct err *why)
{
	const struct l2_network *l2 = host_l2(compiler->document, uuid);
	struct l2_place place;

	if (l2_place(compiler->document, compiler->facts, l2, &place, why) < 0)
		return err_in(why, "l2_network %s", uuid);
	leg_of(compiler->facts, l2, &place, leg);
	return 0;
}

static int find_joint(const struct compiler *compiler, const struct host_eip *eip,
		      struct joint *joint, struct err *why)
{
	const uint8_t *a = eip->address.bytes;
	const struct l3_network *l3 = host_l3(compiler->document, eip->l3);

	*joint = (struct joint){ .eip = eip, .mac = { { MAC_BEGIN, a[0], a[1], a[2], a[3] } } };
	joint->port = host_port(compiler->document, eip->port);
	joint->inside = network_of(compiler->document, joint->port, &eip->target);
	if (eip->address.family != 4)
		return err_set(why, -EOPNOTSUPP, "only IPv4 addresses are translated");
	find_first(compiler->document, joint);
	if (!facts_link_by_name(compiler->facts, joint->port->device))
		return err_set(why, -ENODEV, "port %s: device %s is not there", eip->port,
			       joint->port->device);
	if (find_leg(compiler, l3->l2, &joint->public, why) < 0)
		return why->code;
	return find_leg(compiler, joint->port->l2, &joint->private, why);
}

/* In the legs' table: what is made of a packet on its way in, and on its way out. */
static void say_translation(const struct compiler *legs, const struct joint *joint)
{
	const struct host_eip *eip = joint->eip;
	struct ip_text address = ip_text(&eip->address), target = ip_text(&eip->target);
	struct mac_text mac = mac_text(&joint->mac), guest = mac_text(&joint->port->mac);
	AUTO(free_ptr) char *to = mem_format("goto to-%s", joint->private.inner);
	AUTO(free_ptr) char *out = mem_format("goto out-%s", eip->l3);
	AUTO(free_ptr)
	char *down = mem_format("0x%x . %s", (unsigned int)joint->public.index, address.s);
	const char *owner = eip->object.uuid;

	say_element(legs, owner, "leg_arp", mac_text(&joint->public.mac).s, "%s . %s",
		    joint->public.inner, address.s);
	say_element(legs, owner, "eip_down", "goto " CHAIN_EIP_IN, "%s", down);
	say_element(legs, owner, "eip_macs", mac.s, "%s", down);
	say_element(legs, owner, "eip_guests", guest.s, "%s", down);
	say_element(legs, owner, "eip_targets", target.s, "%s", down);
	say_element(legs, owner, "eip_legs", to, "%s", mac.s);
	say_element(legs, owner, "eip_up", out, "%s", mac.s);
	say_element(legs, owner, "eip_sources", address.s, "0x%x . %s . %s",
		    (unsigned int)joint->private.index, mac.s, target.s);
}

/* In the bridges: what of the guest's frames is led to its leg. */
static void say_way(const struct compiler *compiler, const struct joint *joint)
{
	const char *owner = joint->eip->object.uuid, *device = joint->port->device;
	const struct l3_network *inside = joint->inside;
	struct ip_text target = ip_text(&joint->eip->target);
	struct mac_text mac = mac_text(&joint->mac);

	say_element(compiler, owner, "eip_guests", "", "%s . %s . %s", device, mac.s, target.s);
	if (joint->several)
		say_element(compiler, owner, "eip_several", "", "%s . %s . %s", device, mac.s,
			    target.s);
	if (joint->answers) {
		say_element(compiler, owner, "eip_ways", "jump " CHAIN_EIP_WAY, "%s . %s", device,
			    target.s);
		say_element(compiler, owner, "eip_first", mac.s, "%s . %s . %s", device,
			    mac_text(&joint->private.mac).s, target.s);
	}
	if (joint->stands_in && inside && inside->gateway.family == 4 && !is_routed(inside))
		say_element(compiler, owner, "eip_gateways", "", "%s . %s", device,
			    ip_text(&inside->gateway).s);
}

/* The proxy entry is what is announced; the leg's own chain answers for it. */
static void say_address(const struct compiler *compiler, const struct joint *joint)
{
	const char *owner = joint->eip->object.uuid;
	struct ip_text address = ip_text(&joint->eip->address);

	say_element(compiler, owner, "leg_own", "", "%s . %s", joint->public.outer, address.s);
	if (joint->private.plugged)
		say(compiler, owner, "fdb", "", "%s %s", joint->private.outer,
		    mac_text(&joint->mac).s);
	if (joint->public.plugged && joint->private.plugged)
		say(compiler, owner, "proxy", "", "%s %s", joint->public.inner, address.s);
}

void compile_eip(const struct compiler *compiler, const struct object *object)
{
	const struct host_eip *eip = (const void *)object;
	struct compiler legs = leg_compiler(compiler);
	struct err why = ERR_NONE;
	struct joint joint;

	if (find_joint(compiler, eip, &joint, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	if (!joint.public.index || !joint.private.index)
		return; /* Its legs are being made. */
	say_translation(&legs, &joint);
	say_way(compiler, &joint);
	say_address(compiler, &joint);
	compile_eip_limits(compiler, eip, &joint.mac, &joint.public, &joint.private);
}
