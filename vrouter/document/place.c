/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/place.h"

#include <errno.h>
#include <string.h>

int interface_place(const struct facts *facts, const struct interface *interface,
		    struct place *place, struct err *why)
{
	*place = (struct place){ interface, facts_link_by_mac(facts, &interface->mac) };
	if (!place->link)
		return err_set(why, -ENODEV, "no NIC with MAC %s is there",
			       mac_text(&interface->mac).s);
	return 0;
}

int vip_place(const struct document *document, const struct facts *facts, const struct vip *vip,
	      struct place *place, struct err *why)
{
	const struct interface *interface = router_network(document, vip->network);

	if (vip->address.family != 4)
		return err_set(why, -EOPNOTSUPP, "ipv6_vip");
	if (!interface || interface->role != ROLE_PUBLIC)
		return err_set(why, -ENODEV, "no public interface is on network %s", vip->network);
	if (interface_place(facts, interface, place, why) < 0) {
		err_in(why, "interface %s", interface->object.uuid);
		return -ENODEV;
	}
	return 0;
}

static int target_place(const struct document *document, const struct facts *facts,
			const struct ip *target, struct place *place, struct err *why)
{
	const struct interface *interface = router_interface_of(document, target);

	if (!interface)
		return err_set(why, -ENODEV, "target %s is on no private network",
			       ip_text(target).s);
	if (interface_place(facts, interface, place, why) < 0) {
		err_in(why, "interface %s of target %s", interface->object.uuid, ip_text(target).s);
		return -ENODEV;
	}
	return 0;
}

static int ends_place(const struct document *document, const struct facts *facts,
		      const char *vip_uuid, const struct ip *target, struct place *vip_at,
		      struct place *target_at, struct err *why)
{
	const struct vip *vip = router_vip(document, vip_uuid);
	int ret;

	if (!vip)
		return err_set(why, -ENODEV, "there is no vip %s", vip_uuid);
	ret = vip_place(document, facts, vip, vip_at, why);
	if (ret == -ENODEV)
		err_in(why, "vip %s", vip_uuid);
	if (ret < 0)
		return ret;
	return target_place(document, facts, target, target_at, why);
}

int eip_place(const struct document *document, const struct facts *facts, const struct eip *eip,
	      struct place *vip, struct place *target, struct err *why)
{
	return ends_place(document, facts, eip->vip, &eip->target, vip, target, why);
}

int port_forward_place(const struct document *document, const struct facts *facts,
		       const struct port_forward *forward, struct place *vip, struct place *target,
		       struct err *why)
{
	const struct prefix *allowed = &forward->allowed_cidr;

	if (allowed->ip.family && allowed->ip.family != forward->target.family)
		return err_set(why, -ENODEV, "allowed_cidr %s is of another address family",
			       prefix_text(allowed).s);
	return ends_place(document, facts, forward->vip, &forward->target, vip, target, why);
}

const struct eip *router_source_eip(const struct document *document, const struct facts *facts,
				    const struct ip *target, const struct interface *interface)
{
	const struct eip *eip;
	struct place vip, guest;

	for (size_t n = 0; (eip = router_eip_of(document, target, n)); n++)
		if (eip_place(document, facts, eip, &vip, &guest, NULL) == 0 &&
		    (!interface || vip.interface == interface))
			return eip;
	return NULL;
}

size_t router_publics(const struct document *document, const struct facts *facts)
{
	const struct object *object;
	struct place place;
	size_t n = 0;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->role == ROLE_PUBLIC &&
		    interface_place(facts, interface, &place, NULL) == 0)
			n++;
	}
	return n;
}

const struct prefix *interface_main_address(const struct interface *interface)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (address->ip.family == 4)
			return address;
	return NULL;
}

bool interface_is_outermost(const struct interface *interface, size_t i)
{
	const struct prefix *address = interface_address(interface, i), *other;

	for (size_t j = 0; (other = interface_address(interface, j)); j++) {
		if (j == i || !prefix_overlaps(address, other))
			continue;
		if (other->length < address->length || (other->length == address->length && j < i))
			return false;
	}
	return true;
}

bool interface_has_address(const struct interface *interface, const struct ip *ip)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (ip_equal(&address->ip, ip))
			return true;
	return false;
}

const struct prefix *interface_subnet_of(const struct interface *interface, const struct ip *ip)
{
	const struct prefix *found = NULL, *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (prefix_contains(address, ip) && (!found || address->length > found->length))
			found = address;
	return found;
}
