/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which interface a packet comes, and whether it may come there with its source. */
#include <errno.h>
#include <string.h>

#include "vrouter/explain/walk.h"

static const char *const role_names[] = {
	[ROLE_PUBLIC] = "public",
	[ROLE_MANAGEMENT] = "management",
	[ROLE_PRIVATE] = "private",
};

bool walk_is_own_address(const struct walk *walk, const struct ip *ip)
{
	const struct object *object;
	struct place place;
	const struct vip *vip;

	section_for_each (walk->document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface_has_address(interface, ip) &&
		    interface_place(walk->facts, interface, &place, NULL) == 0)
			return true;
	}
	vip = router_vip_at(walk->document, ip);
	return vip && vip_place(walk->document, walk->facts, vip, &place, NULL) == 0;
}

static const struct interface *find_interface(const struct walk *walk, const char *name)
{
	const struct object *object;
	struct place place;

	section_for_each (walk->document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (strcmp(object->uuid, name) == 0 ||
		    (interface_place(walk->facts, interface, &place, NULL) == 0 &&
		     strcmp(place.link->name, name) == 0))
			return interface;
	}
	return NULL;
}

static int choose(struct walk *walk, struct err *err)
{
	struct ip next_hop;

	if (walk->packet.interface) {
		walk->in = find_interface(walk, walk->packet.interface);
		if (walk->in)
			return 0;
		err_set(err, -EINVAL, "there is no interface \"%s\"", walk->packet.interface);
		return err_at(err, "interface");
	}
	if (walk_is_own_address(walk, &walk->packet.from))
		return 0;
	walk_lookup(walk, &walk->packet.from, false, &walk->in, &next_hop);
	if (!walk->in)
		walk->in = router_default_interface(walk->document);
	if (!walk->in)
		return err_set(err, -EINVAL, "%s is behind none of the interfaces; name one",
			       ip_text(&walk->packet.from).s);
	return 0;
}

static bool is_asking_for_address(const struct packet *packet)
{
	static const struct ip nobody = { 4, { 0 } }, all = { 4, { 255, 255, 255, 255 } };

	return ip_equal(&packet->from, &nobody) && ip_equal(&packet->to, &all);
}

void walk_say_own_source(struct walk *walk)
{
	walk_end(walk, "drop", "filter", "%s is the router's own address",
		 ip_text(&walk->packet.from).s);
}

void walk_say_not_reached(struct walk *walk)
{
	walk_step(walk, &walk->in->object, "drop",
		  "%s is not reached through %s: a private interface takes no other source",
		  ip_text(&walk->packet.from).s, walk->in->object.uuid);
	walk->verdict = "drop";
}

/* The kernel's own: nobody else has the router's address, and by the reverse path filter a private
 * network sends only what would be sent to it. */
void walk_check_source(struct walk *walk)
{
	const struct interface *back = NULL;
	struct ip next_hop;

	if (!walk->in)
		return;
	if (walk_is_own_address(walk, &walk->packet.from)) {
		walk_say_own_source(walk);
		return;
	}
	if (walk->in->role != ROLE_PRIVATE || is_asking_for_address(&walk->packet))
		return;
	walk_lookup(walk, &walk->packet.from, false, &back, &next_hop);
	if (back != walk->in)
		walk_say_not_reached(walk);
}

void walk_say_own(struct walk *walk)
{
	walk_step(walk, &router_of(walk->document)->object, "enter", "the router itself sends it");
}

void walk_say_enter(struct walk *walk, const struct place *place)
{
	walk_step(walk, &place->interface->object, "enter", "comes in by %s (%s, %s)",
		  place->interface->object.uuid, place->link->name,
		  role_names[place->interface->role]);
}

int walk_enter(struct walk *walk, struct err *err)
{
	AUTO(err_clear) struct err why = ERR_NONE;
	struct place place;

	if (choose(walk, err) < 0)
		return err ? err->code : -EINVAL;
	if (!walk->in) {
		walk_say_own(walk);
	} else if (interface_place(walk->facts, walk->in, &place, &why) < 0) {
		walk_step(walk, &walk->in->object, "drop", "%s rests: %s", walk->in->object.uuid,
			  err_text(&why));
		walk->verdict = "drop";
	} else {
		walk_say_enter(walk, &place);
		if (walk->packet.to.family != 4)
			walk_end(walk, "drop", "filter", "IPv6 is closed");
	}
	return 0;
}
