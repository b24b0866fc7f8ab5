/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl.h - links, addresses, neighbours, routes, rules and sysctls of this network namespace, as
 * items.
 *
 * docs/items.md says which texts each kind takes. What is ours is known by marks in the kernel:
 * protocol 119 of addresses, routes, rules and neighbours, alias and group of links. */
#ifndef WEFT_BACKEND_RTNL_RTNL_H
#define WEFT_BACKEND_RTNL_RTNL_H

#include "lib/base/net.h"
#include "lib/item/facts.h"
#include "lib/item/provider.h"

struct rtnl;

/* Opens the sockets in the caller's network namespace. The kernel's events are kept from now on. */
int rtnl_new(struct rtnl **ret, struct err *err);
void rtnl_free(struct rtnl *rtnl);

/* link, link.name, link.mac, link.mtu, link.master, link.bridge, link.port, link.up. Within one
 * call they are made in an order that works; what a link that is not there yet keeps from being
 * made fails with -ENODEV. */
struct provider rtnl_provider_links(struct rtnl *rtnl);
struct provider rtnl_provider_plugs(struct rtnl *rtnl);      /* plug */
struct provider rtnl_provider_addresses(struct rtnl *rtnl);  /* address */
struct provider rtnl_provider_neighbours(struct rtnl *rtnl); /* neighbour, proxy, fdb */
struct provider rtnl_provider_routes(struct rtnl *rtnl);     /* route, rule */
struct provider sysctl_provider(void);                       /* sysctl */

/* Puts the links there are, and the addresses that others gave them, into 'facts' (its capabilities
 * stay); '*changed' says whether there were others before. After a failure all are as before. */
int rtnl_facts(struct rtnl *rtnl, struct facts *facts, bool *changed, struct err *err);
/* The same as far as rtnl_events_read() has told of it, without asking the kernel for its links.
 * Those that something changed of since the last call are 'told'. */
int rtnl_facts_told(struct rtnl *rtnl, struct facts *facts, bool *changed, struct err *err);

/* What a link has carried since it is there, with the frames' own headers. */
struct rtnl_traffic {
	uint64_t received_bytes, received_packets, sent_bytes, sent_packets;
};

/* -ENODEV: no link has this index. */
int rtnl_link_traffic(struct rtnl *rtnl, int index, struct rtnl_traffic *traffic, struct err *err);

/* Readable when rtnl_events_read() has something to do. */
int rtnl_events_fd(const struct rtnl *rtnl);

enum rtnl_event {
	/* A link appeared, vanished, was renamed, went up or down, changed its MAC, MTU, master,
	 * carrier or options, got or lost an address that is not ours. The kernel tells only in
	 * part what goes with a link: links, addresses and routes are to be read again. 'kind' and
	 * 'key' are NULL. */
	RTNL_LINKS_CHANGED,

	/* A link came up. What is at the other end of its wire may not forward yet, so that what
	 * was announced is lost: rtnl_announce_again() is due in RTNL_ANNOUNCE_INTERVAL_S. */
	RTNL_LINK_ROSE,

	/* An address came, whoever set it: what could not be made for want of it can be now. 'kind'
	 * and 'key' are NULL, here and below. */
	RTNL_ADDRESS_CAME,

	/* Someone else took an address away. With it the kernel drops routes (that begin at it, or
	 * all of a link that has no other) and does not tell: routes are to be read again. */
	RTNL_ROUTES_LOST,

	/* Something other than this 'struct rtnl' added, changed or removed this item, which
	 * carries our mark. A link may have been renamed since: the key has today's name. */
	RTNL_ITEM_TOUCHED
};

typedef void rtnl_event_fn(void *data, enum rtnl_event what, const char *kind, const char *key,
			   bool removed);

/* Reports what has happened since the last call, all but RTNL_ITEM_TOUCHED once at most and in the
 * end. Never blocks. Addresses of links that came up are announced on the way.
 *
 * Returns 0, or with 'err' filled in -ENOBUFS: events were lost, everything is to be read again. */
int rtnl_events_read(struct rtnl *rtnl, rtnl_event_fn *fn, void *data, struct err *err);

/* Stores in '*have' what the kernel holds under this kind and key (a reference, the caller's), or
 * NULL if it holds nothing of ours there. Reads no more than the item's link or table. */
int rtnl_read_one(struct rtnl *rtnl, const char *kind, const char *key, struct item **have,
		  struct err *err);

/* Tells the neighbours on 'link' who has the IPv4 address 'ip': an ARP announcement (RFC 5227
 * section 3). -ENETDOWN without a sentence if the link is not up: its coming up announces. */
int rtnl_announce(struct rtnl *rtnl, const char *link, const struct ip *ip);

/* Announces once more what is on the links that came up since the last call. */
#define RTNL_ANNOUNCE_INTERVAL_S 2 /* ANNOUNCE_INTERVAL of RFC 5227 */
void rtnl_announce_again(struct rtnl *rtnl);

/* What the kernel is asked of a packet; 'from' and 'iif' as it came, 0: the machine's own. */
struct rtnl_asked {
	struct ip from, to;
	int iif;
	uint32_t mark;
};

/* The route that leads on. */
struct rtnl_way {
	uint32_t table, metric;
	struct prefix destination;
	int oif;
	struct ip gateway; /* Family 0: the destination is on the link. */
	bool connected;    /* The kernel's own, of an address. */
};

/* 0, or the kernel's refusal without a sentence: -EXDEV the source is not reached by the link that
 * the packet came by (reverse path filter), -EINVAL a blackhole or an impossible source,
 * -ENETUNREACH or -EHOSTUNREACH no route. */
int rtnl_way(struct rtnl *rtnl, const struct rtnl_asked *asked, struct rtnl_way *way);

#endif
