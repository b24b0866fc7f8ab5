/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy.h - load balancing, by one HAProxy (a master and its worker).
 *
 *   kind                  key                 value
 *   haproxy.listener      LISTENER            "PROTOCOL ADDRESS PORT ALGORITHM idle SECONDS maxconn
 * N rise N fall N interval SECONDS [certificates A,B]": PROTOCOL tcp, http or https; ALGORITHM
 * roundrobin, leastconn or source; the first certificate is for clients that name no server
 *   haproxy.member        LISTENER MEMBER     "ADDRESS PORT weight N"
 *   haproxy.certificate   CERTIFICATE         SHA-256 of its PEM text, which is asked for by
 * callback and stands in a file that only root reads
 *
 * The owner is the load balancer (or certificate). Members change in the running process; what a
 * listener is changes by a reload, in which the new worker takes over the listening sockets and the
 * old one serves its connections to their end. A removed member serves its connections to their end
 * as well, but for a reload's sake they are kept by the old worker.
 *
 * Changes are made from the event loop after apply() returned. What HAProxy refuses is in
 * haproxy_failure(); it goes on with what it had. Members are probed by us and not by HAProxy: its
 * checks would take a connection from a listener that serves only one. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_H
#define WEFT_VROUTER_SERVICE_HAPROXY_H

#include <event2/event.h>
#include <jansson.h>

#include "lib/backend/child/child_process.h"
#include "lib/item/provider.h"

struct haproxy;

struct haproxy_settings {
	const char *run_dir;
	/* The PEM text of a certificate, its chain and its key, or NULL; freed by the caller. */
	char *(*certificate)(void *data, const char *uuid);
	/* Something in the status or the failures changed. May be NULL. */
	child_changed_fn *changed;
	void *data;
};

int haproxy_new(struct event_base *base, const struct haproxy_settings *settings,
		struct haproxy **ret, struct err *err);
/* The processes run on. */
void haproxy_free(struct haproxy *haproxy);

struct provider haproxy_provider(struct haproxy *haproxy);

void haproxy_child_status(const struct haproxy *haproxy, struct child_status *status);

/* Whether a listener of this object is served by the process. */
bool haproxy_serves(const struct haproxy *haproxy, const char *owner);

/* Why a load balancer does not work as wanted, or NULL; haproxy's own. */
const char *haproxy_failure(const struct haproxy *haproxy, const char *owner);

/* Appends one object for each listener: {"listener", "owner", "members": [{"uuid", "health":
 * "up"|"down", "reason"}], "failure"?}. */
void haproxy_status(const struct haproxy *haproxy, json_t *listeners);

/* A look at what HAProxy has counted: 'done' is called once, from the event loop and not from
 * within this, also when it does not answer. The look is gone then. */
struct haproxy_look;
typedef void haproxy_looked_fn(void *data);
struct haproxy_look *haproxy_look(struct haproxy *haproxy, haproxy_looked_fn *done, void *data);
void haproxy_look_cancel(struct haproxy_look *look); /* NULL is fine. */

/* Bytes are those of the connections, without headers below; in is from clients. */
struct haproxy_traffic {
	uint64_t bytes_in, bytes_out;
	uint64_t sessions, sessions_total; /* Now, and all there were. */
};

/* As of the last look. 'member' is NULL for all of the listener. False: there is no such one. */
bool haproxy_traffic(const struct haproxy *haproxy, const char *listener, const char *member,
		     struct haproxy_traffic *traffic);

#endif
