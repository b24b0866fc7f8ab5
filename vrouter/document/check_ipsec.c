/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_ipsec.c - tunnels beside networks, other tunnels and what else is on the VIP. */
#include <errno.h>
#include <string.h>

#include "vrouter/document/check.h"

/* What is behind a peer cannot be here as well, and what it may reach is here. */
static int check_networks(const struct document *document, const struct ipsec *ipsec,
			  struct err *err)
{
	const struct prefix *local = ipsec->local_cidrs.items;
	const struct prefix *remote = ipsec->remote_cidrs.items;
	const struct object *object;

	for (size_t i = 0; i < ipsec->local_cidrs.n; i++) {
		bool here = false;

		section_for_each (document, SECTION_INTERFACES, object) {
			const struct interface *interface = (const void *)object;

			here |= interface->role == ROLE_PRIVATE &&
				interface_overlaps(interface, &local[i]);
		}
		if (!here)
			return check_failed(err, "local_cidrs",
					    "%s is no private network of the router",
					    prefix_text(&local[i]).s);
	}
	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		for (size_t i = 0; interface->role != ROLE_PUBLIC && i < ipsec->remote_cidrs.n; i++)
			if (interface_overlaps(interface, &remote[i]))
				return check_failed(err, "remote_cidrs",
						    "%s overlaps a network of %s",
						    prefix_text(&remote[i]).s,
						    object_text(&interface->object).s);
	}
	return 0;
}

static const struct prefix *overlap(const struct field_list *a, const struct field_list *b)
{
	const struct prefix *one = a->items, *other = b->items;

	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (prefix_overlaps(&one[i], &other[j]))
				return &one[i];
	return NULL;
}

/* A packet for a remote network must belong to one tunnel. */
static int check_other_tunnels(const struct document *document, const struct ipsec *ipsec,
			       struct err *err)
{
	const struct object *object;

	section_for_each (document, SECTION_IPSEC, object) {
		const struct ipsec *other = (const void *)object;
		const struct prefix *both;

		if (other == ipsec)
			continue;
		both = overlap(&ipsec->remote_cidrs, &other->remote_cidrs);
		if (both && (strcmp(ipsec->vip, other->vip) == 0 ||
			     overlap(&ipsec->local_cidrs, &other->local_cidrs)))
			return check_failed(err, "remote_cidrs", "%s is behind the peer of %s too",
					    prefix_text(both).s, object_text(object).s);
	}
	return 0;
}

static int check_same_family(const struct ipsec *ipsec, struct err *err)
{
	const struct prefix *local = ipsec->local_cidrs.items;
	const struct prefix *remote = ipsec->remote_cidrs.items;
	uint8_t family = ipsec->local_cidrs.n ? local[0].ip.family : 0;

	for (size_t i = 0; i < ipsec->local_cidrs.n; i++)
		if (local[i].ip.family != family)
			return check_failed(err, "local_cidrs", "is of two address families");
	for (size_t i = 0; i < ipsec->remote_cidrs.n; i++)
		if (remote[i].ip.family != family)
			return check_failed(err, "remote_cidrs",
					    "is of another address family than local_cidrs");
	return 0;
}

int check_ipsec(const struct document *document, const struct object *object, struct err *err)
{
	const struct ipsec *ipsec = (const void *)object;
	const struct vip *vip = router_vip(document, ipsec->vip);
	const struct router_index *index = document_index(document);
	static const struct port_range ports[] = { { 500, 500 }, { 4500, 4500 } };
	int64_t group = ipsec->ike.dh_group;
	const struct prefix *both;

	if (check_shared(document, ipsec->vip, err) < 0)
		return -EINVAL;
	if (group != 2 && group != 5 && group < 14)
		return check_failed(err, "ike.dh_group", "group %lld is none of 2, 5, 14-21",
				    (long long)group);
	if (check_family(vip, &ipsec->remote_address, "remote_address", err) < 0)
		return -EINVAL;
	if (ip_equal(&vip->address, &ipsec->remote_address) ||
	    router_own_address(document, &ipsec->remote_address))
		return check_failed(err, "remote_address", "%s is the router's own address",
				    ip_text(&ipsec->remote_address).s);
	if (!ipsec->local_cidrs.n || !ipsec->remote_cidrs.n)
		return check_failed(err, ipsec->local_cidrs.n ? "remote_cidrs" : "local_cidrs",
				    "a tunnel joins one network at least");
	both = overlap(&ipsec->remote_cidrs, &ipsec->local_cidrs);
	if (both)
		return check_failed(err, "remote_cidrs", "%s overlaps a network on this side",
				    prefix_text(both).s);
	if (check_same_family(ipsec, err) < 0 || check_networks(document, ipsec, err) < 0 ||
	    check_other_tunnels(document, ipsec, err) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		const struct object *holder =
			vip_ports_holder(&index->ports, ipsec->vip, SPACE_UDP, &ports[i]);

		if (holder)
			return check_failed(err, "vip",
					    "%s has UDP %u of vip %s, which a tunnel needs",
					    object_text(holder).s, ports[i].first, ipsec->vip);
	}
	return 0;
}
