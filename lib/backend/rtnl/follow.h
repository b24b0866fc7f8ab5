/* SPDX-License-Identifier: GPL-2.0-or-later */
/* follow.h - the machine's own addresses follow their link into a bridge of ours, and home again.
 *
 * A port of a bridge receives nothing for itself: what the machine is reached by has to be on the
 * bridge. Addresses and routes keep all they have but the link. */
#ifndef WEFT_BACKEND_RTNL_FOLLOW_H
#define WEFT_BACKEND_RTNL_FOLLOW_H

#include "lib/backend/rtnl/link_table.h"
#include "lib/base/err.h"

/* Makes the link 'port' one of 'bridge'. */
int follow_join(struct rtnl *rtnl, int port, int bridge, struct err *err);

/* Frees it from 'bridge'. */
int follow_leave(struct rtnl *rtnl, int port, int bridge, struct err *err);

/* The same for a bridge that is to be removed, and whose port was forgotten: the one with its MAC.
 * -EBUSY if nothing can take its addresses. */
int follow_home(struct rtnl *rtnl, const struct link *bridge, struct err *err);

#endif
