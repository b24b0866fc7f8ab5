/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_network.c - interfaces, DHCP, routes and the firewall. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/name.h"
#include "vrouter/document/check.h"

/* Two interfaces of one public network may share its subnet; everything else is apart. */
static int check_apart(const struct interface *interface, const struct interface *other,
		       struct err *err)
{
	const struct prefix *a, *b;

	if (strcmp(interface->network, other->network) == 0 && interface->role == ROLE_PUBLIC &&
	    other->role == ROLE_PUBLIC)
		return 0;
	if (interface->gateway.family && ip_equal(&interface->gateway, &other->gateway))
		return check_failed(err, "gateway", "%s is the gateway of %s too",
				    ip_text(&interface->gateway).s, object_text(&other->object).s);
	for (size_t i = 0; (a = interface_address(interface, i)); i++)
		for (size_t j = 0; (b = interface_address(other, j)); j++)
			if (prefix_overlaps(a, b))
				return check_failed(err, "addresses", "%s overlaps %s of %s",
						    prefix_text(a).s, prefix_text(b).s,
						    object_text(&other->object).s);
	return 0;
}

/* An address with the bits of its own network or broadcast cannot be anyone's. */
static int check_address(const struct prefix *address, struct err *err)
{
	struct prefix network = prefix_network(address);
	struct ip last = prefix_last(address);
	const char *path = "addresses";

	if (address->ip.family == 4 &&
	    (address->ip.bytes[0] >= 224 || !address->ip.bytes[0] || address->ip.bytes[0] == 127))
		return check_failed(err, path, "%s is no address of an interface",
				    prefix_text(address).s);
	if (address->length >= ip_bits(&address->ip) - 1)
		return 0;
	if (ip_equal(&network.ip, &address->ip))
		return check_failed(err, path, "%s is the network itself, not an address in it",
				    prefix_text(address).s);
	if (address->ip.family == 4 && ip_equal(&last, &address->ip))
		return check_failed(err, path, "%s is the network's broadcast address",
				    prefix_text(address).s);
	return 0;
}

static int check_role(const struct interface *interface, struct err *err)
{
	if (interface->default_route && interface->role != ROLE_PUBLIC)
		return check_failed(err, "default_route",
				    "only a public interface has the default route");
	if (interface->default_route && !interface->gateway.family)
		return check_failed(err, "gateway", "the default route needs a gateway");
	if (interface->snat && interface->role != ROLE_PRIVATE)
		return check_failed(err, "snat",
				    "only the sources of a private interface are translated");
	return 0;
}

static int check_vips(const struct document *document, const struct interface *interface,
		      struct err *err)
{
	const struct object *object;

	section_for_each (document, SECTION_VIPS, object)
		if (check_vip_beside((const void *)object, interface, err) < 0) {
			err_in(err, "%s", object_text(object).s);
			err_at(err, "addresses");
			return -EINVAL;
		}
	return 0;
}

int check_interface(const struct document *document, const struct object *object, struct err *err)
{
	const struct interface *interface = (const void *)object;
	const struct prefix *address;
	const struct object *other;

	if (interface->name && !name_is_link(interface->name))
		return check_failed(err, "name", "\"%s\" cannot be the name of a link",
				    interface->name);
	if (!interface->addresses.n)
		return check_failed(err, "addresses", "an interface has an address at least");
	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (check_address(address, err) < 0)
			return -EINVAL;
	if (interface->gateway.family && !interface_has_subnet_of(interface, &interface->gateway))
		return check_failed(err, "gateway", "%s is in no subnet of the interface",
				    ip_text(&interface->gateway).s);
	if (interface->gateway.family && interface->role != ROLE_PRIVATE &&
	    router_own_address(document, &interface->gateway))
		return check_failed(err, "gateway", "%s is the router's own address",
				    ip_text(&interface->gateway).s);
	if (check_role(interface, err) < 0)
		return -EINVAL;
	section_for_each (document, SECTION_INTERFACES, other)
		if (other != object && check_apart(interface, (const void *)other, err) < 0)
			return -EINVAL;
	return check_vips(document, interface, err);
}

