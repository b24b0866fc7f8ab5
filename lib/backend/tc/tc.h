/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tc.h - traffic control of this network namespace: queueing disciplines, their classes, what leads
 * into them; as items.
 *
 * docs/items.md says which texts each kind takes. Ours is what stands below a root qdisc with the
 * handle TC_ROOT. */
#ifndef WEFT_BACKEND_TC_TC_H
#define WEFT_BACKEND_TC_TC_H

#include "lib/backend/rtnl/rtnl.h"

struct tc;

/* 'rtnl' is borrowed; requests go over its socket. */
int tc_new(struct rtnl *rtnl, struct tc **ret, struct err *err);
void tc_free(struct tc *tc);

/* tc.qdisc, tc.class, tc.filter. Within one call they are made in an order that works. */
struct provider tc_provider(struct tc *tc);

/* Readable when tc_events_read() has something to do. Nothing is heard before the provider has made
 * or read something. */
int tc_events_fd(const struct tc *tc);

/* Stores whether someone else changed something of anyone's: all is to be read again. Never blocks.
 * Returns 0, or with 'err' filled in -errno. */
int tc_events_read(struct tc *tc, bool *touched, struct err *err);

/* Tries whether this kernel has ifb links ("ifb") and HTB ("htb"), with a link that is there for
 * that moment only, and notes it in 'facts'. */
int tc_probe(struct facts *facts, struct err *err);

#endif
