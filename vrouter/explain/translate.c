/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a packet to a VIP is sent instead: elastic IPs and port forwards. */
#include <string.h>

#include "vrouter/explain/walk.h"

static bool is_of(const struct object *object, const char *section)
{
	return strcmp(object->section->name, section) == 0;
}

void walk_say_eip(struct walk *walk, const struct object *eip, const struct ip_text *was)
{
	walk_step(walk, eip, "dnat", "%s stands for %s: to %s", was->s, eip->uuid,
		  ip_text(&walk->packet.to).s);
}

void walk_say_forwarded(struct walk *walk, const struct object *forward,
			const struct place_text *was)
{
	walk_step(walk, forward, "dnat", "%s is forwarded by %s: to %s port %lld", was->s,
		  forward->uuid, ip_text(&walk->packet.to).s, (long long)walk->packet.to_port);
}

void walk_say_missed(struct walk *walk, const struct port_forward *forward)
{
	walk_step(walk, &forward->object, "miss", "%s is not in %s, which alone %s allows",
		  ip_text(&walk->packet.from).s, prefix_text(&forward->allowed_cidr).s,
		  forward->object.uuid);
}

static void by_eip(struct walk *walk, const struct eip *eip)
{
	AUTO(err_clear) struct err why = ERR_NONE;
	struct place vip, guest;
	struct ip_text was = ip_text(&walk->packet.to);

	if (eip_place(walk->document, walk->facts, eip, &vip, &guest, &why) < 0) {
		walk_step(walk, &eip->object, "rest", "%s rests: %s", eip->object.uuid,
			  err_text(&why));
		return;
	}
	walk->packet.to = eip->target;
	walk->translated = true;
	walk_say_eip(walk, &eip->object, &was);
}

static bool is_for(const struct walk *walk, const struct port_forward *forward)
{
	int protocol = forward->protocol == PROTOCOL_TCP ? PACKET_TCP : PACKET_UDP;

	return walk->packet.protocol == protocol &&
	       walk->packet.to_port >= forward->vip_ports.first &&
	       walk->packet.to_port <= forward->vip_ports.last;
}

static void by_port_forward(struct walk *walk, const struct port_forward *forward)
{
	const struct port_range *to =
		forward->target_ports.first ? &forward->target_ports : &forward->vip_ports;
	AUTO(err_clear) struct err why = ERR_NONE;
	struct place_text was = walk_destination(walk);
	struct place vip, guest;

	if (port_forward_place(walk->document, walk->facts, forward, &vip, &guest, &why) < 0) {
		walk_step(walk, &forward->object, "rest", "%s rests: %s", forward->object.uuid,
			  err_text(&why));
		return;
	}
	if (forward->allowed_cidr.ip.family &&
	    !prefix_contains(&forward->allowed_cidr, &walk->packet.from)) {
		walk_say_missed(walk, forward);
		return;
	}
	walk->packet.to = forward->target;
	walk->packet.to_port += to->first - forward->vip_ports.first;
	walk->translated = true;
	walk_say_forwarded(walk, &forward->object, &was);
}

void walk_translate(struct walk *walk)
{
	const struct vip *vip = router_vip_at(walk->document, &walk->packet.to);

	if (!vip || !walk->in || walk->in->role == ROLE_MANAGEMENT)
		return;
	for (size_t i = 0; i < document_user_count(&vip->object) && !walk->translated; i++) {
		const struct object *user = document_user(&vip->object, i);

		if (is_of(user, SECTION_EIPS))
			by_eip(walk, (const void *)user);
		else if (is_of(user, SECTION_PORT_FORWARDS) && is_for(walk, (const void *)user))
			by_port_forward(walk, (const void *)user);
	}
}
