/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - an interface's own routing table: its subnets, what the user routes through it, its
 * gateway. Answers leave by it where they were asked, whatever the main table says. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

unsigned int table_number(const struct facts_link *link)
{
	return ROUTE_TABLE_FIRST + (unsigned int)link->index;
}

bool has_table(const struct compiler *compiler, const struct interface *interface)
{
	switch ((enum interface_role)interface->role) {
	case ROLE_PUBLIC:
		return router_publics(compiler->document, compiler->facts) > 1;
	case ROLE_MANAGEMENT:
		return interface->gateway.family == 4;
	case ROLE_PRIVATE:
		break;
	}
	return false;
}

void say_gateway(const struct compiler *compiler, const struct place *place, unsigned int table)
{
	const struct interface *interface = place->interface;
	const struct prefix *source = interface_subnet_of(interface, &interface->gateway);
	AUTO(free_ptr) char *value = NULL;

	if (interface->gateway.family != 4 || !source)
		return;
	value = mem_format("via %s dev %s src %s", ip_text(&interface->gateway).s,
			   place->link->name, ip_text(&source->ip).s);
	say(compiler, interface->object.uuid, "route", value, "%u 0.0.0.0/0 %d", table,
	    ROUTE_METRIC_DEFAULT);
}

static void say_connected(const struct compiler *compiler, const struct place *place)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(place->interface, i)); i++) {
		struct prefix network = prefix_network(address);
		AUTO(free_ptr) char *value = NULL;

		if (address->ip.family != 4)
			continue;
		value = mem_format("dev %s src %s", place->link->name, ip_text(&address->ip).s);
		say(compiler, place->interface->object.uuid, "route", value, "%u %s 0",
		    table_number(place->link), prefix_text(&network).s);
	}
}

void compile_table(const struct compiler *compiler, const struct place *place)
{
	say_connected(compiler, place);
	say_gateway(compiler, place, table_number(place->link));
}
