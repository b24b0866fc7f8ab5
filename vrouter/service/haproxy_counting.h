/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_counting.h - bytes and sessions of each listener and member, looked at every few seconds.
 *
 * A worker counts from zero; what earlier ones counted is added. The sums are in a file beside the
 * sockets, for the next agent. What connections that an earlier worker still serves carry after its
 * last look is not counted. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_COUNTING_H
#define WEFT_VROUTER_SERVICE_HAPROXY_COUNTING_H

#include <event2/event.h>

#include "vrouter/service/haproxy.h"
#include "vrouter/service/haproxy_model.h"

struct haproxy_counting;

/* What a worker is asked for all that is counted. */
#define HAPROXY_COUNT_COMMAND "show info;show stat -1 5 -1"

/* All live as long as the counting. */
struct haproxy_counting *haproxy_counting_new(struct event_base *base,
					      const struct haproxy_paths *paths,
					      struct haproxy_model *model);
void haproxy_counting_free(struct haproxy_counting *counting); /* Ends all looks. */

struct haproxy_look *haproxy_counting_look(struct haproxy_counting *counting,
					   haproxy_looked_fn *done, void *data);

/* Takes in the answer to HAPROXY_COUNT_COMMAND. */
void haproxy_count_read(struct haproxy_model *model, const char *answer);

/* The sums as a text, and back for the listeners and members that there are. */
void haproxy_count_text(const struct haproxy_model *model, struct text *text);
void haproxy_count_load(struct haproxy_model *model, const char *text);

#endif
