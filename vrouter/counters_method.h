/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters_method.h - the method Counters. */
#ifndef WEFT_VROUTER_COUNTERS_METHOD_H
#define WEFT_VROUTER_COUNTERS_METHOD_H

#include "lib/agent/agent.h"

wire_method_fn method_counters;

/* The same for the controller: agent_type.counters. */
struct agent_counting *router_counters(struct agent *agent, json_t *filter, agent_counted_fn *done,
				       void *data, struct err *err);

/* Its part of the interface's text. */
extern const char counters_interface[];

#endif
