/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2_place.c - where an L2 network is on this machine.
 *
 * Names of links of ours are made of the device and the number, so that they are the same after
 * each start and tell what they are; where that is too long, of a digest of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hostnet/compile/parts.h"

#define VXLAN_OVERHEAD 50 /* Over IPv4: Ethernet, IP, UDP and VXLAN headers. */

struct mac digest_mac(const char *text)
{
	uint64_t digest = link_digest(text);
	struct mac mac = { .bytes = { 0x02 } };

	for (size_t i = 0; i < 5; i++)
		mac.bytes[i + 1] = (uint8_t)(digest >> 8 * i);
	return mac;
}

PRINTF(3, 4)
static void name_link(char name[IFNAMSIZ], const char *prefix, const char *format, ...)
{
	AUTO(free_ptr) char *rest = NULL;
	va_list args;

	va_start(args, format);
	rest = mem_vformat(format, args);
	va_end(args);
	if (snprintf(name, IFNAMSIZ, "%s%s", prefix, rest) >= IFNAMSIZ)
		snprintf(name, IFNAMSIZ, "%s%010llx", prefix,
			 (unsigned long long)link_digest(rest) & 0xffffffffff);
}

static void name_links(const struct l2_network *l2, struct l2_place *place)
{
	if (l2->type == L2_VXLAN) {
		name_link(place->lower, "", "vx%lld", (long long)l2->vni);
		name_link(place->bridge, "br-", "vx%lld", (long long)l2->vni);
	} else if (l2->type == L2_VLAN) {
		name_link(place->lower, "", "%s.%lld", l2->device, (long long)l2->vlan);
		name_link(place->bridge, "br-", "%s.%lld", l2->device, (long long)l2->vlan);
	} else {
		snprintf(place->lower, IFNAMSIZ, "%s", l2->device);
		name_link(place->bridge, "br-", "%s", l2->device);
	}
}

/* The network rests. Its bridge stays where we made one: guests on it still reach each other, and
 * need not be plugged in again when what is missing comes back. */
static int rest(const struct facts *facts, struct l2_place *place, struct err *why)
{
	const struct facts_link *bridge = facts_link_by_name(facts, place->bridge);
	const struct facts_link *lower = facts_link_by_name(facts, place->lower);

	if (!bridge || !bridge->ours)
		place->bridge[0] = '\0';
	else
		place->mtu = bridge->mtu;
	/* A VXLAN waits for its address by itself. */
	if (!lower || !lower->ours || strcmp(lower->kind, "vxlan") != 0)
		place->lower[0] = '\0';
	place->closed = true;
	return why->code;
}

static bool has_address(const struct facts *facts, const char *link)
{
	const struct facts_link *found = facts_link_by_name(facts, link);

	return found && facts_has_address(facts, found);
}

/* A device that is a bridge, or is in one that is not ours, is the machine's own doing: whatever
 * addresses stand there go on to be reached if nothing is touched. */
static int adopt(const struct facts *facts, const struct facts_link *base, struct l2_place *place,
		 struct err *why)
{
	const struct facts_link *master = facts_link_by_index(facts, base->master);

	place->adopted = true;
	if (strcmp(base->kind, "bridge") == 0)
		snprintf(place->bridge, IFNAMSIZ, "%s", base->name);
	else if (master && strcmp(master->kind, "bridge") != 0)
		return err_set(why, -EBUSY, "link %s is a part of %s, which is no bridge",
			       base->name, master->name);
	else if (master && !master->ours)
		snprintf(place->bridge, IFNAMSIZ, "%s", master->name);
	else
		place->adopted = false;
	return 0;
}

static int place_vxlan(const struct document *document, const struct facts *facts,
		       const struct l2_network *l2, struct l2_place *place, struct err *why)
{
	const struct host *host = host_of(document);

	place->device = facts_link_with(facts, &host->vtep);
	if (!place->device)
		return err_set(why, -ENODEV, "no link has the VTEP's address %s",
			       ip_text(&host->vtep).s);
	place->mtu = l2->mtu ? l2->mtu : (int64_t)place->device->mtu - VXLAN_OVERHEAD;
	place->closed = !has_address(facts, place->bridge);
	return 0;
}

static int place_device(const struct facts *facts, const struct l2_network *l2,
			struct l2_place *place, struct err *why)
{
	const struct facts_link *base = place->device = facts_link_by_name(facts, l2->device);

	if (!base)
		return err_set(why, -ENODEV, "device %s is not there", l2->device);
	if (l2->type == L2_VLAN)
		base = facts_link_vlan(facts, base->index, (uint32_t)l2->vlan);
	place->mtu = place->device->mtu;
	if (l2->mtu && l2->mtu < place->mtu)
		place->mtu = l2->mtu;
	if (!base) {
		place->closed = !has_address(facts, place->bridge);
		return 0;
	}
	if (!base->ours)
		snprintf(place->lower, IFNAMSIZ, "%s", base->name);
	if (adopt(facts, base, place, why) < 0)
		return why->code;
	place->closed = !place->adopted && !facts_has_address(facts, base) &&
			!has_address(facts, place->bridge);
	return 0;
}

int l2_place(const struct document *document, const struct facts *facts,
	     const struct l2_network *l2, struct l2_place *place, struct err *why)
{
	int ret;

	*place = (struct l2_place){ 0 };
	name_links(l2, place);
	ret = l2->type == L2_VXLAN ? place_vxlan(document, facts, l2, place, why)
				   : place_device(facts, l2, place, why);
	return ret < 0 ? rest(facts, place, why) : 0;
}
