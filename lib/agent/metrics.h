/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics.h - figures for a monitoring, as Prometheus reads them, over HTTP.
 *
 * Text format 0.0.4: families of samples, each family in one piece. Nothing is kept: every question
 * is answered by the program (agent_type.metrics), now or later. */
#ifndef WEFT_AGENT_METRICS_H
#define WEFT_AGENT_METRICS_H

#include <stdint.h>

#include "lib/agent/agent.h"

struct metrics; /* One answer, until it is sent. */

/* A family: its samples may be added in any order with those of others. 'type' is "counter" or
 * "gauge". It lives as long as the answer. */
struct metrics_family;
struct metrics_family *metrics_family(struct metrics *metrics, const char *name, const char *type,
				      const char *help);
/* 'labels' as they stand in the text: uuid="eip-1",direction="up"; "" for none. */
void metrics_add(struct metrics_family *family, const char *labels, uint64_t value);

/* Sends the answer, or with 'failure' that there is none; it is gone then. */
void metrics_done(struct metrics *metrics, const char *failure);

/* The client went away before: 'gone' is called, once, and the answer must not be used after it. */
void metrics_on_gone(struct metrics *metrics, void (*gone)(void *data), void *data);

/* Serves at options.metrics, if that is given. */
int metrics_open(struct agent *agent, struct err *err);
void metrics_close(struct agent *agent); /* Answers that are not sent are gone. */

#endif
