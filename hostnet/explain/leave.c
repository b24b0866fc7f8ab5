/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a packet leaves: a network's responder, a port, the outside. What is the responder's stays
 * between it and the ports that it serves. */
#include <string.h>

#include "hostnet/explain/walk.h"

static const struct ip metadata = { .family = 4, .bytes = { 169, 254, 169, 254 } };

static bool has_responder(const struct l3_network *l3)
{
	return l3->dhcp.enabled && l3->dhcp.server.family == 4;
}

const struct l3_network *port_served(const struct document *document, const struct port *port,
				     const struct ip *ip)
{
	const struct port_address *address;

	for (size_t i = 0; (address = port_address(port, i)); i++) {
		const struct l3_network *l3 = host_l3(document, address->l3);

		if (has_responder(l3) &&
		    (ip_equal(ip, &l3->dhcp.server) || (l3->user_data && ip_equal(ip, &metadata))))
			return l3;
	}
	return NULL;
}

void walk_say_answered(struct walk *walk, const struct l3_network *l3)
{
	walk_end(walk, &l3->object, "accept", "answer",
		 "its responder on this host hears it: DHCP and user data");
}

void walk_say_not_answered(struct walk *walk, const struct object *object)
{
	walk_end(walk, object, "drop", "filter",
		 "DHCP and user data stay between this host's responder and its guests");
}

/* The network that leases the port an address: it asks no other DHCP server. */
static const struct l3_network *leased_by(const struct walk *walk, const struct port *port)
{
	const struct port_address *address;

	for (size_t i = 0; (address = port_address(port, i)); i++) {
		const struct l3_network *l3 = host_l3(walk->document, address->l3);

		if (has_responder(l3) && address->address.family == 4)
			return l3;
	}
	return NULL;
}

static bool is_dhcp(const struct packet *packet, int64_t port)
{
	return packet->protocol == PACKET_UDP && packet->to.family == 4 && packet->to_port == port;
}

/* The one whose responder has the address, on the network that the packet is on. */
static const struct l3_network *responder_at(const struct walk *walk)
{
	const struct object *object;

	section_for_each (walk->document, SECTION_L3_NETWORKS, object) {
		const struct l3_network *l3 = (const void *)object;

		if (has_responder(l3) && ip_equal(&l3->dhcp.server, &walk->packet.to) &&
		    strcmp(l3->l2, walk->l2->object.uuid) == 0)
			return l3;
	}
	return NULL;
}

/* DHCP and user data. */
void walk_serve(struct walk *walk)
{
	const struct l3_network *asked =
		walk->in ? port_served(walk->document, walk->in, &walk->packet.to) : NULL;
	const struct l3_network *leased = walk->in ? leased_by(walk, walk->in) : NULL;
	const struct l3_network *there = responder_at(walk);
	bool asks_lease = leased && is_dhcp(&walk->packet, 67);

	if (asked)
		walk_say_answered(walk, asked);
	else if (there)
		walk_say_not_answered(walk, &there->object);
	else if (asks_lease && !walk->out)
		walk_say_answered(walk, leased);
	else if (walk->out &&
		 (asks_lease || (leased_by(walk, walk->out) && is_dhcp(&walk->packet, 68)) ||
		  port_served(walk->document, walk->out, &walk->packet.from)))
		walk_say_not_answered(walk, &walk->out->object);
}

static void leave_by_vxlan(struct walk *walk)
{
	const struct l2_remote *remote = host_remote(walk->document, walk->l2, &walk->next_hop);

	if (remote)
		walk_step(walk, &walk->l2->object, "leave", "to VTEP %s, where %s is",
			  ip_text(&remote->vtep).s, mac_text(&remote->mac).s);
	else
		walk_step(walk, &walk->l2->object, "leave",
			  "by VNI %lld, to whom the bridge has learned or to each of %zu peers",
			  (long long)walk->l2->vni, host_peer_count(walk->document, walk->l2));
	walk->verdict = "accept";
}

void walk_say_leave(struct walk *walk)
{
	const struct l2_network *l2 = walk->l2;

	if (walk->out)
		walk_end(walk, &walk->out->object, "accept", "leave", "goes to %s (%s), on %s",
			 walk->out->object.uuid, walk->out->device, walk->out->l2);
	else if (l2->type == L2_VXLAN)
		leave_by_vxlan(walk);
	else if (l2->type == L2_VLAN)
		walk_end(walk, &l2->object, "accept", "leave", "leaves by %s, tagged %lld",
			 l2->device, (long long)l2->vlan);
	else
		walk_end(walk, &l2->object, "accept", "leave", "leaves by %s", l2->device);
}

void walk_leave(struct walk *walk)
{
	const char *reason = walk->out ? NULL : walk_rests(walk, &walk->l2->object);

	if (!walk->out && !walk->in)
		walk_end(walk, &walk->l2->object, "drop", "find",
			 "%s is at no port of this host: nobody here takes it",
			 ip_text(&walk->packet.to).s);
	else if (reason)
		walk_end(walk, &walk->l2->object, "drop", "rest", "%s rests: %s",
			 walk->l2->object.uuid, reason);
	else
		walk_say_leave(walk);
}
