/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - a client in an event loop: dials a Varlink service, calls it, hears its answers.
 *
 * For an agent that dials its controller and holds a stream there. Nothing waits. A link that is
 * closed stays closed: who wants to dial again makes a new one, after a time of its own choice. */
#ifndef WEFT_WIRE_LINK_H
#define WEFT_WIRE_LINK_H

#include <event2/event.h>

#include "lib/wire/client.h"

struct wire_link;

struct wire_link_events {
	/* The service is reached and is who it must be; may be NULL. */
	void (*opened)(struct wire_link *link, void *data);
	/* It was not reached, or is there no more, or broke the rules. Comes once, and last; calls
	 * that have no answer get none. */
	void (*closed)(struct wire_link *link, const struct err *why, void *data);
};

/* Each of the callbacks, here and below, may free the link. They come from the event loop only.
 * 'tls' is needed for a tcp address, and stays the caller's. The process has to
 * ignore SIGPIPE. What the kernel knows at once (there is no such socket) is returned, all else
 * comes to closed(). */
int wire_link_new(struct event_base *base, const char *address, struct wire_tls *tls,
		  const struct wire_link_events *events, void *data, struct wire_link **ret,
		  struct err *err);
void wire_link_free(struct wire_link *link);

/* 'answer' is borrowed. With 'more' it is called until an answer does not continue. */
typedef void wire_link_answer_fn(struct wire_link *link, const struct wire_answer *answer,
				 void *data);

/* May be called at once, before the link is open; answers come in the order of the calls.
 * 'parameters' is borrowed, may be NULL.
 *
 * -EINVAL: they are no object; -ENOTCONN: the link is closed. */
int wire_link_call(struct wire_link *link, const char *method, json_t *parameters, bool more,
		   wire_link_answer_fn *answer, void *data, struct err *err);

/* The common name of the service's certificate, once the link is open; NULL over a UNIX socket. */
const char *wire_link_peer_name(const struct wire_link *link);

#endif
