/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_counting.h - bytes and sessions of each listener, looked at every few seconds.
 *
 * A worker counts from zero; what earlier ones counted is added. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_COUNTING_H
#define WEFT_VROUTER_SERVICE_HAPROXY_COUNTING_H

#include <event2/event.h>

#include "vrouter/service/haproxy_model.h"

struct haproxy_counting;

/* Both live as long as the counting. */
struct haproxy_counting *haproxy_counting_new(struct event_base *base, const char *worker,
					      struct haproxy_model *model);
void haproxy_counting_free(struct haproxy_counting *counting);

/* Takes in what "show stat" says of the listeners. */
void haproxy_count_read(struct haproxy_model *model, const char *answer);

#endif
