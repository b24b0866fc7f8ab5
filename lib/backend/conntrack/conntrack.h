/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack.h - tracked connections, as far as an object carries them (docs/items.md).
 *
 * An item of kind "connections" is always there; when it goes or changes, exactly the connections
 * that it described are deleted. */
#ifndef WEFT_BACKEND_CONNTRACK_CONNTRACK_H
#define WEFT_BACKEND_CONNTRACK_CONNTRACK_H

#include "lib/item/provider.h"

struct conntrack;

int conntrack_new(struct conntrack **ret, struct err *err);
void conntrack_free(struct conntrack *conntrack);

/* Its first read() also deletes translated connections that no wanted item describes: they were
 * left by an agent that died before it could cut them. */
struct provider conntrack_provider(struct conntrack *conntrack);

/* The provider only notes what is to be cut, so that whoever asked for a change need not wait for a
 * walk over the table: conntrack_cut() does it, for all that was noted since the last time. An
 * agent that dies in between finds it at its next start (above). What could not be cut stays noted.
 */
bool conntrack_has_cuts(const struct conntrack *conntrack);
int conntrack_cut(struct conntrack *conntrack, struct err *err);

#endif
