/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route.c - the user's routes, and what passes because of them. */
#include <string.h>

#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

static void say_route(const struct compiler *compiler, const struct route *route,
		      unsigned int table, const char *value)
{
	struct prefix network = prefix_network(&route->destination);

	say(compiler, route->object.uuid, "route", value, "%u %s %lld", table,
	    prefix_text(&network).s, (long long)route->priority);
}

/* The interfaces' own tables have no way round a blackhole. */
static void say_blackhole(const struct compiler *compiler, const struct route *route)
{
	const struct object *object;
	struct place place;

	say_route(compiler, route, ROUTE_TABLE_MAIN, "blackhole");
	section_for_each (compiler->document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (has_table(compiler, interface) &&
		    interface_place(compiler->facts, interface, &place, NULL) == 0)
			say_route(compiler, route, table_number(place.link), "blackhole");
	}
}

/* Whether 'other' has its destination in the set and 'route' is inside of it: a set of prefixes has
 * no two that overlap. */
static bool is_covered_by(const struct compiler *compiler, const struct route *route,
			  const struct place *place, const struct route *other)
{
	const struct prefix *inner = &route->destination, *outer = &other->destination;
	struct place other_place;

	if (outer->length > inner->length || !prefix_contains(outer, &inner->ip))
		return false;
	if (outer->length == inner->length && strcmp(other->object.uuid, route->object.uuid) >= 0)
		return false;
	return route_admits(compiler->document, compiler->facts, other, &other_place) &&
	       other_place.link == place->link;
}

static void say_admission(const struct compiler *compiler, const struct route *route)
{
	const struct object *object;
	struct place place;

	if (!route_admits(compiler->document, compiler->facts, route, &place))
		return;
	section_for_each (compiler->document, SECTION_ROUTES, object)
		if (is_covered_by(compiler, route, &place, (const void *)object))
			return;
	say_element(compiler, route->object.uuid, "routed", "", "%s . %s", place.link->name,
		    network_text(&route->destination).s);
}

void compile_route(const struct compiler *compiler, const struct object *object)
{
	const struct route *route = (const void *)object;
	struct err why = ERR_NONE;
	struct place place;
	AUTO(free_ptr) char *value = NULL;

	if (route_place(compiler->document, compiler->facts, route, &place, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	if (route->type == ROUTE_BLACKHOLE) {
		say_blackhole(compiler, route);
		return;
	}
	value = mem_format("via %s dev %s", ip_text(&route->next_hop).s, place.link->name);
	say_route(compiler, route, ROUTE_TABLE_MAIN, value);
	if (has_table(compiler, place.interface))
		say_route(compiler, route, table_number(place.link), value);
	say_admission(compiler, route);
}
