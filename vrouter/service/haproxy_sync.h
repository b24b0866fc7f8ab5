/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_sync.h - brings the running HAProxy to the model, step by step, from the event loop.
 *
 * It looks at what runs before it changes anything, so it does not matter what was done before: by
 * us, by an agent that died half way, or by HAProxy when it started anew. One step at a time:
 *
 *   configuration -> checked by "haproxy -c" -> put in place -> started or reloaded
 *                 -> members of each listener that is stale -> written for the next start
 *
 * Private to vrouter/service/haproxy_*.c. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_SYNC_H
#define WEFT_VROUTER_SERVICE_HAPROXY_SYNC_H

#include "lib/backend/child/child_process.h"
#include "lib/backend/child/child_run.h"
#include "lib/backend/child/service_file.h"
#include "vrouter/service/haproxy.h"
#include "vrouter/service/haproxy_call.h"
#include "vrouter/service/haproxy_model.h"
#include "vrouter/service/haproxy_probe.h"

struct haproxy {
	struct event_base *base;
	char *(*certificate)(void *data, const char *uuid);
	child_changed_fn *changed;
	void *data;

	struct haproxy_paths paths;
	struct haproxy_model model;
	struct child_process *process;
	struct haproxy_probe *probe;

	/* What needs a reload is known by its digest: as the model has it, as the file in place
	 * has it, as the worker says that it runs, and as HAProxy refused it. */
	bool config_stale, file_stale;
	struct service_digest wanted, placed, running, refused;

	bool busy, again;
	bool was_read;
	unsigned int turns; /* Of one listener's members in a row. */
	uint64_t deadline_ms, reloaded_ms, taken_ms;
	struct event *step, *save;
	struct haproxy_call *call;
	struct child_run *check;
	char *listener; /* Whose members are being looked at. */
	struct haproxy_counting *counting;
};

void haproxy_sync_start(struct haproxy *haproxy);
/* Something in the model changed. */
void haproxy_sync_soon(struct haproxy *haproxy);
/* The process started or ended: nothing is known about it. */
void haproxy_sync_anew(struct haproxy *haproxy);
/* HAProxy could not bind the listener's port: it goes on without it, and tries again later. */
void haproxy_sync_refuse(struct haproxy *haproxy, struct haproxy_listener *listener,
			 const char *failure);
/* Saves what is not saved yet, and ends. */
void haproxy_sync_stop(struct haproxy *haproxy);

#endif
