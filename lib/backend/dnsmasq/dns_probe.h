/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns_probe.h - which of several DNS servers, asked in their order, is the first that answers.
 *
 * dnsmasq begins every query with the first server and goes on only when the client asks again: a
 * dead first server would delay every name. So the first one is asked for the root's servers every
 * other second; only when it does not answer are the next ones. */
#ifndef WEFT_BACKEND_DNSMASQ_DNS_PROBE_H
#define WEFT_BACKEND_DNSMASQ_DNS_PROBE_H

#include <event2/event.h>

#include "lib/base/net.h"

struct dns_probe;

/* Another server is the first that answers. */
typedef void dns_probe_fn(void *data);

struct dns_probe *dns_probe_new(struct event_base *base, dns_probe_fn *changed, void *data);
void dns_probe_free(struct dns_probe *probe);

/* The servers in their order (copied). Fewer than two are not asked at all. */
void dns_probe_set(struct dns_probe *probe, const struct ip *servers, size_t n);

/* Its place in that order. 0 until it is known to be dead while another one answers. */
size_t dns_probe_first(const struct dns_probe *probe);

#endif
