/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agents.h - where the agents of hosts and routers dial: they enrol, hear what their document is
 * and how it changes, and report how they are doing. docs/decisions/0016 tells how.
 *
 * The socket is served to agents alone: who has no certificate may enrol, who has one sees its own
 * document. */
#ifndef WEFT_LINK_AGENTS_H
#define WEFT_LINK_AGENTS_H

#include <event2/event.h>

#include "controller/model/types.h"

#define AGENTS_INTERFACE "io.weft.AgentLink"

struct agents;
struct counts;
struct jobs;

struct agents_options {
	const char *const *addresses; /* "tcp:HOST:PORT". */
	size_t n_addresses;
	int64_t certificate_s; /* How long an agent's certificate holds. */
};

/* Model, jobs and counts outlive it. Makes the authority in 'state_directory' if there is none yet.
 */
int agents_open(struct event_base *base, struct model *model, struct jobs *jobs,
		struct counts *counts, const char *state_directory,
		const struct agents_options *options, struct agents **ret, struct err *err);
void agents_close(struct agents *agents);

#endif
