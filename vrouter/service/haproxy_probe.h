/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_probe.h - the members' health, from SYN probes at the listener's interval. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_PROBE_H
#define WEFT_VROUTER_SERVICE_HAPROXY_PROBE_H

#include <event2/event.h>

#include "vrouter/service/haproxy_model.h"

struct haproxy_probe;

/* A member went up or down, or its reason changed. */
typedef void haproxy_health_fn(void *data, struct haproxy_member *member);

/* Where probes cannot be sent at all, every member stays up; that is logged once. */
struct haproxy_probe *haproxy_probe_new(struct event_base *base, haproxy_health_fn *changed,
					void *data);
void haproxy_probe_free(struct haproxy_probe *probe); /* After all members were removed. */

/* The first probe goes out at once. The member's listener is known by now. */
void haproxy_probe_add(struct haproxy_probe *probe, struct haproxy_member *member);
void haproxy_probe_remove(struct haproxy_probe *probe, struct haproxy_member *member);

#endif
