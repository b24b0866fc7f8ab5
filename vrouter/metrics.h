/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics.h - the router's figures for a monitoring. */
#ifndef WEFT_VROUTER_METRICS_H
#define WEFT_VROUTER_METRICS_H

#include "lib/agent/metrics.h"

/* Answers from the event loop: what each object has carried, and how the agent is. */
void router_metrics(struct agent *agent, struct metrics *metrics);

#endif
