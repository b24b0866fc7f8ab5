/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.c - networks and routers, beside what they refer to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostnet/document/index.h"
#include "lib/base/name.h"

int check_failed(struct err *err, const char *path, const char *format, ...)
{
	AUTO(free_ptr) char *text = NULL;
	va_list args;

	va_start(args, format);
	text = mem_vformat(format, args);
	va_end(args);
	err_set(err, -EINVAL, "%s", text);
	err_at(err, "%s", path);
	return -EINVAL;
}

int check_in_cidr(const struct l3_network *l3, const struct ip *ip, const char *path,
		  struct err *err)
{
	struct prefix network = prefix_network(&l3->cidr);
	struct ip last = prefix_last(&l3->cidr);

	if (!prefix_contains(&l3->cidr, ip))
		return check_failed(err, path, "%s is not in %s of l3_network %s", ip_text(ip).s,
				    prefix_text(&network).s, l3->object.uuid);
	if (l3->cidr.length >= ip_bits(ip) - 1)
		return 0;
	if (ip_equal(ip, &network.ip))
		return check_failed(err, path, "%s is the network itself, not an address in it",
				    ip_text(ip).s);
	if (ip->family == 4 && ip_equal(ip, &last))
		return check_failed(err, path, "%s is the network's broadcast address",
				    ip_text(ip).s);
	return 0;
}

static int check_host(const struct document *document, const struct object *object, struct err *err)
{
	const struct host *host = (const void *)object;

	(void)document;
	if (host->vtep.family == 6)
		return check_failed(err, "vtep", "VXLAN goes over IPv4");
	return 0;
}

static int by_mac(const void *a, const void *b)
{
	const struct l2_remote *one = *(const struct l2_remote *const *)a;
	const struct l2_remote *other = *(const struct l2_remote *const *)b;

	return memcmp(&one->mac, &other->mac, sizeof(one->mac));
}

static int check_remote(const struct l2_network *l2, struct err *err)
{
	const struct l2_remote *remote = l2->remote.items;
	size_t n = l2->remote.n;
	AUTO(free_ptr) const struct l2_remote **order = mem_array(n, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[i] = &remote[i];
	qsort(order, n, sizeof(*order), by_mac);
	for (size_t i = 1; i < n; i++) {
		size_t a = (size_t)(order[i - 1] - remote), b = (size_t)(order[i] - remote);

		if (!mac_equal(&order[i - 1]->mac, &order[i]->mac))
			continue;
		check_failed(err, "mac", "remote[%zu] has this MAC address too", a < b ? a : b);
		err_at(err, "remote[%zu]", a < b ? b : a);
		return -EINVAL;
	}
	for (size_t i = 0; i < n; i++)
		if (remote[i].vtep.family != 4) {
			check_failed(err, "vtep", "VXLAN goes over IPv4");
			err_at(err, "remote[%zu]", i);
			return -EINVAL;
		}
	return 0;
}

static int check_vxlan(const struct document *document, const struct l2_network *l2,
		       struct err *err)
{
	const struct host *host = host_of(document);
	const struct ip *peers = l2->peers.items;

	if (!l2->vni)
		return check_failed(err, "vni", "a VXLAN network needs one");
	if (l2->device || l2->vlan)
		return check_failed(err, l2->device ? "device" : "vlan",
				    "a VXLAN network has none: it leaves from the host's VTEP");
	if (!host || !host->vtep.family)
		return check_failed(err, "type", "this host has no VTEP");
	if (l2->pool && l2->peers.n)
		return check_failed(err, "peers", "its peers are the VTEPs of pool %s", l2->pool);
	for (size_t i = 0; i < l2->peers.n; i++)
		if (peers[i].family != 4) {
			AUTO(free_ptr) char *path = mem_format("peers[%zu]", i);

			return check_failed(err, path, "VXLAN goes over IPv4");
		}
	return check_remote(l2, err);
}

static int check_l2(const struct document *document, const struct object *object, struct err *err)
{
	const struct l2_network *l2 = (const void *)object;

	if (l2->type == L2_VXLAN)
		return check_vxlan(document, l2, err);
	if (!l2->device)
		return check_failed(err, "device", "a network that is no VXLAN needs one");
	if (!name_is_link(l2->device))
		return check_failed(err, "device", "\"%s\" cannot be the name of a link",
				    l2->device);
	if (l2->type == L2_VLAN && !l2->vlan)
		return check_failed(err, "vlan", "a VLAN network needs one");
	if (l2->type != L2_VLAN && l2->vlan)
		return check_failed(err, "vlan", "only a VLAN network has one");
	if (l2->vni)
		return check_failed(err, "vni", "only a VXLAN network has one");
	if (l2->pool)
		return check_failed(err, "pool", "only a VXLAN network has one");
	if (l2->peers.n || l2->remote.n)
		return check_failed(err, l2->peers.n ? "peers" : "remote",
				    "only a VXLAN network has them");
	return 0;
}

static int check_l3(const struct document *document, const struct object *object, struct err *err)
{
	const struct l3_network *l3 = (const void *)object;
	const struct ip *server = &l3->dhcp.server;

	(void)document;
	if (l3->domain && !name_is_domain(l3->domain))
		return check_failed(err, "domain", "\"%s\" is not a domain name", l3->domain);
	if (l3->gateway.family && check_in_cidr(l3, &l3->gateway, "gateway", err) < 0)
		return -EINVAL;
	if (l3->dhcp.enabled && !server->family)
		return check_failed(err, "dhcp.server", "a responder needs an address");
	if (server->family && check_in_cidr(l3, server, "dhcp.server", err) < 0)
		return -EINVAL;
	if (server->family && l3->gateway.family && ip_equal(server, &l3->gateway))
		return check_failed(err, "dhcp.server", "%s is the gateway", ip_text(server).s);
	return 0;
}

static int check_router(const struct document *document, const struct object *object,
			struct err *err)
{
	const struct host_router *router = (const void *)object;
	const struct host_router_interface *interfaces = router->interfaces.items;

	for (size_t i = 0; i < router->interfaces.n; i++) {
		const struct l3_network *l3 = host_l3(document, interfaces[i].l3);

		if (check_in_cidr(l3, &interfaces[i].address, "address", err) < 0) {
			err_at(err, "interfaces[%zu]", i);
			return -EINVAL;
		}
		if (l3->dhcp.enabled && ip_equal(&l3->dhcp.server, &interfaces[i].address)) {
			check_failed(err, "address", "%s is the DHCP server of l3_network %s",
				     ip_text(&interfaces[i].address).s, l3->object.uuid);
			err_at(err, "interfaces[%zu]", i);
			return -EINVAL;
		}
	}
	return 0;
}

int host_check(void *index, const struct document *document, const struct object *object,
	       struct err *err)
{
	static const struct {
		const char *section;
		int (*check)(const struct document *document, const struct object *object,
			     struct err *err);
	} checks[] = {
		{ SECTION_HOST, check_host },
		{ SECTION_L2_NETWORKS, check_l2 },
		{ SECTION_L3_NETWORKS, check_l3 },
		{ SECTION_PORTS, check_port },
		{ SECTION_SECURITY_GROUPS, check_group },
		{ SECTION_EIPS, check_eip },
		{ SECTION_ROUTERS, check_router },
		{ SECTION_VTEPS, check_vtep },
		{ SECTION_L2_REMOTES, check_l2_guest },
		{ SECTION_GROUP_MEMBERS, check_group_member },
	};

	(void)index;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (strcmp(checks[i].section, object->section->name) == 0)
			return checks[i].check(document, object, err);
	return 0;
}
