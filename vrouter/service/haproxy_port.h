/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_port.h - whether someone else serves an address and port already.
 *
 * HAProxy would find out only in a reload, which then fails for all listeners. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_PORT_H
#define WEFT_VROUTER_SERVICE_HAPROXY_PORT_H

#include "vrouter/service/haproxy_model.h"

/* -EADDRINUSE with a sentence. The ports of HAProxy's own workers do not count. */
int haproxy_port_check(const struct haproxy_listener *listener, struct err *err);

#endif
