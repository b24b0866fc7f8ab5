/* SPDX-License-Identifier: GPL-2.0-or-later */
/* responder.c - who answers an L3 network's guests on this host, and what they are told.
 *
 * Address and MAC are the same on every host, and stay on each: the responder's port and the
 * guests' speak to each other only. */
#include <stdio.h>
#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"
#include "lib/base/text.h"

static const struct ip metadata = { .family = 4, .bytes = { 169, 254, 169, 254 } };

static bool has_dhcp(const struct l3_network *l3)
{
	return l3->dhcp.enabled && l3->dhcp.server.family == 4;
}

static bool has_responder(const struct l3_network *l3)
{
	return has_dhcp(l3);
}

/* The same on every host: a guest that moves finds its server where it was. */
static struct mac mac_of(const struct l3_network *l3)
{
	return digest_mac(l3->object.uuid);
}

void responder_device(const struct l3_network *l3, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, LINK_RESPONDER "%010llx",
		 (unsigned long long)link_digest(l3->object.uuid) & 0xffffffffff);
}

static bool has_responders(const struct document *document)
{
	const struct object *object;

	section_for_each (document, SECTION_L3_NETWORKS, object)
		if (has_responder((const void *)object))
			return true;
	return false;
}

void compile_responder_chains(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		{ CHAIN_FORWARD, FORWARD_TO_RESPONDER,
		  "meta oifname @responders goto " CHAIN_TO_RESPONDER },
		{ CHAIN_FORWARD, FORWARD_FROM_RESPONDER,
		  "meta iifname @responders goto " CHAIN_FROM_RESPONDER },
		{ CHAIN_FORWARD, FORWARD_QUESTION,
		  "meta protocol ip udp dport 67 meta iifname @served_ports drop" },
		{ CHAIN_FORWARD, FORWARD_ANSWER,
		  "meta protocol ip udp dport 68 meta oifname @served_ports drop" },
		{ CHAIN_FORWARD, FORWARD_ASTRAY, "concat( meta iifname . ip daddr ) @served drop" },
		{ CHAIN_FORWARD, FORWARD_FORGED, "concat( meta oifname . ip saddr ) @served drop" },
		{ CHAIN_TO_RESPONDER, TO_RESPONDER_PORT, "meta iifname != @ports drop" },
		{ CHAIN_TO_RESPONDER, TO_RESPONDER_ONLY, "meta protocol != ip drop" },
		{ CHAIN_TO_RESPONDER, TO_RESPONDER_METADATA,
		  "ip saddr != 0.0.0.0 concat( meta iifname . ether saddr . ip saddr ) "
		  "!= @served_sources drop" },
		{ CHAIN_FROM_RESPONDER, FROM_RESPONDER_PORT, "meta oifname != @ports drop" },
		{ CHAIN_ARP, ARP_RESPONDER,
		  "meta oifname @responders meta iifname != @ports drop" },
		{ CHAIN_ARP, ARP_RESPONDER_OUT,
		  "meta iifname @responders meta oifname != @ports drop" },
		{ CHAIN_ARP, ARP_QUESTION,
		  "meta oifname != @responders "
		  "concat( meta iifname . arp daddr ip ) @served drop" },
		{ CHAIN_ARP, ARP_ANSWER,
		  "meta iifname != @responders "
		  "concat( meta oifname . arp saddr ip ) @served drop" },
	};

	say_set(compiler, owner, "set ifname", "responders");
	say_set(compiler, owner, "set ifname", "served_ports");
	say_set(compiler, owner, "set ifname . ipv4_addr", "served");
	say_set(compiler, owner, "set ifname . ether_addr . ipv4_addr", "served_sources");
	if (!has_responders(compiler->document))
		return;
	say_chain(compiler, owner, "", CHAIN_TO_RESPONDER);
	say_chain(compiler, owner, "", CHAIN_FROM_RESPONDER);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, rules[i].chain, rules[i].order, "%s", rules[i].rule);
}

static void say_place(const struct compiler *compiler, const struct l3_network *l3,
		      const struct l2_place *place, const char *device)
{
	AUTO(text_clear) struct text value = TEXT_NONE;
	struct mac mac = mac_of(l3);

	text_format(&value, "%s %s %lld %s/%u", device, mac_text(&mac).s, (long long)place->mtu,
		    ip_text(&l3->dhcp.server).s, l3->cidr.length);
	if (l3->user_data)
		text_format(&value, ",%s/32", ip_text(&metadata).s);
	say(compiler, l3->object.uuid, "responder", text_view(&value), "%s", l3->object.uuid);
}

