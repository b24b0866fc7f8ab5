/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traced.h - what the kernel told of a packet, in the words of the document.
 *
 * The steps have the shape of Explain's. What decided is known from the kernel alone: the rule that
 * matched, the element of its set in which the packet is found, the route that is taken; only whom
 * they belong to is looked up. */
#ifndef WEFT_VROUTER_TRACE_TRACED_H
#define WEFT_VROUTER_TRACE_TRACED_H

#include "lib/agent/agent.h"
#include "lib/backend/nft/trace.h"

/* {"steps", "verdict", "packet"}, a new reference. */
json_t *router_traced(struct agent *agent, const struct nft_traced *traced);

/* Whether there is a router, and stores the link of an interface (its uuid, or the link's name;
 * NULL: none is asked for). -EINVAL if there is none. */
int router_trace_check(const struct agent *agent, const char *interface, const char **link,
		       struct err *err);

#endif
