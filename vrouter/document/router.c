/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's document as a type, and typed ways into it. */
#include "vrouter/document/router.h"

#include <string.h>

#include "vrouter/document/check.h"
#include "vrouter/document/fields.h"

#define SECTION(name, fields, type, ...)                       \
	{                                                      \
		name, fields, sizeof(struct type), __VA_ARGS__ \
	}

static const struct section_type sections[] = {
	SECTION(SECTION_ROUTER, router_fields, router, .single = true, .doc = "The router itself."),
	SECTION(SECTION_INTERFACES, interface_fields, interface, .single = false,
		.doc = "NICs, found by their MAC addresses, and what they are for. Subnets and "
		       "gateways of different networks do not overlap."),
	SECTION(SECTION_DNS, dns_fields, dns, .single = true,
		.doc = "The resolver that the private networks use; it asks the forwarders."),
	SECTION(SECTION_DHCP, dhcp_fields, dhcp, .single = false,
		.doc = "Leases for guests of private networks, where the router gives them out."),
	SECTION(SECTION_VIPS, vip_fields, vip, .single = false,
		.doc = "Addresses of public networks that services stand on."),
	SECTION(SECTION_EIPS, eip_fields, eip, .single = false,
		.doc = "Elastic IPs: a VIP that is one guest, in both directions, for all "
		       "protocols. It shares the VIP with nothing."),
	SECTION(SECTION_PORT_FORWARDS, port_forward_fields, port_forward, .single = false,
		.doc = "Ports of a VIP that lead to a guest; the client's address is kept. A guest "
		       "has them on one VIP only."),
	SECTION(SECTION_LOAD_BALANCERS, load_balancer_fields, load_balancer, .single = false,
		.doc = "Listeners on a VIP, each spreading its connections over members and "
		       "checking their health. A port number of a VIP is one service's only."),
	SECTION(SECTION_CERTIFICATES, certificate_fields, certificate, .single = false,
		.doc = "Certificates with their keys, for https listeners."),
	SECTION(SECTION_IPSEC, ipsec_fields, ipsec, .single = false,
		.doc = "Site-to-site tunnels on a VIP, by pre-shared key."),
	SECTION(SECTION_ROUTES, route_fields, route, .single = false,
		.doc = "Routes of the user's own. One whose next hop or destination is the "
		       "router's own network rests."),
	SECTION(SECTION_FIREWALL, firewall_fields, firewall_rule, .single = false,
		.doc = "Rules of an interface, before the router's own. What none of them decides "
		       "goes on to those."),
	SECTION(SECTION_HA, ha_fields, object, .single = true,
		.doc = "Reserved for router pairs; null."),
	{ .name = NULL },
};

const struct document_type router_document = {
	.name = "router",
	.sections = sections,
	.index_new = router_index_new,
	.index_free = router_index_free,
	.add = router_index_add,
	.remove = router_index_remove,
	.check = router_check,
	.concerns_all = router_index_concerns_all,
};

const struct router *router_of(const struct document *document)
{
	return (const void *)document_single(document, SECTION_ROUTER);
}

const struct dns *router_dns(const struct document *document)
{
	return (const void *)document_single(document, SECTION_DNS);
}

const struct vip *router_vip(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_VIPS, uuid);
}

const struct interface *router_network(const struct document *document, const char *network)
{
	const struct object *object;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (strcmp(interface->network, network) == 0)
			return interface;
	}
	return NULL;
}

const struct prefix *interface_address(const struct interface *interface, size_t i)
{
	const struct prefix *addresses = interface->addresses.items;

	return i < interface->addresses.n ? &addresses[i] : NULL;
}

const struct interface *router_interface_of(const struct document *document, const struct ip *ip)
{
	const struct object *object;
	const struct prefix *address;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->role != ROLE_PRIVATE)
			continue;
		for (size_t i = 0; (address = interface_address(interface, i)); i++)
			if (prefix_contains(address, ip))
				return interface;
	}
	return NULL;
}

const struct interface *router_own_address(const struct document *document, const struct ip *ip)
{
	const struct object *object;
	const struct prefix *address;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		for (size_t i = 0; (address = interface_address(interface, i)); i++)
			if (ip_equal(&address->ip, ip))
				return interface;
	}
	return NULL;
}

const struct interface *router_default_interface(const struct document *document)
{
	const struct interface *first = NULL;
	const struct object *object;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->default_route)
			return interface;
		if (!first && interface->role == ROLE_PUBLIC && interface->gateway.family)
			first = interface;
	}
	return first;
}
