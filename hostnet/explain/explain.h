/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain.h - what becomes of a packet on a host, told from the document alone.
 *
 * The packet is the first of a connection. It is walked through the model, not through the rules:
 * the words are the user's objects. docs/host-semantics.md has the reasons. Pure. */
#ifndef WEFT_HOSTNET_EXPLAIN_EXPLAIN_H
#define WEFT_HOSTNET_EXPLAIN_EXPLAIN_H

#include "hostnet/document/host.h"
#include "lib/explain/packet.h"
#include "lib/item/facts.h"
#include "lib/item/note.h"

/* {"steps": [{"object", "section", "action", "text", "packet"}], "verdict": "accept" or "drop",
 * "packet": as it leaves}. 'interface' is a port's uuid or device, or an L2 network's uuid: from
 * its outside; NULL: where the source is at home. Without 'from' the port's first address is
 * taken. 'notes' are those of the compiler: what rests carries nothing; NULL: nothing rests. A new
 * reference; NULL with 'err' filled in:
 *   -EINVAL  it is not clear where the packet comes in, or it makes no sense */
json_t *host_explain(const struct document *document, const struct facts *facts,
		     const struct notes *notes, const struct packet *packet, struct err *err);

#endif
