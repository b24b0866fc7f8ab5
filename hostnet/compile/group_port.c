/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group_port.c - where security groups stand: at the ports that are in them.
 *
 * A frame is judged where it comes from its guest and where it goes to one. In the first place the
 * port's guest may have begun the connection, or answer one: so it is in the second. A map leads
 * from the port to the number of its groups' combination, two others from there to its two chains:
 * what others may begin, and what its guest may.
 *
 * A port has no chain, no rule and no verdict of its own: with each of these the kernel goes
 * through everything that any chain leads to, which would be all ports'. */
#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

#define NEIGHBOUR                                                                    \
	"icmpv6 type nd-neighbor-solicit,nd-neighbor-advert,nd-router-solicit,"      \
	"nd-router-advert,mld-listener-query,mld-listener-report,mld-listener-done," \
	"mld2-listener-report accept"

/* Of a group's member: a client, whether the server is ours or stands elsewhere. */
#define DHCP(port, family, from, to)                                                           \
	"meta " port " @grouped meta protocol " family " udp sport " from " udp dport " to " " \
	"accept"

static void say_base_rules(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		{ CHAIN_GROUPS_FROM, GROUPS_ORIGINAL,
		  "ct direction original meta iifname map @combinations vmap @outof" },
		{ CHAIN_GROUPS_FROM, GROUPS_REPLY,
		  "ct direction reply meta iifname map @combinations vmap @into" },
		{ CHAIN_GROUPS_FROM, GROUPS_OTHERS, "meta iifname != @grouped accept" },
		{ CHAIN_GROUPS_FROM, GROUPS_REST, "goto " CHAIN_ANYWAY },
		{ CHAIN_GROUPS_TO, GROUPS_ORIGINAL,
		  "ct direction original meta oifname map @combinations vmap @into" },
		{ CHAIN_GROUPS_TO, GROUPS_REPLY,
		  "ct direction reply meta oifname map @combinations vmap @outof" },
		{ CHAIN_GROUPS_TO, GROUPS_OTHERS, "meta oifname != @grouped accept" },
		{ CHAIN_GROUPS_TO, GROUPS_REST, "goto " CHAIN_ANYWAY },
		/* Where frames come in nothing is known of where they leave, and where they leave
		 * nothing of the other: each of these is for one of the two. */
		{ CHAIN_ANYWAY, ANYWAY_ARP, "meta protocol arp,0x8035 accept" },
		{ CHAIN_ANYWAY, ANYWAY_NEIGHBOUR, NEIGHBOUR },
		{ CHAIN_ANYWAY, ANYWAY_ASKS, DHCP("iifname", "ip", "68", "67") },
		{ CHAIN_ANYWAY, ANYWAY_TOLD, DHCP("oifname", "ip", "67", "68") },
		{ CHAIN_ANYWAY, ANYWAY_ASKS6, DHCP("iifname", "ip6", "546", "547") },
		{ CHAIN_ANYWAY, ANYWAY_TOLD6, DHCP("oifname", "ip6", "547", "546") },
		{ CHAIN_ANYWAY, ANYWAY_SERVES, "concat( meta iifname . ip daddr ) @served accept" },
		{ CHAIN_ANYWAY, ANYWAY_SERVED, "concat( meta oifname . ip saddr ) @served accept" },
		{ CHAIN_ANYWAY, ANYWAY_REST, "drop" },
	};

	say_chain(compiler, owner, "filter prerouting -150 accept", CHAIN_GROUPS_FROM);
	say_chain(compiler, owner, "filter postrouting 0 accept", CHAIN_GROUPS_TO);
	say_chain(compiler, owner, "", CHAIN_ANYWAY);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, rules[i].chain, rules[i].order, "%s", rules[i].rule);
}

/* The machine's own on the network; NULL: it is no part of it. */
static const struct mac *machine_mac(const struct compiler *compiler, const struct l2_network *l2,
				     const struct l2_place *place)
{
	const struct facts_link *bridge = facts_link_by_name(compiler->facts, place->bridge);

	if (!*place->bridge || place->closed)
		return NULL;
	if (l2->type != L2_VXLAN && place->device && !place->adopted)
		return &place->device->mac; /* As say_device() has it. */
	return bridge ? &bridge->mac : NULL;
}

