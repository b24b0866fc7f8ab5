/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_call.h - one command to HAProxy's runtime API, and its answer.
 *
 * HAProxy management guide, section 9.3: a command on a UNIX socket; the answer ends with the
 * connection. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_CALL_H
#define WEFT_VROUTER_SERVICE_HAPROXY_CALL_H

#include <event2/event.h>

#include "lib/base/err.h"

struct haproxy_call;

/* 'answer' is NULL if there is none: nobody listens, or ten seconds went by. Called from the event
 * loop, never from within haproxy_call_start(); the call is gone afterwards. */
typedef void haproxy_answer_fn(void *data, const char *answer);

struct haproxy_call *haproxy_call_start(struct event_base *base, const char *socket_path,
					const char *command, haproxy_answer_fn *done, void *data);
/* 'done' is not called. NULL is fine. */
void haproxy_call_cancel(struct haproxy_call *call);

#endif
