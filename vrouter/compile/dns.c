/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns.c - the forwarder that private networks ask at the router's own addresses. */
#include <stdio.h>

#include "vrouter/compile/services.h"
#include "vrouter/document/place.h"

/* A link that is not there yet has no address to listen at. */
static void listen_on(const struct facts *facts, const struct interface *interface,
		      const char *owner, struct item_set *items)
{
	struct place place;

	if (interface_place(facts, interface, &place, NULL) < 0)
		return;
	for (size_t i = 0; i < interface->addresses.n; i++) {
		const struct prefix *address = interface_address(interface, i);

		item_set_say(items, "dns.listen", owner, ip_text(&address->ip).s, "");
	}
}

void compile_dns(const struct document *document, const struct facts *facts, struct item_set *items,
		 struct notes *notes)
{
	const struct dns *dns = router_dns(document);
	const struct ip *forwarders;
	struct object *object;

	if (!dns)
		return;
	if (dns->forwarders.n == 0) {
		notes_say(notes, dns->object.uuid, NOTE_INACTIVE, "no forwarders");
		return;
	}
	forwarders = dns->forwarders.items;
	for (size_t i = 0; i < dns->forwarders.n; i++) {
		char order[24];

		snprintf(order, sizeof(order), "%03zu", i);
		item_set_say(items, "dns.forwarder", dns->object.uuid, order,
			     ip_text(&forwarders[i]).s);
	}
	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const struct interface *)object;

		if (interface->role == ROLE_PRIVATE)
			listen_on(facts, interface, dns->object.uuid, items);
	}
}
