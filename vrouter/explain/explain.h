/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain.h - what becomes of a packet, told from the document alone.
 *
 * The packet is the first of a connection. It is walked through the model, not through the rules:
 * the words are the user's objects. 'interface' is an interface's uuid or a link's name; NULL:
 * where its source is at home. docs/router-semantics.md has the order of the stages. Pure. */
#ifndef WEFT_VROUTER_EXPLAIN_EXPLAIN_H
#define WEFT_VROUTER_EXPLAIN_EXPLAIN_H

#include "lib/explain/packet.h"
#include "lib/item/facts.h"
#include "vrouter/document/router.h"

/* {"steps": [{"object", "section", "action", "text", "packet"}], "verdict": "accept", "drop" or
 * "reject", "packet": as it leaves}. A new reference; NULL with 'err' filled in:
 *   -EINVAL  there is no such interface, or the packet makes no sense */
json_t *router_explain(const struct document *document, const struct facts *facts,
		       const struct packet *packet, struct err *err);

#endif
