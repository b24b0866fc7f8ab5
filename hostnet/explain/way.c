/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a frame goes to, and which networks of this host it is led into on its way. */
#include <string.h>

#include "hostnet/explain/walk.h"

/* The sender's network: that of its address, else one on its link that has it. */
static const struct l3_network *l3_of_source(const struct walk *walk)
{
	const struct port_address *address;
	const struct object *object;

	for (size_t i = 0; (address = port_address(walk->in, i)); i++)
		if (ip_equal(&address->address, &walk->packet.from))
			return host_l3(walk->document, address->l3);
	section_for_each (walk->document, SECTION_L3_NETWORKS, object) {
		const struct l3_network *l3 = (const void *)object;

		if (strcmp(l3->l2, walk->in->l2) == 0 &&
		    prefix_contains(&l3->cidr, &walk->packet.from))
			return l3;
	}
	return NULL;
}

static const struct host_router *router_of(const struct l3_network *l3)
{
	for (size_t i = 0; i < document_user_count(&l3->object); i++) {
		const struct object *user = document_user(&l3->object, i);

		if (strcmp(user->section->name, SECTION_ROUTERS) == 0)
			return (const void *)user;
	}
	return NULL;
}

/* The router's network that has the destination, which is none of the router's own addresses. */
static const struct l3_network *routed_to(const struct walk *walk, const struct host_router *router,
					  const struct l3_network *from)
{
	const struct host_router_interface *interfaces = router->interfaces.items;
	const struct l3_network *to = NULL;

	for (size_t i = 0; i < router->interfaces.n; i++) {
		const struct l3_network *l3 = host_l3(walk->document, interfaces[i].l3);

		if (ip_equal(&interfaces[i].address, &walk->packet.to))
			return NULL;
		if (l3 != from && !to && prefix_contains(&l3->cidr, &walk->packet.to))
			to = l3;
	}
	return to;
}

void walk_say_routed(struct walk *walk, const struct object *router, const char *l3)
{
	walk_step(walk, router, "route", "hosts route between its networks: %s is in %s",
		  ip_text(&walk->packet.to).s, l3);
}

/* Where nobody is its gateway, the host stands in for guests with an elastic IP. */
static const struct object *first_eip(const struct walk *walk)
{
	for (size_t i = 0; i < document_user_count(&walk->in->object); i++) {
		const struct object *user = document_user(&walk->in->object, i);

		if (strcmp(user->section->name, SECTION_EIPS) == 0 &&
		    ip_equal(&((const struct host_eip *)(const void *)user)->target,
			     &walk->packet.from))
			return user;
	}
	return NULL;
}

static void to_gateway(struct walk *walk, const struct l3_network *l3)
{
	const struct object *eip = first_eip(walk);

	if (!l3->gateway.family) {
		walk_end(walk, &l3->object, "drop", "route",
			 "%s is not in %s, which has no gateway", ip_text(&walk->packet.to).s,
			 l3->object.uuid);
		return;
	}
	walk->next_hop = l3->gateway;
	walk_step(walk, &l3->object, "route", "%s is not in %s: to its gateway %s%s%s",
		  ip_text(&walk->packet.to).s, l3->object.uuid, ip_text(&l3->gateway).s,
		  eip ? "; where nobody answers for that, it leaves as " : "",
		  eip ? eip->uuid : "");
}

static bool is_for_all(const struct l3_network *l3, const struct ip *to)
{
	static const struct ip all = { 4, { 255, 255, 255, 255 } };
	bool is_multicast = to->family == 4 ? (to->bytes[0] & 0xf0) == 0xe0 : to->bytes[0] == 0xff;
	struct ip last = prefix_last(&l3->cidr);

	return is_multicast || ip_equal(to, &all) || (to->family == 4 && ip_equal(to, &last));
}

static bool is_link_local(const struct ip *ip)
{
	return ip->family == 6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

void walk_route(struct walk *walk)
{
	const struct l3_network *from = walk->in ? l3_of_source(walk) : NULL, *to;
	const struct host_router *router;

	if (!from || prefix_contains(&from->cidr, &walk->packet.to) ||
	    is_for_all(from, &walk->packet.to) || is_link_local(&walk->packet.to) ||
	    port_served(walk->document, walk->in, &walk->packet.to))
		return;
	router = router_of(from);
	to = router && !walk_rests(walk, &router->object) ? routed_to(walk, router, from) : NULL;
	if (!to) {
		to_gateway(walk, from);
		return;
	}
	walk_say_routed(walk, &router->object, to->object.uuid);
	walk->l2 = host_l2(walk->document, to->l2);
}

static const struct host_eip *eip_at(const struct walk *walk)
{
	const struct object *object;

	section_for_each (walk->document, SECTION_EIPS, object) {
		const struct host_eip *eip = (const void *)object;

		if (ip_equal(&eip->address, &walk->next_hop) &&
		    strcmp(host_l3(walk->document, eip->l3)->l2, walk->l2->object.uuid) == 0)
			return eip;
	}
	return NULL;
}

static void translate(struct walk *walk, const struct host_eip *eip)
{
	const char *reason = walk_rests(walk, &eip->object);

	if (reason) {
		walk_end(walk, &eip->object, "drop", "rest", "%s rests: %s", eip->object.uuid,
			 reason);
		return;
	}
	walk->packet.to = walk->next_hop = eip->target;
	walk->out = host_port(walk->document, eip->port);
	walk->l2 = host_l2(walk->document, walk->out->l2);
	walk_step(walk, &eip->object, "dnat", "%s stands for %s of %s", ip_text(&eip->address).s,
		  ip_text(&eip->target).s, eip->port);
}

static const struct port *port_at(const struct walk *walk)
{
	const struct port_address *address;
	const struct object *object;

	section_for_each (walk->document, SECTION_PORTS, object) {
		const struct port *port = (const void *)object;

		if (port == walk->in || strcmp(port->l2, walk->l2->object.uuid) != 0)
			continue;
		for (size_t i = 0; (address = port_address(port, i)); i++)
			if (ip_equal(&address->address, &walk->next_hop))
				return port;
	}
	return NULL;
}

/* Who this is, if it is an elastic IP or a port of this host. */
void walk_find(struct walk *walk)
{
	const struct host_eip *eip = eip_at(walk);
	const char *reason;

	if (eip)
		translate(walk, eip);
	else
		walk->out = port_at(walk);
	reason = walk->out && !walk->verdict ? walk_rests(walk, &walk->out->object) : NULL;
	if (reason)
		walk_end(walk, &walk->out->object, "drop", "rest", "%s rests: %s",
			 walk->out->object.uuid, reason);
}
