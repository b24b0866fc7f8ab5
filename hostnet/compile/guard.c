/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard.c - what may come out of a guest's port: its own addresses, and nothing that others would
 * take for an infrastructure's.
 *
 * Each port is an element of a few sets; a frame pays the same whatever their number, and most pay
 * for one lookup: who sends as itself is found at once, by device, MAC and address. They are sets
 * and no map of verdicts: with one of those the kernel goes through all of its elements whenever
 * one is added. A frame is judged before the bridge learns its source. */
#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

/* What a guest says of itself: MAC and address together, so that no two of its own can be mixed
 * with another's. */
#define SOURCE  "concat( meta iifname . ether saddr . ip saddr ) @port_sources"
#define SOURCE6 "concat( meta iifname . ether saddr . ip6 saddr ) @port_sources6"
#define TARGET6 "concat( meta iifname . ether saddr . icmpv6 taddr ) != @port_sources6"
#define SENDER  "concat( meta iifname . arp saddr ether . arp saddr ip ) @port_sources"
#define PROBER  "concat( meta iifname . arp saddr ether ) @port_macs"

#define TAGGED "ether type vlan,0x88a8"

static void say_chains(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		/* The frame's own type: one with a tag is never meant, wherever the tag is kept. */
		{ CHAIN_PREROUTING, PREROUTING_OWN, "ether type ip " SOURCE " goto " CHAIN_OWN },
		{ CHAIN_PREROUTING, PREROUTING_OWN6,
		  "ether type ip6 " SOURCE6 " goto " CHAIN_OWN6 },
		{ CHAIN_PREROUTING, PREROUTING_TAGGED, TAGGED " meta iifname @ports drop" },
		{ CHAIN_PREROUTING, PREROUTING_GUARDED, "meta iifname @guarded goto " CHAIN_GUARD },
		{ CHAIN_OWN, OWN_DHCP, "udp dport 68 drop" },
		{ CHAIN_OWN6, OWN6_DHCP, "udp dport 546 drop" },
		{ CHAIN_OWN6, OWN6_NEIGHBOUR, "meta l4proto ipv6-icmp goto " CHAIN_GUARD },
		{ CHAIN_GUARD, GUARD_DHCP, "meta protocol ip udp dport 68 drop" },
		{ CHAIN_GUARD, GUARD_DHCP6, "meta protocol ip6 udp dport 546 drop" },
		{ CHAIN_GUARD, GUARD_ROUTER, "icmpv6 type nd-router-advert,nd-redirect drop" },
		{ CHAIN_GUARD, GUARD_MAC,
		  "concat( meta iifname . ether saddr ) != @port_macs drop" },
		{ CHAIN_GUARD, GUARD_DHCP_CLIENT, "ip saddr 0.0.0.0 udp dport 67 accept" },
		{ CHAIN_GUARD, GUARD_ARP, SENDER " accept" },
		{ CHAIN_GUARD, GUARD_ARP_PROBE, "arp saddr ip 0.0.0.0 " PROBER " accept" },
		{ CHAIN_GUARD, GUARD_NEIGHBOUR, "icmpv6 type nd-neighbor-advert " TARGET6 " drop" },
		{ CHAIN_GUARD, GUARD_IPV6, SOURCE6 " accept" },
		{ CHAIN_GUARD, GUARD_IPV6_PROBE,
		  "ip6 saddr :: icmpv6 type nd-neighbor-solicit,nd-router-solicit,"
		  "mld2-listener-report accept" },
		{ CHAIN_GUARD, GUARD_MOVED, "meta protocol 0x8035 accept" },
		{ CHAIN_GUARD, GUARD_REST, "drop" },
		{ CHAIN_FORWARD, FORWARD_TAGGED, TAGGED " meta oifname @ports drop" },
		{ CHAIN_FORWARD, FORWARD_ARP, "meta protocol arp goto " CHAIN_ARP },
	};

	say_chain(compiler, owner, "filter prerouting -300 accept", CHAIN_PREROUTING);
	say_chain(compiler, owner, "filter forward -300 accept", CHAIN_FORWARD);
	say_chain(compiler, owner, "", CHAIN_OWN);
	say_chain(compiler, owner, "", CHAIN_OWN6);
	say_chain(compiler, owner, "", CHAIN_GUARD);
	say_chain(compiler, owner, "", CHAIN_ARP);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, rules[i].chain, rules[i].order, "%s", rules[i].rule);
}

void compile_guard(const struct compiler *compiler, const char *owner)
{
	say_set(compiler, owner, "set ifname", "guarded");
	say_set(compiler, owner, "set ifname", "ports");
	say_set(compiler, owner, "set ifname . ether_addr", "port_macs");
	say_set(compiler, owner, "set ifname . ether_addr . ipv4_addr", "port_sources");
	say_set(compiler, owner, "set ifname . ether_addr . ipv6_addr", "port_sources6");
	say_chains(compiler, owner);
}

/* The address that it gives itself on any link (RFC 4291 appendix A). */
static struct ip link_local(const struct mac *mac)
{
	const uint8_t *m = mac->bytes;

	return (struct ip){ .family = 6,
			    .bytes = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 2, m[1], m[2], 0xff,
				       0xfe, m[3], m[4], m[5] } };
}

static void say_source(const struct compiler *compiler, const struct port *port,
		       const struct ip *ip)
{
	say_element(compiler, port->object.uuid, ip->family == 4 ? "port_sources" : "port_sources6",
		    "", "%s . %s . %s", port->device, mac_text(&port->mac).s, ip_text(ip).s);
}

void compile_port_guard(const struct compiler *compiler, const struct port *port)
{
	const char *owner = port->object.uuid;
	const struct port_address *address;
	struct ip own = link_local(&port->mac);

	say_element(compiler, owner, "ports", "", "%s", port->device);
	if (!port->anti_spoofing)
		return;
	say_element(compiler, owner, "guarded", "", "%s", port->device);
	say_element(compiler, owner, "port_macs", "", "%s . %s", port->device,
		    mac_text(&port->mac).s);
	say_source(compiler, port, &own);
	for (size_t i = 0; (address = port_address(port, i)); i++)
		say_source(compiler, port, &address->address);
}
