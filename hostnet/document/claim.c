/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim.c - what each kind of object claims, so that no other can have it. */
#include <string.h>

#include "hostnet/document/index.h"

static int l2_claims(const struct claiming *claiming, const void *object)
{
	const struct l2_network *l2 = object;
	const char *device = l2->device ? l2->device : "";

	switch ((enum l2_type)l2->type) {
	case L2_NOVLAN:
		return claims_say(claiming, "%s is this device without VLAN already", "novlan %s",
				  device);
	case L2_VLAN:
		return claims_say(claiming, "%s has this device and VLAN already", "vlan %s %lld",
				  device, (long long)l2->vlan);
	case L2_VXLAN:
		return claims_say(claiming, "%s has this VNI already", "vni %lld",
				  (long long)l2->vni);
	}
	return 0;
}

static int l3_claims(const struct claiming *claiming, const void *object)
{
	const struct l3_network *l3 = object;

	if (!l3->dhcp.enabled)
		return 0;
	return claims_say(claiming, "%s has this DHCP server already", "server %s %s", l3->l2,
			  ip_text(&l3->dhcp.server).s);
}

static int port_claims(const struct claiming *claiming, const void *object)
{
	const struct port *port = object;
	const struct port_address *address;
	int ret = claims_say(claiming, "%s has this device already", "device %s", port->device);

	if (ret == 0)
		ret = claims_say(claiming, "%s has this MAC address already", "mac %s %s", port->l2,
				 mac_text(&port->mac).s);
	if (ret == 0 && port->is_default && port->vm)
		ret = claims_say(claiming, "%s is the VM's default already", "default %s",
				 port->vm);
	for (size_t i = 0; ret == 0 && (address = port_address(port, i)); i++) {
		ret = claims_say(claiming, "%s has this address already", "address %s %s",
				 address->l3, ip_text(&address->address).s);
		if (ret < 0)
			err_at(claiming->err, "addresses[%zu].address", i);
	}
	return ret;
}

static int eip_claims(const struct claiming *claiming, const void *object)
{
	const struct host_eip *eip = object;

	return claims_say(claiming, "%s has this address already", "address %s %s", eip->l3,
			  ip_text(&eip->address).s);
}

static int router_claims(const struct claiming *claiming, const void *object)
{
	const struct host_router *router = object;
	const struct host_router_interface *interfaces = router->interfaces.items;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < router->interfaces.n; i++) {
		ret = claims_say(claiming, "%s routes this network already", "router %s",
				 interfaces[i].l3);
		if (ret < 0)
			err_at(claiming->err, "interfaces[%zu].l3", i);
	}
	return ret;
}

static int vtep_claims(const struct claiming *claiming, const void *object)
{
	const struct vtep *vtep = object;

	return claims_say(claiming, "%s has this address already", "vtep %s %s", vtep->pool,
			  ip_text(&vtep->address).s);
}

static int l2_guest_claims(const struct claiming *claiming, const void *object)
{
	const struct l2_guest *guest = object;
	int ret = claims_say(claiming, "%s has this MAC address already", "guest %s %s", guest->l2,
			     mac_text(&guest->at.mac).s);

	if (ret < 0 || !guest->at.address.family)
		return ret;
	return claims_say(claiming, "%s has this address already", "guest %s %s", guest->l2,
			  ip_text(&guest->at.address).s);
}

static int member_claims(const struct claiming *claiming, const void *object)
{
	const struct group_member *member = object;

	return claims_say(claiming, "%s is this member already", "member %s %s", member->group,
			  ip_text(&member->address).s);
}

int host_claims(const struct claiming *claiming, const struct object *object)
{
	static const struct {
		const char *section;
		int (*claims)(const struct claiming *claiming, const void *object);
	} claimers[] = {
		{ SECTION_L2_NETWORKS, l2_claims },      { SECTION_L3_NETWORKS, l3_claims },
		{ SECTION_PORTS, port_claims },          { SECTION_EIPS, eip_claims },
		{ SECTION_ROUTERS, router_claims },      { SECTION_VTEPS, vtep_claims },
		{ SECTION_L2_REMOTES, l2_guest_claims }, { SECTION_GROUP_MEMBERS, member_claims },
	};

	for (size_t i = 0; i < ARRAY_SIZE(claimers); i++)
		if (strcmp(claimers[i].section, object->section->name) == 0)
			return claimers[i].claims(claiming, object);
	return 0;
}
