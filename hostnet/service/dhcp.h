/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhcp.h - a dnsmasq for each L3 network, in the network's namespace (responder.h).
 *
 * Kinds dhcp.range and dhcp.host of lib/backend/dnsmasq/dnsmasq.h; the first word of each key is
 * the L3 network. RUN_DIR/dhcp/dhcp-L3_NETWORK has each one's files. */
#ifndef WEFT_HOSTNET_SERVICE_DHCP_H
#define WEFT_HOSTNET_SERVICE_DHCP_H

#include <event2/event.h>

#include "hostnet/service/responder.h"
#include "lib/backend/child/child_process.h"

struct dhcp;

/* Takes over those that run. 'responders' outlives it. */
int dhcp_new(struct event_base *base, const char *run_dir, const struct responders *responders,
	     child_changed_fn *changed, void *data, struct dhcp **ret, struct err *err);
/* They run on. */
void dhcp_free(struct dhcp *dhcp);

struct provider dhcp_provider(struct dhcp *dhcp);

typedef void dhcp_visit_fn(void *data, const struct child_status *status);
void dhcp_status(const struct dhcp *dhcp, dhcp_visit_fn *visit, void *data);
/* Whether the network has one, and how it is doing. */
bool dhcp_status_of(const struct dhcp *dhcp, const char *network, struct child_status *status);

#endif
