/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a route can lead anywhere from here. One table may be meant for several routers: what
 * makes no sense on this one rests, and disturbs nothing. */
#include <errno.h>
#include <string.h>

#include "vrouter/document/place.h"

static const struct interface *owner_of_subnet(const struct document *document,
					       const struct facts *facts,
					       const struct prefix *subnet)
{
	const struct object *object;
	const struct prefix *address;
	struct place place;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface_place(facts, interface, &place, NULL) < 0)
			continue;
		for (size_t i = 0; (address = interface_address(interface, i)); i++)
			if (prefix_equal(address, subnet))
				return interface;
	}
	return NULL;
}

static bool is_own_address(const struct document *document, const struct ip *ip)
{
	const struct object *object;

	section_for_each (document, SECTION_INTERFACES, object)
		if (interface_has_address((const void *)object, ip))
			return true;
	return router_vip_at(document, ip) != NULL;
}

/* By the smallest subnet, as the kernel would; where two interfaces share it, by the first that is
 * there. */
static int next_hop_place(const struct document *document, const struct facts *facts,
			  const struct ip *next_hop, struct place *place, struct err *why)
{
	const struct interface *missing = NULL;
	const struct prefix *best = NULL;
	const struct object *object;
	struct place here;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;
		const struct prefix *subnet = interface_subnet_of(interface, next_hop);

		if (!subnet)
			continue;
		if (interface_place(facts, interface, &here, NULL) < 0) {
			missing = interface;
		} else if (!best || subnet->length > best->length) {
			best = subnet;
			*place = here;
		}
	}
	if (best)
		return 0;
	if (!missing)
		return err_set(why, -ENODEV, "next hop %s is on no connected subnet",
			       ip_text(next_hop).s);
	err_set(why, -ENODEV, "no NIC with MAC %s is there", mac_text(&missing->mac).s);
	return err_in(why, "next hop %s is on interface %s", ip_text(next_hop).s,
		      missing->object.uuid);
}

int route_place(const struct document *document, const struct facts *facts,
		const struct route *route, struct place *place, struct err *why)
{
	const struct interface *connected;

	*place = (struct place){ 0 };
	if (route->destination.ip.family != 4)
		return err_set(why, -EOPNOTSUPP, "ipv6_routing");
	connected = owner_of_subnet(document, facts, &route->destination);
	if (connected)
		return err_set(why, -ENODEV, "the destination is the connected subnet of %s",
			       connected->object.uuid);
	if (route->type == ROUTE_BLACKHOLE)
		return 0;
	if (is_own_address(document, &route->next_hop))
		return err_set(why, -ENODEV, "next hop %s is the router's own address",
			       ip_text(&route->next_hop).s);
	if (next_hop_place(document, facts, &route->next_hop, place, why) < 0)
		return -ENODEV;
	return 0;
}

bool route_admits(const struct document *document, const struct facts *facts,
		  const struct route *route, struct place *place)
{
	return route->type == ROUTE_STATIC && route->destination.length > 0 &&
	       route_place(document, facts, route, place, NULL) == 0 && place->interface &&
	       place->interface->role == ROLE_PUBLIC;
}

static bool is_wider(const struct route *route, const struct route *than)
{
	if (route->destination.length != than->destination.length)
		return route->destination.length < than->destination.length;
	return strcmp(route->object.uuid, than->object.uuid) < 0;
}

const struct route *router_admission(const struct document *document, const struct facts *facts,
				     const struct ip *ip, const struct interface *interface)
{
	const struct route *widest = NULL;
	const struct object *object;
	struct place place;

	section_for_each (document, SECTION_ROUTES, object) {
		const struct route *route = (const void *)object;

		if (prefix_contains(&route->destination, ip) &&
		    route_admits(document, facts, route, &place) && place.interface == interface &&
		    (!widest || is_wider(route, widest)))
			widest = route;
	}
	return widest;
}