static int check_dhcp_host(const struct document *document, const struct dhcp *dhcp, size_t i,
			   struct err *err)
{
	const struct dhcp_host *hosts = dhcp->hosts.items, *host = &hosts[i];
	const struct interface *interface = router_interface_of(document, &host->address);

	if (!interface || strcmp(interface->network, dhcp->network) != 0)
		return check_failed(err, "address", "%s is not on network %s",
				    ip_text(&host->address).s, dhcp->network);
	if (router_own_address(document, &host->address))
		return check_failed(err, "address", "%s is the router's own address",
				    ip_text(&host->address).s);
	if (host->hostname && !name_is_host(host->hostname))
		return check_failed(err, "hostname", "\"%s\" is not a host name", host->hostname);
	return 0;
}

/* Of hosts in an order in which equal ones are neighbours. */
struct host_order {
	const struct dhcp_host *host;
	size_t at;
};

static int by_mac(const void *a, const void *b)
{
	const struct host_order *one = a, *other = b;

	return memcmp(&one->host->mac, &other->host->mac, sizeof(struct mac));
}

static int by_address(const void *a, const void *b)
{
	const struct host_order *one = a, *other = b;

	return ip_compare(&one->host->address, &other->host->address);
}

static int check_hosts_differ(const struct dhcp *dhcp, struct err *err)
{
	static int (*const orders[])(const void *a, const void *b) = { by_mac, by_address };
	static const char *const what[] = { "mac", "address" };
	size_t n = dhcp->hosts.n;
	AUTO(free_ptr) struct host_order *order = mem_array(n, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[i] = (struct host_order){ (struct dhcp_host *)dhcp->hosts.items + i, i };
	for (size_t k = 0; k < ARRAY_SIZE(orders); k++) {
		qsort(order, n, sizeof(*order), orders[k]);
		for (size_t i = 1; i < n; i++) {
			size_t a = order[i - 1].at, b = order[i].at;

			if (orders[k](&order[i - 1], &order[i]))
				continue;
			check_failed(err, what[k], "hosts[%zu] has this %s too", a < b ? a : b,
				     what[k]);
			err_at(err, "hosts[%zu]", a < b ? b : a);
			return -EINVAL;
		}
	}
	return 0;
}

int check_dhcp(const struct document *document, const struct object *object, struct err *err)
{
	const struct dhcp *dhcp = (const void *)object;
	const struct interface *interface = router_network(document, dhcp->network);

	if (!interface || interface->role != ROLE_PRIVATE)
		return check_failed(err, "network", "no private interface is on network \"%s\"",
				    dhcp->network);
	if (dhcp->domain && !name_is_domain(dhcp->domain))
		return check_failed(err, "domain", "\"%s\" is not a domain name", dhcp->domain);
	for (size_t i = 0; i < dhcp->hosts.n; i++)
		if (check_dhcp_host(document, dhcp, i, err) < 0) {
			err_at(err, "hosts[%zu]", i);
			return -EINVAL;
		}
	return check_hosts_differ(dhcp, err);
}

int check_route(const struct document *document, const struct object *object, struct err *err)
{
	const struct route *route = (const void *)object;

	(void)document;
	if (route->type == ROUTE_STATIC && !route->next_hop.family)
		return check_failed(err, "next_hop", "a static route needs a next hop");
	if (route->type == ROUTE_BLACKHOLE && route->next_hop.family)
		return check_failed(err, "next_hop", "a blackhole has no next hop");
	if (route->next_hop.family && route->next_hop.family != route->destination.ip.family)
		return check_failed(err, "next_hop",
				    "destination and next hop are of two address families");
	return 0;
}

int check_firewall(const struct document *document, const struct object *object, struct err *err)
{
	const struct firewall_rule *rule = (const void *)object;
	bool has_ports = rule->protocol == FIREWALL_TCP || rule->protocol == FIREWALL_UDP;

	(void)document;
	if ((rule->source_ports.n || rule->destination_ports.n) && !has_ports)
		return check_failed(err,
				    rule->source_ports.n ? "source_ports" : "destination_ports",
				    "only tcp and udp have ports");
	if (rule->source.ip.family && rule->destination.ip.family &&
	    rule->source.ip.family != rule->destination.ip.family)
		return check_failed(err, "destination",
				    "source and destination are of two address families");
	return 0;
}
