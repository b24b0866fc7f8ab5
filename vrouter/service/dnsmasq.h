/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq.h - DNS forwarding and DHCP for the private networks, by one dnsmasq.
 *
 *   kind            key              value
 *   dns.listen      ADDRESS          empty: queries to this address are answered
 *   dns.forwarder   ORDER ("000")    ADDRESS of an upstream server; asked in this order
 *   dhcp.range      PREFIX           "server ADDRESS lease SECONDS [mtu N] [dns A,B] [domain
 * NAME]": the hosts of this network are served; 'server' is the router's address there, and the
 * hosts' gateway dhcp.host       NETWORK MAC      "ADDRESS [HOSTNAME]"
 *
 * Only hosts that are listed get an answer. Forwarders and hosts change in the running process;
 * listening addresses and ranges start it anew. The files in RUN_DIR/dnsmasq are what the provider
 * reads: a restart of the agent finds everything there. */
#ifndef WEFT_VROUTER_SERVICE_DNSMASQ_H
#define WEFT_VROUTER_SERVICE_DNSMASQ_H

#include <event2/event.h>

#include "lib/backend/child/child_process.h"
#include "lib/item/provider.h"

struct dnsmasq;

/* 'changed' (may be NULL) is called when the process's status changed. */
int dnsmasq_new(struct event_base *base, const char *run_dir, child_changed_fn *changed, void *data,
		struct dnsmasq **ret, struct err *err);
/* The process runs on. */
void dnsmasq_free(struct dnsmasq *dnsmasq);

struct provider dnsmasq_provider(struct dnsmasq *dnsmasq);
void dnsmasq_status(const struct dnsmasq *dnsmasq, struct child_status *status);
/* Whether something of this object is served by the process. */
bool dnsmasq_serves(const struct dnsmasq *dnsmasq, const char *owner);

#endif
