/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event.h - the kernel's notifications; inside of lib/backend/rtnl. */
#ifndef WEFT_BACKEND_RTNL_EVENT_H
#define WEFT_BACKEND_RTNL_EVENT_H

#include "lib/backend/rtnl/rtnl.h"

/* Joins the groups and notes the links there are. */
int event_listen(struct rtnl *rtnl, struct err *err);

/* Joins the group of neighbours as well. There is much talk in it: only for whom it matters. */
void event_listen_neighbours(struct rtnl *rtnl);

#endif
