/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a packet comes in: a port, or the outside of a network; and what a port lets out. */
#include <errno.h>
#include <string.h>

#include "hostnet/explain/walk.h"

static bool port_has(const struct port *port, const struct ip *ip)
{
	const struct port_address *address;

	for (size_t i = 0; (address = port_address(port, i)); i++)
		if (ip_equal(&address->address, ip))
			return true;
	return false;
}

static const struct object *port_named(const struct document *document, const char *name)
{
	const struct port *port = host_port(document, name);

	if (!port)
		port = host_port_of_device(document, name);
	return port ? &port->object : NULL;
}

static int by_name(struct walk *walk, const char *name, struct err *err)
{
	const struct object *port = port_named(walk->document, name);

	walk->l2 = host_l2(walk->document, name);
	if (port) {
		walk->in = (const void *)port;
		walk->l2 = host_l2(walk->document, walk->in->l2);
	} else if (!walk->l2) {
		err_set(err, -EINVAL, "there is no port, device or l2_network \"%s\"", name);
		return err_at(err, "packet.interface");
	}
	return 0;
}

/* -EINVAL if it is at several ports. */
static int by_source(struct walk *walk, struct err *err)
{
	const struct object *object;

	section_for_each (walk->document, SECTION_PORTS, object) {
		if (!port_has((const void *)object, &walk->packet.from))
			continue;
		if (walk->in) {
			err_set(err, -EINVAL, "%s is at ports %s and %s: name one",
				ip_text(&walk->packet.from).s, walk->in->object.uuid, object->uuid);
			return err_at(err, "packet.interface");
		}
		walk->in = (const void *)object;
	}
	if (walk->in)
		walk->l2 = host_l2(walk->document, walk->in->l2);
	return 0;
}

static int note_l2(struct walk *walk, const char *uuid, struct err *err)
{
	const struct l2_network *l2 = host_l2(walk->document, uuid);

	if (walk->l2 && walk->l2 != l2) {
		err_set(err, -EINVAL, "%s is on l2_networks %s and %s: name one",
			ip_text(&walk->packet.to).s, walk->l2->object.uuid, uuid);
		return err_at(err, "packet.interface");
	}
	walk->l2 = l2;
	return 0;
}

/* From outside, to what this host has: by the network that this is on. */
static int by_destination(struct walk *walk, struct err *err)
{
	const struct object *object;

	section_for_each (walk->document, SECTION_EIPS, object) {
		const struct host_eip *eip = (const void *)object;

		if (ip_equal(&eip->address, &walk->packet.to) &&
		    note_l2(walk, host_l3(walk->document, eip->l3)->l2, err) < 0)
			return -EINVAL;
	}
	section_for_each (walk->document, SECTION_PORTS, object) {
		const struct port *port = (const void *)object;

		if (port_has(port, &walk->packet.to) && note_l2(walk, port->l2, err) < 0)
			return -EINVAL;
	}
	if (walk->l2)
		return 0;
	err_set(err, -EINVAL, "neither %s nor %s is at a port: name the port or l2_network",
		ip_text(&walk->packet.from).s, ip_text(&walk->packet.to).s);
	return err_at(err, "packet.interface");
}

/* The port's first address of the destination's family. */
static int take_source(struct walk *walk, struct err *err)
{
	const struct port_address *address;

	for (size_t i = 0; walk->in && (address = port_address(walk->in, i)); i++)
		if (address->address.family == walk->packet.to.family) {
			walk->packet.from = address->address;
			return 0;
		}
	if (walk->in)
		err_set(err, -EINVAL, "port %s has no address to send from", walk->in->object.uuid);
	else
		err_set(err, -EINVAL, "is required where no port is named");
	return err_at(err, "packet.from");
}

static int choose(struct walk *walk, struct err *err)
{
	struct packet *packet = &walk->packet;

	if (packet->interface && by_name(walk, packet->interface, err) < 0)
		return -EINVAL;
	if (!packet->from.family && take_source(walk, err) < 0)
		return -EINVAL;
	if (packet->from.family != packet->to.family) {
		err_set(err, -EINVAL, "source and destination are of two address families");
		return err_at(err, "packet");
	}
	if (packet->interface)
		return 0;
	if (by_source(walk, err) < 0)
		return -EINVAL;
	return walk->in ? 0 : by_destination(walk, err);
}

void walk_say_enter(struct walk *walk)
{
	if (walk->in)
		walk_step(walk, &walk->in->object, "enter", "comes in by %s (%s), on %s",
			  walk->in->object.uuid, walk->in->device, walk->l2->object.uuid);
	else
		walk_step(walk, &walk->l2->object, "enter", "comes in from outside, on %s",
			  walk->l2->object.uuid);
}

int walk_enter(struct walk *walk, struct err *err)
{
	const struct object *object;
	const char *reason;

	if (choose(walk, err) < 0)
		return err ? err->code : -EINVAL;
	object = walk->in ? &walk->in->object : &walk->l2->object;
	reason = walk_rests(walk, object);
	walk_say_enter(walk);
	if (reason)
		walk_end(walk, object, "drop", "rest", "%s rests: %s", object->uuid, reason);
	walk->next_hop = walk->packet.to;
	return 0;
}

void walk_say_unguarded(struct walk *walk)
{
	walk_step(walk, &walk->in->object, "guard", "is open: without anti_spoofing all passes");
}

void walk_say_own(struct walk *walk)
{
	walk_step(walk, &walk->in->object, "guard", "%s is its own address",
		  ip_text(&walk->packet.from).s);
}

void walk_say_forged(struct walk *walk)
{
	walk_end(walk, &walk->in->object, "drop", "guard",
		 "%s is none of its addresses, or the MAC is not its own: anti_spoofing",
		 ip_text(&walk->packet.from).s);
}

void walk_say_asks_for_address(struct walk *walk)
{
	walk_step(walk, &walk->in->object, "guard", "asks a DHCP server for an address");
}

void walk_say_no_server(struct walk *walk)
{
	walk_end(walk, &walk->in->object, "drop", "guard",
		 "answers DHCP clients, which no guest may: anti_spoofing");
}

/* The address that it gives itself on any link (RFC 4291 appendix A). */
static bool is_link_local(const struct port *port, const struct ip *ip)
{
	const uint8_t *m = port->mac.bytes;
	const struct ip own = { .family = 6,
				.bytes = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 2, m[1], m[2], 0xff,
					   0xfe, m[3], m[4], m[5] } };

	return ip_equal(&own, ip);
}

void walk_guard(struct walk *walk)
{
	static const struct ip nobody = { .family = 4 };
	const struct packet *packet = &walk->packet;
	bool is_udp = packet->protocol == PACKET_UDP;

	if (!walk->in)
		return;
	if (!walk->in->anti_spoofing)
		walk_say_unguarded(walk);
	else if (is_udp && packet->to_port == (packet->to.family == 4 ? 68 : 546))
		walk_say_no_server(walk);
	else if (port_has(walk->in, &packet->from) || is_link_local(walk->in, &packet->from))
		walk_say_own(walk);
	else if (ip_equal(&packet->from, &nobody) && is_udp && packet->to_port == 67)
		walk_say_asks_for_address(walk);
	else
		walk_say_forged(walk);
}
