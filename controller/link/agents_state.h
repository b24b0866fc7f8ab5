/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agents_state.h - the inside of agents.h, for its own files. */
#ifndef WEFT_LINK_AGENTS_STATE_H
#define WEFT_LINK_AGENTS_STATE_H

#include <jansson.h>

#include "controller/count/count.h"
#include "controller/job/job.h"
#include "controller/link/agents.h"
#include "controller/link/authority.h"
#include "controller/link/held.h"
#include "controller/model/agent.h"
#include "controller/model/changes.h"
#include "controller/project/project.h"
#include "lib/base/map.h"
#include "lib/wire/server.h"

/* Beside the parts of a host's document (project.h): lists that it has in common with others. */
#define TOUCHED_LISTS (1U << 16)

/* Whom the next turn is about: there are many agents, and few of them are. */
enum waiting_kind {
	WAITS_TOUCHED,  /* Its document may be another. */
	WAITS_MOVED,    /* It came or went, and the model does not say so yet. */
	WAITS_REPORTED, /* It has said something that parts of jobs waited for. */
	N_WAITING,
};

struct waiting {
	struct member **members;
	size_t n, room;
};

/* An agent that is connected, or was. */
struct member {
	struct map_node by_name;
	struct agents *agents;
	struct agent_name name;
	const struct model_type *type; /* Of whose agent it is. */
	char *uuid;
	struct held held;        /* What it was sent. */
	int64_t revision;        /* Of that. */
	struct wire_call *watch; /* NULL: it is not there. */
	unsigned int touched;    /* Parts of its document that may be others now: of a router
				    any is all. */
	bool swept;              /* Nothing but the sweep touched it. */
	char *unmade;            /* Why its document cannot be made; NULL: it can. */
	struct held away;        /* What it would hold by now, had it not gone; for jobs. */
	struct job_part *parts;  /* Of jobs, that wait for it. */
	struct count_question *questions; /* That it has not answered yet. */
	bool waits[N_WAITING];            /* Whether it is in these lists. */
};

struct agents {
	struct event_base *base;
	struct model *model;
	struct jobs *jobs;
	struct counts *counts;
	struct authority *authority;
	struct wire_server *server;
	struct model_subscription *subscription;
	struct event *turn;  /* What was touched is looked at. */
	struct event *again; /* The same, when the database could not be written. */
	struct event *renew; /* The controller's own certificate. */
	char *addresses;     /* For that. */
	int64_t certificate_s;
	struct map members;
	struct shared *shared;   /* What parts of documents have in common. */
	struct lists *lists;     /* Lists that documents have in common. */
	struct event *sweep;     /* One member after the other is looked at whole. */
	size_t swept;            /* How many were, in this round. */
	uint64_t sweep_lists_ms; /* Then the next list is. */
	struct map findings;     /* report.c's: what the model is to be told. */
	struct waiting waiting[N_WAITING];
};

/* Of its list it is once. */
static inline void member_wait(struct member *member, enum waiting_kind kind)
{
	struct waiting *waiting = &member->agents->waiting[kind];

	if (member->waits[kind])
		return;
	member->waits[kind] = true;
	mem_grow(&waiting->members, &waiting->room, waiting->n + 1, sizeof(struct member *));
	waiting->members[waiting->n++] = member;
}

/* All of a list were dealt with. */
static inline void waiting_done(struct agents *agents, enum waiting_kind kind)
{
	struct waiting *waiting = &agents->waiting[kind];

	for (size_t i = 0; i < waiting->n; i++)
		waiting->members[i]->waits[kind] = false;
	waiting->n = 0;
}

/* Parts of its document may be others now. */
static inline void member_touch(struct member *member, unsigned int parts)
{
	member->touched |= parts;
	member_wait(member, WAITS_TOUCHED);
}

/* agents.c: answers NotEnrolled where the caller is no agent that holds, or Busy. NULL: answered.
 * The member is made when it is the first time. */
struct member *agents_caller(struct agents *agents, struct wire_call *call);
struct member *member_of(struct agents *agents, const struct agent *agent);
struct member *member_named(struct agents *agents, const struct model_type *type,
			    const char *uuid); /* NULL: it never was there. */
void agents_reply_error(struct wire_call *call, const char *name, const struct err *err);
/* Everything touched is looked at in the event loop's next turn. */
void agents_wake(struct agents *agents);

/* enroll.c */
void agents_enroll(struct wire_call *call, json_t *parameters, void *data);
void agents_renew(struct wire_call *call, json_t *parameters, void *data);

/* What documents have in common now; borrowed until the next change or sweep. */
struct shared *agents_shared(struct agents *agents);
void agents_forget_shared(struct agents *agents);

/* change.c: makes 'held' what the member's document is now, and adds to 'patch' what is another.
 * On failure it may hold nothing any more: then the agent is to be sent the whole.
 * All of it; the document of its own parts is the caller's then. */
int change_all(struct member *member, struct held *held, struct held_patch *patch,
	       json_t **document, struct err *err);
/* What was touched; '*whole' becomes the document where it is not known what was held. */
int change_touched(struct member *member, struct held *held, struct held_patch *patch,
		   json_t **whole, struct err *err);

/* watch.c */
void agents_watch(struct wire_call *call, json_t *parameters, void *data);
/* The last that is said to the agent of what is deleted: it makes, and keeps, nothing more. */
void member_take_all(struct member *member);
/* Ends the stream of a member with an error. */
void member_let_go(struct member *member, const char *why);
/* Looks at all members that are touched; 'all' is whether each could be, those that could not are
 * touched still. */
int agents_project(struct agents *agents, bool *all, struct err *err);

/* A member whose turn it is: what no change said of it, is found. */
void agents_sweep(struct agents *agents);

/* report.c */
void agents_report(struct wire_call *call, json_t *parameters, void *data);
/* Nobody tells of these objects any more. */
void findings_removed(struct member *member, json_t *remove);
/* Nor of any that it holds: it is not there; it is deleted. */
void findings_away(struct member *member);
void findings_gone(struct member *member);
/* These it is told of when it is back. */
void findings_unsent(struct member *member, json_t *upsert);
int agents_store_findings(struct agents *agents, struct err *err);
void agents_forget_findings(struct agents *agents);
/* Nobody is connected yet. */
int agents_begin(struct agents *agents, struct err *err);

const char *report_section(const struct model_type *type); /* NULL: nobody tells of such. */
bool report_is_held(const struct member *member, const char *section, const char *uuid);

/* "its router is disconnected" */
const char *member_away_reason(const struct member *member);

/* count.c */
counts_server_fn agents_ask_counters;
void agents_counters(struct wire_call *call, json_t *parameters, void *data);
void member_drop_questions(struct member *member); /* It is not there any more. */

/* part.c: the parts of jobs that wait for a member. It was sent a revision, those that did not know
 * theirs wait for that one; its document is as it was, or another, which cannot be sent yet; it
 * came or went; it says something. */
void member_parts_sent(struct member *member, int64_t revision);
void member_parts_same(struct member *member);
void member_parts_certain(struct member *member);
void member_parts_connected(struct member *member, bool connected);
void member_parts_reported(struct member *member, int64_t revision, const char *failure,
			   int64_t failure_revision);
void member_drop_parts(struct member *member);
/* What agents have taken is done, or has failed by what is said of the job's objects. */
int agents_end_parts(struct agents *agents, struct err *err);

/* touch.c: which members a transaction concerns. */
void agents_touch(const struct model_event *events, size_t n, void *data);

#endif
