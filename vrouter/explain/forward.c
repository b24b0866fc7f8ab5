/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a packet may pass from one interface to another. */
#include "vrouter/explain/walk.h"

void walk_say_admitted(struct walk *walk, const struct object *route)
{
	walk_step(walk, route, "filter", "%s leads back to the source: it may in", route->uuid);
}

void walk_say_closed(struct walk *walk)
{
	if (walk->out && walk->out->role == ROLE_PRIVATE)
		walk_end(walk, "drop", "filter",
			 "nothing forwards %s, and no static route leads back to %s: private "
			 "networks are closed",
			 walk_destination(walk).s, ip_text(&walk->packet.from).s);
	else
		walk_end(walk, "drop", "filter", "nothing passes from a public interface to %s",
			 walk->out ? walk->out->object.uuid : "this link");
}

static void from_outside(struct walk *walk)
{
	const struct route *route =
		router_admission(walk->document, walk->facts, &walk->packet.from, walk->in);

	if (route && walk->out->role == ROLE_PRIVATE)
		walk_say_admitted(walk, &route->object);
	else
		walk_say_closed(walk);
}

bool walk_is_forged(const struct walk *walk)
{
	return walk->in->role == ROLE_PUBLIC &&
	       router_interface_of(walk->document, &walk->packet.from) != NULL;
}

void walk_say_forged(struct walk *walk)
{
	walk_end(walk, "drop", "filter", "%s belongs to a private network and comes from %s",
		 ip_text(&walk->packet.from).s, walk->in->object.uuid);
}

void walk_say_management(struct walk *walk)
{
	walk_end(walk, "drop", "filter", "the management network is passed by nobody");
}

void walk_say_out_of_tunnel(struct walk *walk, const struct object *tunnel)
{
	walk_step(walk, tunnel, "filter", "what came out of a tunnel may pass to its networks");
}

static void say_router(struct walk *walk, const char *what)
{
	walk_step(walk, &router_of(walk->document)->object, "filter", "%s", what);
}

void walk_say_translated(struct walk *walk)
{
	say_router(walk, "what was translated may pass");
}

void walk_say_between(struct walk *walk)
{
	say_router(walk, "private networks reach one another");
}

void walk_say_out(struct walk *walk)
{
	say_router(walk, "private networks may go out");
}

void walk_forward(struct walk *walk)
{
	if (walk->for_router || !walk->in)
		return;
	if (walk->in->role == ROLE_MANAGEMENT || walk->out->role == ROLE_MANAGEMENT)
		walk_say_management(walk);
	else if (walk->from_tunnel && walk->out->role == ROLE_PRIVATE)
		walk_say_out_of_tunnel(walk, &walk->from_tunnel->object);
	else if (walk_is_forged(walk))
		walk_say_forged(walk);
	else if (walk->translated)
		walk_say_translated(walk);
	else if (walk->in->role == ROLE_PRIVATE && walk->out->role == ROLE_PRIVATE)
		walk_say_between(walk);
	else if (walk->in->role == ROLE_PRIVATE)
		walk_say_out(walk);
	else
		from_outside(walk);
}
