/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As whom a packet leaves. */
#include "vrouter/explain/walk.h"

/* Guest and target share a subnet: the answer must come back here. */
static bool is_hairpin(const struct walk *walk)
{
	const struct prefix *address;

	if (!walk->translated || walk->out->role != ROLE_PRIVATE)
		return false;
	for (size_t i = 0; (address = interface_address(walk->out, i)); i++)
		if (interface_is_outermost(walk->out, i) &&
		    prefix_contains(address, &walk->packet.from) &&
		    prefix_contains(address, &walk->packet.to))
			return true;
	return false;
}

static const struct interface *snat_interface(const struct walk *walk)
{
	const struct interface *interface = router_interface_of(walk->document, &walk->packet.from);
	struct place place;

	return interface && interface->snat && interface_place(walk->facts, interface, &place, NULL) == 0 ? interface : NULL;
}

void walk_say_real_source(struct walk *walk, const struct object *route)
{
	walk_step(walk, route, "filter", "what %s leads to sees the real source", route->uuid);
}

static void say_leaves_as(struct walk *walk, const struct object *object, const struct ip_text *was,
			  const char *why)
{
	walk_step(walk, object, "snat", "%s leaves as %s: %s", was->s,
		  ip_text(&walk->packet.from).s, why);
}

void walk_say_hairpin(struct walk *walk, const struct ip_text *was)
{
	say_leaves_as(walk, &walk->out->object, was,
		      "or the target would answer its neighbour directly");
}

void walk_say_leaves_as_eip(struct walk *walk, const struct object *eip, const struct ip_text *was)
{
	say_leaves_as(walk, eip, was, "its elastic IP there");
}

void walk_say_leaves_translated(struct walk *walk, const struct object *home,
				const struct ip_text *was)
{
	say_leaves_as(walk, home, was, "the network's sources are translated");
}

static void translate_source(struct walk *walk)
{
	const struct route *route =
		router_admission(walk->document, walk->facts, &walk->packet.to, walk->out);
	const struct prefix *own = interface_main_address(walk->out);
	struct ip_text was = ip_text(&walk->packet.from);
	const struct interface *home;
	const struct eip *eip;

	if (route) {
		walk_say_real_source(walk, &route->object);
		return;
	}
	if (is_hairpin(walk)) {
		walk->packet.from = interface_subnet_of(walk->out, &walk->packet.to)->ip;
		walk_say_hairpin(walk, &was);
		return;
	}
	if (walk->out->role != ROLE_PUBLIC)
		return;
	eip = router_source_eip(walk->document, walk->facts, &walk->packet.from, walk->out);
	home = snat_interface(walk);
	if (eip) {
		walk->packet.from = router_vip(walk->document, eip->vip)->address;
		walk_say_leaves_as_eip(walk, &eip->object, &was);
	} else if (home && own) {
		walk->packet.from = own->ip;
		walk_say_leaves_translated(walk, &home->object, &was);
	}
}

void walk_say_leave(struct walk *walk)
{
	struct place place;

	interface_place(walk->facts, walk->out, &place, NULL);
	walk_step(walk, &walk->out->object, "leave", "leaves by %s (%s) to %s",
		  walk->out->object.uuid, place.link->name,
		  ip_text(walk->next_hop.family ? &walk->next_hop : &walk->packet.to).s);
	walk->verdict = "accept";
}

void walk_say_sealed(struct walk *walk, const struct ipsec *tunnel)
{
	walk_step(walk, &tunnel->object, "leave", "goes sealed from %s to %s, with its own source",
		  ip_text(&router_vip(walk->document, tunnel->vip)->address).s,
		  ip_text(&tunnel->remote_address).s);
	walk->verdict = "accept";
}

void walk_leave(struct walk *walk)
{
	if (walk->into_tunnel) {
		walk_say_sealed(walk, walk->into_tunnel);
		return;
	}
	translate_source(walk);
	walk_say_leave(walk);
}
