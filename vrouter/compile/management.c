/* SPDX-License-Identifier: GPL-2.0-or-later */
/* management.c - who asks from behind the management network's gateway is answered through it.
 *
 * Only the router itself speaks there, so its source address tells enough. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

static int addresses_of(const struct interface *interface)
{
	const struct prefix *address;
	int n = 0;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		n += address->ip.family == 4;
	return n;
}

/* The priority of the interface's first rule: those of all management addresses follow one
 * another. */
static int first_priority(const struct document *document, const struct interface *which)
{
	const struct object *object;
	int priority = RULE_MANAGEMENT;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface == which)
			break;
		if (interface->role == ROLE_MANAGEMENT)
			priority += addresses_of(interface);
	}
	return priority;
}

void compile_management(const struct compiler *compiler, const struct place *place)
{
	const struct interface *interface = place->interface;
	const struct prefix *address;
	int priority = first_priority(compiler->document, interface);

	if (!has_table(compiler, interface))
		return;
	for (size_t i = 0; (address = interface_address(interface, i)); i++) {
		AUTO(free_ptr) char *value = NULL;

		if (address->ip.family != 4)
			continue;
		value = mem_format("from %s/32 table %u", ip_text(&address->ip).s,
				   table_number(place->link));
		say(compiler, interface->object.uuid, "rule", value, "%d ip", priority++);
	}
	compile_table(compiler, place);
}
