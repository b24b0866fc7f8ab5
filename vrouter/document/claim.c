/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of object claims. */
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/index.h"

struct claiming {
	claim_fn *each;
	void *data;
};

static int say(const struct claiming *claiming, const char *sentence, const char *format, ...)
	PRINTF(3, 4);

static int say(const struct claiming *claiming, const char *sentence, const char *format, ...)
{
	AUTO(free_ptr) char *what = NULL;
	va_list args;

	va_start(args, format);
	what = mem_vformat(format, args);
	va_end(args);
	return claiming->each(claiming->data, what, sentence);
}

static int interface_claims(const struct claiming *claiming, const void *object)
{
	const struct interface *interface = object;
	const struct prefix *addresses = interface->addresses.items;
	int ret = say(claiming, "another interface, %s, has this MAC address", "mac %s",
		      mac_text(&interface->mac).s);

	if (ret == 0 && interface->default_route)
		ret = say(claiming, "%s has the default route already", "default-route");
	if (ret == 0 && interface->name)
		ret = say(claiming, "%s is to have this name too", "name %s", interface->name);
	for (size_t i = 0; ret == 0 && i < interface->addresses.n; i++)
		ret = say(claiming, "%s has this address already", "address %s",
			  ip_text(&addresses[i].ip).s);
	return ret;
}

static int vip_claims(const struct claiming *claiming, const void *object)
{
	const struct vip *vip = object;
	int ret = say(claiming, "%s has this address already", "vip %s", ip_text(&vip->address).s);

	if (ret == 0 && !vip->system)
		ret = say(claiming,
			  "this is an address of the router's own, of %s: only a system VIP has it",
			  "address %s", ip_text(&vip->address).s);
	return ret;
}

static int port_forward_claims(const struct claiming *claiming, const void *object)
{
	const struct port_forward *forward = object;
	int ret = 0;

	for (unsigned int port = forward->vip_ports.first;
	     ret == 0 && port <= forward->vip_ports.last; port++)
		ret = say(claiming, "%s forwards this port of the VIP already", "forward %s %d %u",
			  forward->vip, forward->protocol, port);
	return ret;
}

static int load_balancer_claims(const struct claiming *claiming, const void *object)
{
	const struct load_balancer *lb = object;
	const struct listener *listeners = lb->listeners.items;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < lb->listeners.n; i++) {
		ret = say(claiming, "%s listens on this port of the VIP already", "listen %s %lld",
			  lb->vip, (long long)listeners[i].port);
		if (ret == 0)
			ret = say(claiming, "a listener of %s has this uuid", "listener %s",
				  listeners[i].uuid);
	}
	return ret;
}

static int route_claims(const struct claiming *claiming, const void *object)
{
	const struct route *route = object;
	struct prefix network = prefix_network(&route->destination);

	return say(claiming, "%s has this destination and priority already", "route %s %lld",
		   prefix_text(&network).s, (long long)route->priority);
}

static int eip_claims(const struct claiming *claiming, const void *object)
{
	const struct eip *eip = object;

	return say(claiming, "%s, an elastic IP, has this VIP already", "eip %s", eip->vip);
}

static int ipsec_claims(const struct claiming *claiming, const void *object)
{
	const struct ipsec *ipsec = object;

	return say(claiming, "%s has a tunnel between this VIP and this peer already",
		   "tunnel %s %s", ipsec->vip, ip_text(&ipsec->remote_address).s);
}

static int firewall_claims(const struct claiming *claiming, const void *object)
{
	const struct firewall_rule *rule = object;

	return say(claiming, "%s has this interface, direction and priority already",
		   "rule %s %d %lld", rule->interface, rule->direction, (long long)rule->priority);
}

static int dhcp_claims(const struct claiming *claiming, const void *object)
{
	const struct dhcp *dhcp = object;

	return say(claiming, "%s serves this network already", "dhcp %s", dhcp->network);
}

static const struct {
	const char *section;
	int (*claims)(const struct claiming *claiming, const void *object);
} claimers[] = {
	{ SECTION_INTERFACES, interface_claims },
	{ SECTION_DHCP, dhcp_claims },
	{ SECTION_VIPS, vip_claims },
	{ SECTION_EIPS, eip_claims },
	{ SECTION_PORT_FORWARDS, port_forward_claims },
	{ SECTION_LOAD_BALANCERS, load_balancer_claims },
	{ SECTION_IPSEC, ipsec_claims },
	{ SECTION_ROUTES, route_claims },
	{ SECTION_FIREWALL, firewall_claims },
};

int object_claims(const struct object *object, claim_fn *each, void *data)
{
	const struct claiming claiming = { each, data };

	for (size_t i = 0; i < ARRAY_SIZE(claimers); i++)
		if (strcmp(claimers[i].section, object->section->name) == 0)
			return claimers[i].claims(&claiming, object);
	return 0;
}
