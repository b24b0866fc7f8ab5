/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pair.h - a veth that joins this network namespace to another. */
#ifndef WEFT_BACKEND_RTNL_PAIR_H
#define WEFT_BACKEND_RTNL_PAIR_H

#include "lib/base/net.h"

struct rtnl;

/* Makes the veth 'name' here, whose other end is 'peer' with 'mac' in the namespace that the file
 * 'netns' is of. -EEXIST if there is a link of either name. */
int rtnl_pair_make(struct rtnl *rtnl, const char *name, const char *peer, const struct mac *mac,
		   int netns, struct err *err);
/* Removes it with both ends; 0 if it is not there. */
int rtnl_pair_remove(struct rtnl *rtnl, const char *name, struct err *err);

#endif