static void say_range(const struct compiler *compiler, const struct l3_network *l3)
{
	AUTO(text_clear) struct text value = TEXT_NONE;
	struct prefix network = prefix_network(&l3->cidr);
	const struct ip *dns = l3->dns.items;

	text_format(&value, "server %s lease %lld gateway %s", ip_text(&l3->dhcp.server).s,
		    (long long)l3->dhcp.lease_s,
		    l3->gateway.family == 4 ? ip_text(&l3->gateway).s : "none");
	if (l3->mtu)
		text_format(&value, " mtu %lld", (long long)l3->mtu);
	for (size_t i = 0, n = 0; i < l3->dns.n; i++)
		if (dns[i].family == 4)
			text_format(&value, "%s%s", n++ ? "," : " dns ", ip_text(&dns[i]).s);
	if (l3->domain)
		text_format(&value, " domain %s", l3->domain);
	if (l3->user_data)
		text_format(&value, " reach %s", ip_text(&metadata).s);
	say(compiler, l3->object.uuid, "dhcp.range", text_view(&value), "%s %s", l3->object.uuid,
	    prefix_text(&network).s);
}

/* The device is plugged in as a guest's is: when it is there, and all that guards it. */
static void say_port(const struct compiler *compiler, const struct l3_network *l3,
		     const struct l2_place *place, const char *device)
{
	const char *owner = l3->object.uuid;

	say_element(compiler, owner, "responders", "", "%s", device);
	if (place->closed)
		say_element(compiler, owner, "closed", "", "%s", device);
	if (facts_supports(compiler->facts, "ipv6", NULL) &&
	    facts_link_by_name(compiler->facts, device))
		say_sysctl(compiler, owner, "1", "net/ipv6/conf/%s/disable_ipv6", device);
	if (!facts_link_by_name(compiler->facts, device))
		return;
	say_mtu(compiler, owner, device, place->mtu);
	say(compiler, owner, "link.up", "up", "%s", device);
	say(compiler, owner, "plug", place->bridge, "%s", device);
}

void compile_l3(const struct compiler *compiler, const struct object *object)
{
	const struct l3_network *l3 = (const void *)object;
	const struct l2_network *l2 = host_l2(compiler->document, l3->l2);
	struct err why = ERR_NONE;
	struct l2_place place;
	char device[IFNAMSIZ];

	if (l3->dhcp.enabled && !has_dhcp(l3))
		notes_say(compiler->notes, object->uuid, NOTE_NOT_SUPPORTED,
			  "dhcp: only IPv4 addresses are handed out");
	if (l3->user_data && !has_responder(l3))
		notes_say(compiler->notes, object->uuid, NOTE_NOT_SUPPORTED,
			  "user_data: it needs dhcp, which tells guests the way to it");
	if (!has_responder(l3))
		return;
	if (l2_place(compiler->document, compiler->facts, l2, &place, &why) < 0) {
		err_in(&why, "l2_network %s", l3->l2);
		say_rest(compiler, object, &why);
	}
	if (!*place.bridge)
		return;
	responder_device(l3, device);
	say_place(compiler, l3, &place, device);
	say_port(compiler, l3, &place, device);
	say_range(compiler, l3);
	if (l3->user_data)
		say(compiler, object->uuid, "user_data", "", "%s", object->uuid);
}

static void say_host(const struct compiler *compiler, const struct port *port,
		     const struct port_address *address)
{
	AUTO(text_clear) struct text value = TEXT_NONE;
	struct ip_text plain = ip_text(&address->address);

	text_add(&value, plain.s);
	if (!port->is_default)
		text_add(&value, " -");
	else if (port->hostname)
		text_format(&value, " %s", port->hostname);
	else {
		for (char *dot = plain.s; (dot = strchr(dot, '.'));)
			*dot = '-';
		text_format(&value, " %s", plain.s);
	}
	say(compiler, port->object.uuid, "dhcp.host", text_view(&value), "%s %s", address->l3,
	    mac_text(&port->mac).s);
}

/* Whom this port finds on this host alone; the metadata address once, however many of its networks
 * have it. */
static void say_served(const struct compiler *compiler, const struct port *port)
{
	const struct port_address *address;
	bool reaches = false;

	for (size_t i = 0; (address = port_address(port, i)); i++) {
		const struct l3_network *l3 = host_l3(compiler->document, address->l3);

		if (!has_responder(l3))
			continue;
		say_element(compiler, port->object.uuid, "served", "", "%s . %s", port->device,
			    ip_text(&l3->dhcp.server).s);
		if (l3->user_data && !reaches)
			say_element(compiler, port->object.uuid, "served", "", "%s . %s",
				    port->device, ip_text(&metadata).s);
		reaches = reaches || l3->user_data;
	}
}

/* A port is one machine's: it is leased the first of its addresses that can be. */
void compile_port_service(const struct compiler *compiler, const struct port *port)
{
	const char *owner = port->object.uuid;
	const struct port_address *address;
	const struct l3_network *leased = NULL;

	for (size_t i = 0; (address = port_address(port, i)); i++) {
		const struct l3_network *l3 = host_l3(compiler->document, address->l3);

		if (!has_responder(l3) || address->address.family != 4)
			continue;
		say_element(compiler, owner, "served_sources", "", "%s . %s . %s", port->device,
			    mac_text(&port->mac).s, ip_text(&address->address).s);
		if (leased)
			continue;
		leased = l3;
		say_host(compiler, port, address);
		say_element(compiler, owner, "served_ports", "", "%s", port->device);
	}
	say_served(compiler, port);
}
