/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of object claims. 'sentence' says what is wrong if another has it, with one %s for
 * that one's uuid. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/claims.h"

/* Takes or gives back one claim after the other. */
struct claiming {
	struct claims *claims;
	const char *uuid;
	bool take;
	struct err *err;
};

static int say(const struct claiming *claiming, const char *sentence, const char *format, ...)
	PRINTF(3, 4);

static int say(const struct claiming *claiming, const char *sentence, const char *format, ...)
{
	AUTO(free_ptr) char *what = NULL;
	const char *holder, *place = strstr(sentence, "%s");
	va_list args;

	va_start(args, format);
	what = mem_vformat(format, args);
	va_end(args);
	if (!claiming->take)
		unclaim(claiming->claims, what, claiming->uuid);
	else if (claim(claiming->claims, what, claiming->uuid, &holder) < 0)
		return err_set(claiming->err, -EINVAL, "%.*s%s%s", (int)(place - sentence),
			       sentence, holder, place + 2);
	return 0;
}

static int interface_claims(const struct claiming *claiming, const void *object)
{
	const struct interface *interface = object;
	const struct prefix *address;
	int ret = say(claiming, "another interface, %s, has this MAC address", "mac %s",
		      mac_text(&interface->mac).s);

	if (ret == 0 && interface->default_route)
		ret = say(claiming, "%s has the default route already", "default-route");
	if (ret == 0 && interface->name)
		ret = say(claiming, "%s is to have this name too", "name %s", interface->name);
	for (size_t i = 0; ret == 0 && (address = interface_address(interface, i)); i++)
		ret = say(claiming, "%s has this address already", "address %s",
			  ip_text(&address->ip).s);
	return ret;
}

static int load_balancer_claims(const struct claiming *claiming, const void *object)
{
	const struct load_balancer *lb = object;
	const struct listener *listeners = lb->listeners.items;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < lb->listeners.n; i++) {
		ret = say(claiming, "a listener of %s has this uuid already", "listener %s",
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

	return say(claiming, "%s has this destination and priority already", "route %s %lld",
		   prefix_text(&network).s, (long long)route->priority);
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
	{ SECTION_LOAD_BALANCERS, load_balancer_claims },
	{ SECTION_IPSEC, ipsec_claims },
	{ SECTION_ROUTES, route_claims },
	{ SECTION_FIREWALL, firewall_claims },
};

static int each_claim(const struct claiming *claiming, const struct object *object)
{
	for (size_t i = 0; i < ARRAY_SIZE(claimers); i++)
		if (strcmp(claimers[i].section, object->section->name) == 0)
			return claimers[i].claims(claiming, object);
	return 0;
}

int claims_take(struct claims *claims, const struct object *object, struct err *err)
{
	const struct claiming claiming = { claims, object->uuid, true, err };
	int ret = each_claim(&claiming, object);

	if (ret < 0)
		claims_give(claims, object);
	return ret;
}

void claims_give(struct claims *claims, const struct object *object)
{
	const struct claiming claiming = { claims, object->uuid, false, NULL };

	each_claim(&claiming, object);
}