static bool is_on_a_network(const struct compiler *compiler)
{
	const struct object *object;

	section_for_each (compiler->document, SECTION_L2_NETWORKS, object) {
		const struct l2_network *l2 = (const void *)object;
		struct err why = ERR_NONE;
		struct l2_place place;
		int ret = l2_place(compiler->document, compiler->facts, l2, &place, &why);

		err_clear(&why);
		if (ret == 0 && machine_mac(compiler, l2, &place))
			return true;
	}
	return false;
}

/* What is for the machine itself goes on to be the machine's own connections, in no zone: its
 * answers do not come by here. The first zone that a frame gets stays. Where the machine is on no
 * network, as on most hosts, no frame is asked whether it is for it. */
static void say_zones(const struct compiler *compiler, const char *owner)
{
	if (is_on_a_network(compiler))
		say_rule(compiler, owner, CHAIN_PREROUTING, PREROUTING_MACHINE,
			 "concat( meta ibrname . ether daddr ) @machine ct zone set 0");
	say_rule(compiler, owner, CHAIN_PREROUTING, PREROUTING_ZONE,
		 "ct zone set meta ibrname map @zones");
}

void compile_group_chains(const struct compiler *compiler, const char *owner)
{
	if (!has_groups(compiler))
		return;
	say_set(compiler, owner, "set ifname", "grouped");
	say_set(compiler, owner, "map ifname : mark", "combinations");
	say_set(compiler, owner, "map mark : verdict", "into");
	say_set(compiler, owner, "map mark : verdict", "outof");
	say_set(compiler, owner, "map ifname : zone", "zones");
	say_set(compiler, owner, "set ifname . ether_addr", "machine");
	/* These make the kernel track all that goes over its bridges. */
	if (!document_first(compiler->document, SECTION_SECURITY_GROUPS))
		return;
	say_zones(compiler, owner);
	say_base_rules(compiler, owner);
}

void compile_zone(const struct compiler *compiler, const struct l2_network *l2,
		  const struct l2_place *place)
{
	const char *owner = l2->object.uuid;
	const struct mac *mac = machine_mac(compiler, l2, place);
	AUTO(free_ptr) char *zone = mem_format("%u", l2->zone);

	if (!*place->bridge || !has_groups(compiler))
		return;
	say_element(compiler, owner, "zones", zone, "%s", place->bridge);
	if (mac)
		say_element(compiler, owner, "machine", "", "%s . %s", place->bridge,
			    mac_text(mac).s);
}

/* What it says is the first group's: of a combination itself nothing is told. */
static const char *owner_of(const struct combination *combination)
{
	return combination->groups[0];
}

static void say_door(const struct compiler *compiler, const struct combination *combination,
		     const char *map, const char *verdict)
{
	say_element(compiler, owner_of(combination), map, verdict, "0x%x", combination->number);
}

/* A chain that asks one of each group's, after the other. */
static void say_way(const struct compiler *compiler, const struct combination *combination,
		    const char *map, const char *asked)
{
	const char *owner = owner_of(combination);
	AUTO(free_ptr) char *chain = mem_format("%s.%x", map, combination->number);
	AUTO(free_ptr) char *verdict = mem_format("goto %s", chain);

	say_door(compiler, combination, map, verdict);
	say_chain(compiler, owner, "", "%s", chain);
	for (size_t i = 0; i < combination->n; i++) {
		AUTO(free_ptr) char *order = mem_format(COMBINED_GROUPS "%04zu", i);

		say_rule(compiler, owner, chain, order, "jump %s.%s", asked,
			 combination->groups[i]);
	}
	say_rule(compiler, owner, chain, COMBINED_REST, "goto " CHAIN_ANYWAY);
}

void compile_combination(const struct compiler *compiler, const struct object *object)
{
	const struct combination *combination = (const void *)object;

	if (!has_groups(compiler))
		return;
	say_way(compiler, combination, "into", "ingress");
	if (combination_strict(compiler->document, combination))
		say_way(compiler, combination, "outof", "egress");
	else
		say_door(compiler, combination, "outof", "accept");
}

void compile_port_groups(const struct compiler *compiler, const struct port *port)
{
	const char *owner = port->object.uuid;
	AUTO(free_ptr) char *number = NULL;

	if (!port->combination || !has_groups(compiler))
		return;
	number = mem_format("0x%x", port->combination->number);
	say_element(compiler, owner, "grouped", "", "%s", port->device);
	say_element(compiler, owner, "combinations", number, "%s", port->device);
}
