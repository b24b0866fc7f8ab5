/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vxlan.c - the link of a VXLAN network, and whom it sends frames to. */
#include <string.h>

#include "hostnet/compile/parts.h"

#define VXLAN_PORT 4789 /* RFC 7348 section 5. */

/* What is flooded goes to each host by itself: the underlay needs no multicast. */
static void say_peer(const struct compiler *compiler, const struct l2_network *l2, const char *link,
		     const struct ip *peer)
{
	say(compiler, l2->object.uuid, "fdb", "", "%s 00:00:00:00:00:00 %s", link, ip_text(peer).s);
}

/* A guest that is known from elsewhere: where it is, and who it is, so that neither a frame nor an
 * ARP request for it is flooded. Requests for others still are. */
static void say_remote(const struct compiler *compiler, const struct l2_network *l2,
		       const struct l2_place *place, const struct l2_remote *remote)
{
	struct mac_text mac = mac_text(&remote->mac);
	const char *owner = l2->object.uuid;

	say(compiler, owner, "fdb", "", "%s %s %s", place->lower, mac.s, ip_text(&remote->vtep).s);
	say(compiler, owner, "fdb", "", "%s %s", place->lower, mac.s);
	if (remote->address.family == 4)
		say(compiler, owner, "neighbour", mac.s, "%s %s", place->bridge,
		    ip_text(&remote->address).s);
}

static void say_lists(const struct compiler *compiler, const struct l2_network *l2,
		      const struct l2_place *place)
{
	const struct l2_remote *remotes = l2->remote.items;
	const struct ip *peers = l2->peers.items;

	for (size_t i = 0; i < l2->peers.n; i++)
		say_peer(compiler, l2, place->lower, &peers[i]);
	for (size_t i = 0; i < l2->remote.n; i++)
		say_remote(compiler, l2, place, &remotes[i]);
}

/* Requests for guests that are known are answered, all else is flooded, and so is what guests and
 * routers announce: 'neigh_suppress' (RFC 7432's) would keep gratuitous ARP and unsolicited
 * advertisements from other hosts, where nobody tells guests instead. */
static void say_answers(const struct compiler *compiler, const char *owner, const char *link)
{
	say(compiler, owner, "link.port", "off", "%s neigh_suppress", link);
	say(compiler, owner, "link.port", "on", "%s proxyarp_wifi", link);
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
	say_answers(compiler, owner, link);
	say_lists(compiler, l2, place);
}

/* Where the network's link is; false: it has none now. */
static bool has_link(const struct compiler *compiler, const struct l2_network *l2,
		     struct l2_place *place)
{
	struct err why = ERR_NONE;

	l2_place(compiler->document, compiler->facts, l2, place, &why);
	err_clear(&why); /* The network itself says so. */
	return *place->lower;
}

void compile_vtep(const struct compiler *compiler, const struct object *object)
{
	const struct vtep *vtep = (const void *)object;
	const struct object *network;
	struct l2_place place;

	if (host_is_own_vtep(compiler->document, &vtep->address))
		return;
	section_for_each (compiler->document, SECTION_L2_NETWORKS, network) {
		const struct l2_network *l2 = (const void *)network;

		if (l2->pool && strcmp(l2->pool, vtep->pool) == 0 && has_link(compiler, l2, &place))
			say_peer(compiler, l2, place.lower, &vtep->address);
	}
}

void compile_l2_guest(const struct compiler *compiler, const struct object *object)
{
	const struct l2_guest *guest = (const void *)object;
	const struct l2_network *l2 = host_l2(compiler->document, guest->l2);
	struct l2_place place;

	if (!host_is_own_vtep(compiler->document, &guest->at.vtep) &&
	    has_link(compiler, l2, &place))
		say_remote(compiler, l2, &place, &guest->at);
}
