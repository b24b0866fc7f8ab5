/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a packet may pass from one interface to another. */
#include "vrouter/explain/walk.h"

/* The static route that lets this source in by this interface. */
static const struct route *admitting(const struct walk *walk)
{
	const struct object *object;
	struct place place;

	section_for_each (walk->document, SECTION_ROUTES, object) {
		const struct route *route = (const void *)object;

		if (prefix_contains(&route->destination, &walk->packet.from) &&
		    route_admits(walk->document, walk->facts, route, &place) &&
		    place.interface == walk->in)
			return route;
	}
	return NULL;
}

static void from_outside(struct walk *walk)
{
	const struct route *route = admitting(walk);

	if (route && walk->out->role == ROLE_PRIVATE)
		walk_step(walk, &route->object, "filter", "%s leads back to the source: it may in",
			  route->object.uuid);
	else if (walk->out->role == ROLE_PRIVATE)
		walk_end(walk, "drop", "filter",
			 "nothing forwards %s, and no static route leads back to %s: private "
			 "networks are closed",
			 walk_destination(walk).s, ip_text(&walk->packet.from).s);
	else
		walk_end(walk, "drop", "filter", "nothing passes from a public interface to %s",
			 walk->out->object.uuid);
}

bool walk_is_forged(const struct walk *walk)
{
	return walk->in->role == ROLE_PUBLIC &&
	       router_interface_of(walk->document, &walk->packet.from) != NULL;
}

void walk_forward(struct walk *walk)
{
	if (walk->for_router || !walk->in)
		return;
	if (walk->in->role == ROLE_MANAGEMENT || walk->out->role == ROLE_MANAGEMENT)
		walk_end(walk, "drop", "filter", "the management network is passed by nobody");
	else if (walk->from_tunnel && walk->out->role == ROLE_PRIVATE)
		walk_step(walk, &walk->from_tunnel->object, "filter",
			  "what came out of a tunnel may pass to its networks");
	else if (walk_is_forged(walk))
		walk_end(walk, "drop", "filter",
			 "%s belongs to a private network and comes from %s",
			 ip_text(&walk->packet.from).s, walk->in->object.uuid);
	else if (walk->translated)
		walk_step(walk, &router_of(walk->document)->object, "filter",
			  "what was translated may pass");
	else if (walk->in->role == ROLE_PRIVATE)
		walk_step(walk, &router_of(walk->document)->object, "filter",
			  walk->out->role == ROLE_PRIVATE ? "private networks reach one another"
							  : "private networks may go out");
	else
		from_outside(walk);
}
