/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read.h - what each provider here can read, in whole or narrowed. */
#ifndef WEFT_BACKEND_RTNL_READ_H
#define WEFT_BACKEND_RTNL_READ_H

#include "lib/backend/rtnl/kind.h"

rtnl_read_fn rtnl_read_links, rtnl_read_addresses, rtnl_read_routes, rtnl_read_neighbours,
	rtnl_read_fdb, rtnl_read_plugs;

/* Adds the route of this key to what was read, and maybe others. */
int rtnl_read_route(struct rtnl *rtnl, const char *key, struct item_set *have, struct err *err);

#endif
