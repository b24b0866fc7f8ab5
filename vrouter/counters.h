/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters.h - what each object of the document has carried, read a few objects at a time.
 *
 * Reading many goes on over turns of the event loop, between which everything else is served; an
 * object that goes meanwhile is left out. */
#ifndef WEFT_VROUTER_COUNTERS_H
#define WEFT_VROUTER_COUNTERS_H

#include "lib/agent/agent.h"

enum counter_kind {
	COUNTER_ALL, /* Of a filter only. */
	COUNTER_INTERFACE,
	COUNTER_VIP,
	COUNTER_EIP,
	COUNTER_PORT_FORWARD,
	COUNTER_LISTENER,
	COUNTER_MEMBER,
	COUNTER_IPSEC,
	COUNTER_KINDS
};

extern const char *const counter_kinds[]; /* By enum counter_kind; ended by NULL. */

enum counter_direction { COUNTER_UP, COUNTER_DOWN };

struct counter {
	const char *uuid;
	const char *section; /* Of the document. */
	/* A listener's load balancer, a member's listener; NULL: it is an object itself. */
	const char *of;
	enum counter_kind kind;
	bool counts; /* False: it rests, there are no numbers. */
	/* By enum counter_direction. A member has no packets. */
	uint64_t bytes[2], packets[2];
	bool has_sessions;
	uint64_t sessions, sessions_total; /* Now, and all there were. */
};

/* Which are read; all of it may be 0. */
struct counter_filter {
	struct field_list uuids; /* char *: objects, or listeners and members in them. */
	int kind;
};

extern const struct field counter_filter_fields[];

/* Called for some counters after another, the last time with 'last'. They are the callee's until it
 * returns. 'err' holds what kept the rest from being read, or is NULL. */
typedef void counters_fn(void *data, const struct counter *counters, size_t n, bool last,
			 const struct err *err);

struct counters_reading;

/* Never calls back before it returned. 'filter' is the caller's. NULL with 'err' filled in:
 *   -ENOENT  the text is the uuid that nothing has */
struct counters_reading *counters_read(struct agent *agent, const struct counter_filter *filter,
				       counters_fn *fn, void *data, struct err *err);

/* For who is not interested any more; not after the last call. NULL is fine. */
void counters_cancel(struct counters_reading *reading);

#endif
