/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a packet belongs to a tunnel. One that comes from a peer's networks is taken as come
 * through the tunnel unless the question names the interface, or it is for a VIP: then it is there
 * in the clear. */
#include "vrouter/explain/walk.h"

static bool is_public(const struct interface *interface)
{
	return interface && interface->role == ROLE_PUBLIC;
}

void walk_say_came_through(struct walk *walk, const struct ipsec *tunnel)
{
	walk_step(walk, &tunnel->object, "enter", "came through the tunnel from %s",
		  ip_text(&tunnel->remote_address).s);
}

void walk_say_in_clear(struct walk *walk, const struct object *tunnel)
{
	walk_step(walk, tunnel, "drop", "%s is behind the peer of %s and comes in the clear",
		  ip_text(&walk->packet.from).s, tunnel->uuid);
	walk->verdict = "drop";
}

void walk_say_no_local(struct walk *walk, const struct object *tunnel)
{
	walk_step(walk, tunnel, "drop",
		  "%s is behind the peer of %s, and %s is in none of its local_cidrs",
		  ip_text(&walk->packet.to).s, tunnel->uuid, ip_text(&walk->packet.from).s);
	walk->verdict = "drop";
}

static void come_out(struct walk *walk)
{
	const struct ipsec *ipsec =
		router_tunnel(walk->document, walk->facts, &walk->packet.to, &walk->packet.from);

	if (!ipsec)
		return;
	if (walk->packet.interface || walk->translated) {
		walk_say_in_clear(walk, &ipsec->object);
		return;
	}
	walk->from_tunnel = ipsec;
	walk_say_came_through(walk, ipsec);
}

static void go_in(struct walk *walk)
{
	const struct ipsec *ipsec =
		router_tunnel(walk->document, walk->facts, &walk->packet.from, &walk->packet.to);

	if (ipsec) {
		walk->into_tunnel = ipsec;
		return;
	}
	ipsec = router_tunnel(walk->document, walk->facts, NULL, &walk->packet.to);
	if (!ipsec)
		return;
	walk_say_no_local(walk, &ipsec->object);
}

void walk_tunnel(struct walk *walk)
{
	if (!walk->in || walk->for_router)
		return;
	if (is_public(walk->in))
		come_out(walk);
	if (is_public(walk->out) && !walk->verdict)
		go_in(walk);
}
