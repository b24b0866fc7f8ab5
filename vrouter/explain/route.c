/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a packet goes: to the router itself, along a connected subnet, a route, or the default. */
#include <string.h>

#include "vrouter/explain/walk.h"

struct candidate {
	const struct object *object;
	const struct interface *out;
	struct ip next_hop;
	int length; /* -1: nothing yet. */
	int64_t metric;
};

#define METRIC_DEFAULT 255

static void consider(struct candidate *best, const struct object *object,
		     const struct interface *out, const struct ip *next_hop, int length,
		     int64_t metric)
{
	if (length < best->length || (length == best->length && metric >= best->metric))
		return;
	*best = (struct candidate){
		.object = object, .out = out, .length = length, .metric = metric
	};
	if (next_hop)
		best->next_hop = *next_hop;
}

static void consider_connected(const struct walk *walk, const struct ip *ip, struct candidate *best)
{
	const struct object *object;
	struct place place;

	section_for_each (walk->document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;
		const struct prefix *subnet = interface_subnet_of(interface, ip);

		if (subnet && interface_place(walk->facts, interface, &place, NULL) == 0)
			consider(best, object, interface, NULL, subnet->length, 0);
	}
}

static void consider_routes(const struct walk *walk, const struct ip *ip, struct candidate *best)
{
	const struct object *object;
	struct place place;

	section_for_each (walk->document, SECTION_ROUTES, object) {
		const struct route *route = (const void *)object;

		if (prefix_contains(&route->destination, ip) &&
		    route_place(walk->document, walk->facts, route, &place, NULL) == 0)
			consider(best, object, place.interface, &route->next_hop,
				 route->destination.length, route->priority);
	}
}

static void consider_default(const struct walk *walk, struct candidate *best)
{
	const struct interface *interface = router_default_interface(walk->document);
	struct place place;

	if (interface && interface->gateway.family == 4 &&
	    interface_place(walk->facts, interface, &place, NULL) == 0)
		consider(best, &interface->object, interface, &interface->gateway, 0,
			 METRIC_DEFAULT);
}

const struct object *walk_lookup(const struct walk *walk, const struct ip *ip, bool beside_default,
				 const struct interface **out, struct ip *next_hop)
{
	struct candidate best = { .length = -1 };

	consider_connected(walk, ip, &best);
	consider_routes(walk, ip, &best);
	consider_default(walk, &best);
	if (beside_default && best.length == 0)
		best = (struct candidate){ .length = -1 };
	*out = best.out;
	*next_hop = best.next_hop;
	return best.object;
}

/* A guest whose first elastic IP is on another interface than the default leaves by that one. */
static const struct eip *by_eip(struct walk *walk)
{
	const struct eip *eip;
	struct place vip, guest;

	if (!walk->in || walk->in->role != ROLE_PRIVATE ||
	    router_publics(walk->document, walk->facts) <= 1)
		return NULL;
	eip = router_source_eip(walk->document, walk->facts, &walk->packet.from, NULL);
	if (!eip || eip_place(walk->document, walk->facts, eip, &vip, &guest, NULL) < 0 ||
	    vip.interface->gateway.family != 4 ||
	    vip.interface == router_default_interface(walk->document))
		return NULL;
	walk->out = vip.interface;
	walk->next_hop = vip.interface->gateway;
	return eip;
}

void walk_say_route_of_eip(struct walk *walk, const struct object *eip)
{
	walk_step(walk, eip, "route", "goes out where %s is: by %s, to its gateway %s", eip->uuid,
		  walk->out->object.uuid, ip_text(&walk->next_hop).s);
}

void walk_say_blackhole(struct walk *walk, const struct object *route)
{
	walk_step(walk, route, "drop", "%s is in %s, a blackhole", ip_text(&walk->packet.to).s,
		  prefix_text(&((const struct route *)(const void *)route)->destination).s);
	walk->verdict = "drop";
}

void walk_say_no_route(struct walk *walk)
{
	walk_end(walk, "reject", "route", "no route leads to %s: the sender is told so",
		 ip_text(&walk->packet.to).s);
}

void walk_say_route(struct walk *walk, const struct object *object)
{
	const char *out = walk->out->object.uuid;

	if (strcmp(object->section->name, SECTION_ROUTES) == 0)
		walk_step(walk, object, "route", "%s is in %s: by %s, to %s",
			  ip_text(&walk->packet.to).s,
			  prefix_text(&((const struct route *)(const void *)object)->destination).s,
			  out, ip_text(&walk->next_hop).s);
	else if (walk->next_hop.family)
		walk_step(walk, object, "route", "the default route: by %s, to its gateway %s", out,
			  ip_text(&walk->next_hop).s);
	else
		walk_step(walk, object, "route", "%s is in a subnet of %s",
			  ip_text(&walk->packet.to).s, out);
}

/* To all, or to a group: nothing that is passed on. */
static bool is_broadcast(const struct walk *walk, const struct ip *ip)
{
	const struct object *object;
	const struct prefix *address;

	if (ip->family == 4 && ip->bytes[0] >= 224)
		return true;
	section_for_each (walk->document, SECTION_INTERFACES, object)
		for (size_t i = 0; (address = interface_address((const void *)object, i)); i++) {
			struct ip last = prefix_last(address);

			if (address->length < 31 && ip_equal(&last, ip))
				return true;
		}
	return false;
}

void walk_route(struct walk *walk)
{
	const struct eip *eip = NULL;
	const struct object *object;

	if (is_broadcast(walk, &walk->packet.to) || walk_is_own_address(walk, &walk->packet.to)) {
		walk->for_router = true;
		walk_check_source(walk);
		return;
	}
	object = walk_lookup(walk, &walk->packet.to, true, &walk->out, &walk->next_hop);
	if (!object)
		eip = by_eip(walk);
	if (!object && !eip)
		object = walk_lookup(walk, &walk->packet.to, false, &walk->out, &walk->next_hop);
	if (!object && !eip) {
		walk_say_no_route(walk);
		return;
	}
	if (!walk->out) {
		walk_say_blackhole(walk, object);
		return;
	}
	walk_check_source(walk);
	if (walk->verdict)
		return;
	if (eip)
		walk_say_route_of_eip(walk, &eip->object);
	else
		walk_say_route(walk, object);
}
