/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq_config.h - the texts that dnsmasq reads, from items. Pure. */
#ifndef WEFT_BACKEND_DNSMASQ_DNSMASQ_CONFIG_H
#define WEFT_BACKEND_DNSMASQ_DNSMASQ_CONFIG_H

#include "lib/base/net.h"
#include "lib/base/text.h"
#include "lib/item/item.h"

struct dnsmasq_range {
	struct prefix network;
	struct ip server;
	struct ip gateway; /* Family 0: none. */
	struct ip reach;   /* By the server; family 0: nothing. */
	int lease_s, mtu;  /* mtu 0: not handed out. */
	char dns[1024];    /* "A,B", or empty. */
	char domain[256];  /* Or empty. */
};

/* -EINVAL with a sentence for what dnsmasq must not see. */
int dnsmasq_range_parse(const struct item *item, struct dnsmasq_range *range, struct err *err);

/* A host's file: its mark and its line. */
int dnsmasq_host_text(const struct item *item, struct text *text, struct err *err);

/* Whether it is a second NIC: its line has a tag. */
bool dnsmasq_host_is_second(const struct item *item);

/* Whether the items ask for a process at all. */
bool dnsmasq_is_needed(const struct item_set *items);

/* The configuration proper, of dns.listen and dhcp.range; what changes it starts dnsmasq anew.
 * 'dir' is where servers.conf, hosts/ and leases are. */
void dnsmasq_main_text(const struct item_set *items, const char *dir, struct text *text);
/* The upstream servers, of dns.forwarder; read again on SIGHUP. The one at place 'first' is asked
 * before all others. */
void dnsmasq_servers_text(const struct item_set *items, size_t first, struct text *text);
/* The same as addresses, in their order; the caller's array. */
struct ip *dnsmasq_servers(const struct item_set *items, size_t *n);

#endif
