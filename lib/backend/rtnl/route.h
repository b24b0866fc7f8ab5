/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route.h - a route between its texts and the kernel; inside of lib/backend/rtnl. */
#ifndef WEFT_BACKEND_RTNL_ROUTE_H
#define WEFT_BACKEND_RTNL_ROUTE_H

#include "lib/backend/rtnl/kind.h"

struct way {
	uint32_t table, metric;
	struct prefix to;
	unsigned char type; /* RTN_UNICAST, ... */
	struct ip via, source;
	int link;
};

/* What the key says; -EINVAL. */
int route_key_parse(const struct item *item, struct way *way, struct err *err);
/* RTN_UNICAST, ... */
unsigned char route_type_of(const struct words *value);

/* Reads those of one table (0: of all), by one link (0: by any). */
int route_dump(struct rtnl *rtnl, uint32_t table, int link, struct dump *dump, struct err *err);
bool route_is_ours(const struct nlmsghdr *message);
/* The caller's. */
char *route_key(const struct nlmsghdr *message);

/* Tells the neighbours of a local route: an address of ours that is no link's own. */
void route_announce(struct rtnl *rtnl, const struct item *item);

#endif
