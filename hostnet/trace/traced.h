/* SPDX-License-Identifier: GPL-2.0-or-later */
/* traced.h - what the kernel told of a frame on a host, in the words of the document.
 *
 * The steps have the shape of Explain's. What decided is known from the kernel alone: the rule that
 * matched, the port that it came in and left by; only whom they belong to is looked up. A packet
 * that is led from one network of the host into another is told of in each by itself. */
#ifndef WEFT_HOSTNET_TRACE_TRACED_H
#define WEFT_HOSTNET_TRACE_TRACED_H

#include "lib/agent/agent.h"
#include "lib/backend/nft/trace.h"

/* {"steps", "verdict", "packet"}, a new reference. */
json_t *host_traced(struct agent *agent, const struct nft_traced *traced);

/* Whether there is a host, and stores the link of a port (its uuid or device) or of an L2 network's
 * outside (its uuid); NULL: none is asked for. -EINVAL if there is none. */
int host_trace_check(const struct agent *agent, const char *interface, const char **link,
		     struct err *err);

#endif
