/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2.c - an L2 network: a bridge that guests are plugged into, and the link that leads outside. */
#include <errno.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

void say_mtu(const struct compiler *compiler, const char *owner, const char *link, int64_t mtu)
{
	AUTO(free_ptr) char *bytes = mem_format("%lld", (long long)mtu);

	say(compiler, owner, "link.mtu", bytes, "%s", link);
}

/* Guests speak to each other and to the outside, but not to this machine: it has no address on the
 * bridge, not even one that it would make itself. */
static void say_closed(const struct compiler *compiler, const char *owner,
		       const struct l2_place *place)
{
	if (*place->lower)
		say_element(compiler, owner, "closed", "", "%s", place->lower);
	if (facts_supports(compiler->facts, "ipv6", NULL))
		say_sysctl(compiler, owner, "1", "net/ipv6/conf/%s/disable_ipv6", place->bridge);
}

static void say_bridge(const struct compiler *compiler, const char *owner,
		       const struct l2_place *place)
{
	say(compiler, owner, "link", "bridge", "%s", place->bridge);
	say(compiler, owner, "link.bridge", "0", "%s stp_state", place->bridge);
	say(compiler, owner, "link.bridge", "0", "%s forward_delay", place->bridge);
	/* Nobody here asks who listens: groups would be forgotten. */
	say(compiler, owner, "link.bridge", "0", "%s mcast_snooping", place->bridge);
	say_mtu(compiler, owner, place->bridge, place->mtu);
	say(compiler, owner, "link.raised", "up", "%s", place->bridge);
	if (place->closed)
		say_closed(compiler, owner, place);
}

/* The device's own MAC is the bridge's, as long as it is there: whoever knows this machine by it
 * need not learn another, and guests that come and go do not change it. */
static void say_device(const struct compiler *compiler, const struct l2_network *l2,
		       const struct l2_place *place)
{
	const char *owner = l2->object.uuid, *device = place->device->name;

	say(compiler, owner, "link.raised", "up", "%s", device);
	if (l2->type == L2_VLAN) {
		const struct facts_link *there = facts_link_by_name(compiler->facts, place->lower);

		if (!there || there->ours) {
			AUTO(free_ptr)
			char *value = mem_format("vlan %s %lld", device, (long long)l2->vlan);

			say(compiler, owner, "link", value, "%s", place->lower);
			say_mtu(compiler, owner, place->lower, place->mtu);
		}
		say(compiler, owner, "link.raised", "up", "%s", place->lower);
	}
	if (!place->adopted) {
		say(compiler, owner, "link.mac", mac_text(&place->device->mac).s, "%s",
		    place->bridge);
		say(compiler, owner, "link.master", place->bridge, "%s", place->lower);
	}
	if (l2->mtu > place->mtu)
		notes_say(compiler->notes, owner, NOTE_NOT_SUPPORTED,
			  "device %s carries packets of %lld bytes, not of %lld", device,
			  (long long)place->mtu, (long long)l2->mtu);
}

void compile_l2(const struct compiler *compiler, const struct object *object)
{
	const struct l2_network *l2 = (const void *)object;
	struct err why = ERR_NONE;
	struct l2_place place;

	if (l2_place(compiler->document, compiler->facts, l2, &place, &why) < 0)
		say_rest(compiler, object, &why);
	if (*place.bridge && !place.adopted)
		say_bridge(compiler, object->uuid, &place);
	if (*place.bridge && leg_needed(l2))
		compile_leg(compiler, l2, &place);
	compile_zone(compiler, l2, &place);
	if (!*place.lower)
		return;
	if (l2->type == L2_VXLAN)
		compile_vxlan(compiler, l2, &place);
	else
		say_device(compiler, l2, &place);
}
