/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters.h - the method Counters: what each port and elastic IP has carried.
 *
 * Reading many goes on over turns of the event loop, between which everything else is served; one
 * that goes meanwhile is left out. */
#ifndef WEFT_HOSTNET_COUNTERS_H
#define WEFT_HOSTNET_COUNTERS_H

#include "lib/agent/agent.h"

extern const char counters_interface[]; /* Its part of the interface's text. */

wire_method_fn method_counters;

/* The same for the controller: agent_type.counters. */
struct agent_counting *host_counters(struct agent *agent, json_t *filter, agent_counted_fn *done,
				     void *data, struct err *err);

/* The same for a monitoring, as agent_type.metrics is asked. */
void counters_metrics(struct agent *agent, struct metrics *metrics);

#endif
