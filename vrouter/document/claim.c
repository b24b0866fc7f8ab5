/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim.c - what each kind of object claims, so that no other can have it. */
#include <string.h>

#include "vrouter/document/index.h"

static int interface_claims(const struct claiming *claiming, const void *object)
{
	const struct interface *interface = object;
	const struct prefix *address;
	int ret = claims_say(claiming, "%s has this MAC address already", "mac %s",
			     mac_text(&interface->mac).s);

	if (ret == 0 && interface->default_route)
		ret = claims_say(claiming, "%s has the default route already", "default-route");
	if (ret == 0 && interface->name)
		ret = claims_say(claiming, "%s is to have this name too", "name %s",
				 interface->name);
	for (size_t i = 0; ret == 0 && (address = interface_address(interface, i)); i++)
		ret = claims_say(claiming, "%s has this address already", "address %s",
				 ip_text(&address->ip).s);
	return ret;
}

static int load_balancer_claims(const struct claiming *claiming, const void *object)
{
	const struct load_balancer *lb = object;
	const struct listener *listeners = lb->listeners.items;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < lb->listeners.n; i++) {
		ret = claims_say(claiming, "a listener of %s has this uuid already", "listener %s",
				 listeners[i].uuid);
		if (ret < 0) {
			err_at(claiming->err, "listeners[%zu].uuid", i);
			return ret;
		}
	}
	return ret;
}

static int route_claims(const struct claiming *claiming, const void *object)
{
	const struct route *route = object;
	struct prefix network = prefix_network(&route->destination);

	return claims_say(claiming, "%s has this destination and priority already", "route %s %lld",
			  prefix_text(&network).s, (long long)route->priority);
}

static int ipsec_claims(const struct claiming *claiming, const void *object)
{
	const struct ipsec *ipsec = object;

	return claims_say(claiming, "%s has a tunnel between this VIP and this peer already",
			  "tunnel %s %s", ipsec->vip, ip_text(&ipsec->remote_address).s);
}

static int firewall_claims(const struct claiming *claiming, const void *object)
{
	const struct firewall_rule *rule = object;

	return claims_say(claiming, "%s has this interface, direction and priority already",
			  "rule %s %d %lld", rule->interface, rule->direction,
			  (long long)rule->priority);
}

static int dhcp_claims(const struct claiming *claiming, const void *object)
{
	const struct dhcp *dhcp = object;

	return claims_say(claiming, "%s serves this network already", "dhcp %s", dhcp->network);
}

static const struct {
	const char *section;
	int (*claims)(const struct claiming *claiming, const void *object);
} claimers[] = {
	{ SECTION_INTERFACES, interface_claims },
	{ SECTION_DHCP, dhcp_claims },
	{ SECTION_LOAD_BALANCERS, load_balancer_claims },
	{ SECTION_IPSEC, ipsec_claims },
	{ SECTION_ROUTES, route_claims },
	{ SECTION_FIREWALL, firewall_claims },
};

int router_claims(const struct claiming *claiming, const struct object *object)
{
	for (size_t i = 0; i < ARRAY_SIZE(claimers); i++)
		if (strcmp(claimers[i].section, object->section->name) == 0)
			return claimers[i].claims(claiming, object);
	return 0;
}
