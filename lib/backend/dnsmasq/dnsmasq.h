/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq.h - DNS forwarding and DHCP for networks, by one dnsmasq.
 *
 *   kind            key              value
 *   dns.listen      ADDRESS          empty: queries to this address are answered
 *   dns.forwarder   ORDER ("000")    ADDRESS of an upstream server; asked in this order
 *   dhcp.range      [NETWORK ]PREFIX "server ADDRESS lease SECONDS [gateway ADDRESS|none] [mtu N]
 *                                    [dns A,B] [domain NAME] [reach ADDRESS]": the hosts of this
 *                                    network are served; 'server' is our address there and, without
 *                                    'gateway', their gateway; what is to be reached is so by the
 *                                    server, whatever their gateway is
 *   dhcp.host       NETWORK MAC      "ADDRESS [HOSTNAME]"; a second NIC ("ADDRESS -") is told
 *                                    neither gateway, DNS servers, domain nor a name
 *
 * Only hosts that are listed get an answer. Forwarders and hosts change in the running process;
 * listening addresses and ranges start it anew, and so does what goes from a
 * network with second NICs. The files in RUN_DIR/NAME are what the provider
 * reads: a restart of the agent finds everything there. */
#ifndef WEFT_BACKEND_DNSMASQ_DNSMASQ_H
#define WEFT_BACKEND_DNSMASQ_DNSMASQ_H

#include <event2/event.h>

#include "lib/backend/child/child_process.h"
#include "lib/item/provider.h"

struct dnsmasq;

struct dnsmasq_settings {
	const char *run_dir, *name; /* Of the process and its directory in there. */
	const char *netns;          /* The network namespace's path; NULL: the agent's own. */
	child_changed_fn *changed;  /* When the process's status changed; may be NULL. */
	void *data;
};

/* The settings are copied. */
int dnsmasq_new(struct event_base *base, const struct dnsmasq_settings *settings,
		struct dnsmasq **ret, struct err *err);
/* The process runs on. */
void dnsmasq_free(struct dnsmasq *dnsmasq);

/* Removes its directory, when nothing in it is wanted any more. */
void dnsmasq_forget(struct dnsmasq *dnsmasq);

struct provider dnsmasq_provider(struct dnsmasq *dnsmasq);
void dnsmasq_status(const struct dnsmasq *dnsmasq, struct child_status *status);
/* Whether something of this object is served by the process. */
bool dnsmasq_serves(const struct dnsmasq *dnsmasq, const char *owner);

#endif
