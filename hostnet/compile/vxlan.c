/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vxlan.c - the link of a VXLAN network, and whom it sends frames to. */
#include "hostnet/compile/parts.h"

#define VXLAN_PORT 4789 /* RFC 7348 section 5. */

/* What is flooded goes to each host by itself: the underlay needs no multicast. */
static void say_peers(const struct compiler *compiler, const struct l2_network *l2,
		      const char *link)
{
	const struct ip *peers = l2->peers.items;

	for (size_t i = 0; i < l2->peers.n; i++)
		say(compiler, l2->object.uuid, "fdb", "", "%s 00:00:00:00:00:00 %s", link,
		    ip_text(&peers[i]).s);
}

/* Guests that are known from elsewhere: where they are, and who they are, so that neither a frame
 * nor an ARP request for them is flooded. Requests for others still are, and so is what guests and
 * routers announce: 'neigh_suppress' (RFC 7432's) would keep gratuitous ARP and unsolicited
 * advertisements from other hosts, where nobody tells guests instead. */
static void say_remotes(const struct compiler *compiler, const struct l2_network *l2,
			const struct l2_place *place)
{
	const struct l2_remote *remotes = l2->remote.items;
	const char *owner = l2->object.uuid;

	say(compiler, owner, "link.port", "off", "%s neigh_suppress", place->lower);
	say(compiler, owner, "link.port", "on", "%s proxyarp_wifi", place->lower);
	for (size_t i = 0; i < l2->remote.n; i++) {
		struct mac_text mac = mac_text(&remotes[i].mac);

		say(compiler, owner, "fdb", "", "%s %s %s", place->lower, mac.s,
		    ip_text(&remotes[i].vtep).s);
		say(compiler, owner, "fdb", "", "%s %s", place->lower, mac.s);
		if (remotes[i].address.family == 4)
			say(compiler, owner, "neighbour", mac.s, "%s %s", place->bridge,
			    ip_text(&remotes[i].address).s);
	}
}

/* Its own, and no other host's: else it had the lowest of its ports' MACs, another one with many a
 * guest that comes or goes. */
static void say_mac(const struct compiler *compiler, const struct l2_network *l2,
		    const struct l2_place *place)
{
	AUTO(free_ptr) char *text = NULL;
	struct mac mac;

	if (!place->device)
		return;
	text = mem_format("bridge %s %s", mac_text(&place->device->mac).s, l2->object.uuid);
	mac = digest_mac(text);
	say(compiler, l2->object.uuid, "link.mac", mac_text(&mac).s, "%s", place->bridge);
}

void compile_vxlan(const struct compiler *compiler, const struct l2_network *l2,
		   const struct l2_place *place)
{
	const struct host *host = host_of(compiler->document);
	const char *owner = l2->object.uuid, *link = place->lower;
	AUTO(free_ptr)
	char *value = mem_format("vxlan %lld local %s port %d", (long long)l2->vni,
				 ip_text(&host->vtep).s, VXLAN_PORT);

	say(compiler, owner, "link", value, "%s", link);
	say_mtu(compiler, owner, link, place->mtu);
	say(compiler, owner, "link.master", place->bridge, "%s", link);
	say(compiler, owner, "link.raised", "up", "%s", link);
	say_mac(compiler, l2, place);
	say_peers(compiler, l2, link);
	say_remotes(compiler, l2, place);
}
