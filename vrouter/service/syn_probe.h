/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syn_probe.h - asks whether a TCP port is open without taking a connection.
 *
 * A SYN is sent; the kernel answers the SYN/ACK that comes with a reset, because no socket of ours
 * stands behind it ("half-open", as in RFC 9293 figure 11). The other side's program never sees a
 * connection: a listener that serves one single connection is still there for it. */
#ifndef WEFT_VROUTER_SERVICE_SYN_PROBE_H
#define WEFT_VROUTER_SERVICE_SYN_PROBE_H

#include <event2/event.h>

#include "lib/base/net.h"

struct syn_probe;

enum syn_answer { SYN_OPEN, SYN_REFUSED };

/* An answer from there. 'cookie' is what the SYN was sent with. */
typedef void syn_probe_fn(void *data, const struct ip *address, uint16_t port, uint32_t cookie,
			  enum syn_answer answer);

/* Needs CAP_NET_RAW. */
int syn_probe_new(struct event_base *base, syn_probe_fn *answered, void *data,
		  struct syn_probe **ret, struct err *err);
void syn_probe_free(struct syn_probe *probe);

/* Sends one SYN; '*cookie' goes with it. */
int syn_probe_send(struct syn_probe *probe, const struct ip *address, uint16_t port,
		   uint32_t cookie, struct err *err);

#endif
