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
#define DHCP(from, to)  "meta protocol ip udp sport " from " udp dport " to " accept"
#define DHCP6(from, to) "meta protocol ip6 udp sport " from " udp dport " to " accept"

static void say_base_rules(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *order, *from, *to;
	} rules[] = {
		{ GROUPS_OTHERS, "meta iifname != @grouped accept",
		  "meta oifname != @grouped accept" },
		{ GROUPS_ARP, "meta protocol arp,0x8035 accept",
		  "meta protocol arp,0x8035 accept" },
		{ GROUPS_NEIGHBOUR, NEIGHBOUR, NEIGHBOUR },
		{ GROUPS_DHCP, DHCP("68", "67"), DHCP("67", "68") },
		{ GROUPS_DHCP6, DHCP6("546", "547"), DHCP6("547", "546") },
		{ GROUPS_RESPONDER, "concat( meta iifname . ip daddr ) @served accept",
		  "concat( meta oifname . ip saddr ) @served accept" },
		{ GROUPS_INTO, "ct direction reply meta iifname map @combinations vmap @into",
		  "ct direction original meta oifname map @combinations vmap @into" },
		{ GROUPS_OUTOF, "ct direction original meta iifname map @combinations vmap @outof",
		  "ct direction reply meta oifname map @combinations vmap @outof" },
		{ GROUPS_REST, "drop", "drop" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		say_rule(compiler, owner, CHAIN_GROUPS_FROM, rules[i].order, "%s", rules[i].from);
		say_rule(compiler, owner, CHAIN_GROUPS_TO, rules[i].order, "%s", rules[i].to);
	}
}

/* What is for the machine itself goes on to be the machine's own connections, in no zone: its
 * answers do not come by here. */
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
	say_rule(compiler, owner, CHAIN_PREROUTING, PREROUTING_ZONE,
		 "concat( meta ibrname . ether daddr ) != @machine "
		 "ct zone set meta ibrname map @zones");
	say_chain(compiler, owner, "filter prerouting -150 accept", CHAIN_GROUPS_FROM);
	say_chain(compiler, owner, "filter postrouting 0 accept", CHAIN_GROUPS_TO);
	say_base_rules(compiler, owner);
}

void compile_zone(const struct compiler *compiler, const struct l2_network *l2,
		  const struct l2_place *place)
{
	const char *owner = l2->object.uuid;
	const struct facts_link *bridge = facts_link_by_name(compiler->facts, place->bridge);
	const struct mac *mac = bridge ? &bridge->mac : NULL;
	AUTO(free_ptr) char *zone = mem_format("%u", l2->zone);

	if (!*place->bridge || !has_groups(compiler))
		return;
	say_element(compiler, owner, "zones", zone, "%s", place->bridge);
	if (l2->type != L2_VXLAN && place->device && !place->adopted)
		mac = &place->device->mac; /* As say_device() has it. */
	if (!place->closed && mac)
		say_element(compiler, owner, "machine", "", "%s . %s", place->bridge,
			    mac_text(mac).s);
}

/* What it says is the first group's: of a combination itself nothing is told. */
static const char *owner_of(const struct combination *combination)
{
	return combination->groups[0];
}

static void say_door(const struct compiler *compiler, const struct combination *combination,
		     const char *map)
{
	AUTO(free_ptr) char *verdict = mem_format("goto %s.%x", map, combination->number);

	say_chain(compiler, owner_of(combination), "", "%s.%x", map, combination->number);
	say_element(compiler, owner_of(combination), map, verdict, "0x%x", combination->number);
}

PRINTF(5, 6)
static void say_step(const struct compiler *compiler, const struct combination *combination,
		     const char *map, const char *order, const char *format, ...)
{
	AUTO(free_ptr) char *chain = mem_format("%s.%x", map, combination->number);
	AUTO(free_ptr) char *rule = NULL;
	va_list args;

	va_start(args, format);
	rule = mem_vformat(format, args);
	va_end(args);
	say_rule(compiler, owner_of(combination), chain, order, "%s", rule);
}

void compile_combination(const struct compiler *compiler, const struct object *object)
{
	const struct combination *combination = (const void *)object;
	char *const *groups = combination->groups;

	if (!has_groups(compiler))
		return;
	say_door(compiler, combination, "into");
	say_door(compiler, combination, "outof");
	for (size_t i = 0; i < combination->n; i++) {
		AUTO(free_ptr) char *allows = mem_format(COMBINED_GROUPS "%04zu", i);
		AUTO(free_ptr) char *limits = mem_format(COMBINED_LIMITS "%04zu", i);

		say_step(compiler, combination, "into", allows, "jump ingress.%s", groups[i]);
		say_step(compiler, combination, "outof", allows, "jump egress.%s", groups[i]);
		say_step(compiler, combination, "outof", limits, "jump limits.%s", groups[i]);
	}
	say_step(compiler, combination, "into", COMBINED_REST, "drop");
	say_step(compiler, combination, "outof", COMBINED_REST, "accept");
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
