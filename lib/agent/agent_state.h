/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent_state.h - the agent's inside, for its own files. */
#ifndef WEFT_AGENT_AGENT_STATE_H
#define WEFT_AGENT_AGENT_STATE_H

#include "lib/agent/agent.h"
#include "lib/agent/store.h"
#include "lib/backend/conntrack/cutter.h"
#include "lib/backend/nft/nft.h"
#include "lib/backend/rtnl/rtnl.h"
#include "lib/backend/tc/tc.h"
#include "lib/item/fight.h"

struct agent_options {
	char *state_dir, *run_dir, *config;
	char **sockets;
	size_t n_sockets, sockets_room;
	char *tls_ca, *tls_certificate, *tls_key;
	char *metrics;                 /* An address, or NULL. */
	char *controller, *token_file; /* NULL: there is none. */
};

#define DRIFT_KEPT 64

/* One repair of what someone else did. */
struct drift_entry {
	struct item *item; /* What was put back, or what was taken away. */
	enum change_action action;
	uint64_t wall_at_ms;
	char *process; /* Who it was, where the kernel says; NULL: unknown. */
};

struct drift {
	struct drift_entry entries[DRIFT_KEPT]; /* A ring. */
	size_t next;
};

struct agent {
	const struct agent_type *type;
	struct agent_options options;
	void *data;
	struct event_base *base;
	struct wire_server *server;
	struct wire_interface *interface;
	struct metrics_server *metrics; /* metrics.c's; NULL: none. */

	struct nft *nft;
	struct rtnl *rtnl;
	struct tc *tc;
	struct conntrack *conntrack;
	struct cutter *cutter;
	struct event *cut_event;
	struct engine *engine;
	struct store *store;
	struct document *document; /* NULL until the first Apply. */
	struct facts facts;
	struct notes notes;

	struct event *rtnl_event, *nft_event, *tc_event, *retry_timer, *links_timer, *compact_timer;
	struct event *look_timer; /* Everything is read again. */
	struct settings *settings;
	struct event *after_timer; /* What is done when the answer is on its way. */
	uint64_t after_ms;         /* When at the latest. */
	struct event *trim_timer;
	struct event *announce_timer; /* What came up with a link is announced again. */
	struct event *status_timer, *signals[4];
	struct drift drift;
	struct fights fights;
	struct touched *touched; /* Waiting to be looked at. */
	struct item_set told;    /* What the kernel said last of some. */
	uint64_t look_again_ms;  /* Everything is not read before. */
	pid_t compactor;
	json_t *streams_last; /* What the streams of Status were told last. */
	struct status_stream *streams;
	struct agent_link *link; /* To the controller; NULL: there is none. */
	struct tracing *tracing; /* agent_trace.c's; NULL: nothing was traced yet. */
};

/* agent_options.c: -1 means go on, else the exit status. */
int agent_options_read(struct agent *agent, int argc, char **argv);
void agent_options_clear(struct agent_options *options);

/* agent_kernel.c: opens the backends, gives them to the engine, watches them. */
int agent_kernel_open(struct agent *agent, struct err *err);
int agent_kernel_watch(struct agent *agent, struct err *err);
void agent_kernel_close(struct agent *agent);
/* The links could not be looked at: later. */
void agent_links_again(struct agent *agent);

/* agent_drift.c */
void drift_touched(struct agent *agent, const char *kind, const char *key, bool removed,
		   const char *process);
void drift_routes_lost(struct agent *agent); /* Which ones, nobody knows. */
void drift_lost(struct agent *agent);        /* Nobody knows what was touched. */
void drift_repair(struct agent *agent);      /* Looks at everything touched, puts it right. */
void drift_everything(struct agent *agent, const char *provider, const char *process);
/* What is wanted of one link, among it all of 'some'. */
void drift_link(struct agent *agent, const char *link, const struct item_set *some);
void drift_clear(struct agent *agent);

/* agent_settings.c: watches over the sysctls. */
int settings_watch(struct agent *agent, struct err *err);
void settings_close(struct agent *agent);

/* agent_drift_told.c */
void drift_note(struct drift *drift, const struct change *change, const char *process);
json_t *drift_json(const struct drift *drift);
void drift_told_clear(struct drift *drift);

/* agent_change.c: all note in 'plan' what they did, or for a dry run would. */
int agent_start_document(struct agent *agent, struct plan *plan, struct err *err);
int agent_apply(struct agent *agent, json_t *state, bool dry_run, struct plan *plan,
		struct err *err);
int agent_patch(struct agent *agent, int64_t revision, json_t *upsert, json_t *remove, bool dry_run,
		struct plan *plan, struct err *err);
/* Compiles the whole document and makes it what is wanted. */
void agent_compile_all(struct agent *agent, struct plan *plan);
void agent_settle(struct agent *agent, const struct plan *plan); /* What every change ends with. */

/* agent_links.c */
void agent_refresh(struct agent *agent);    /* The facts are others now: everything is looked at. */
void agent_links_told(struct agent *agent); /* Only what the kernel's events were about. */

void agent_schedule(struct agent *agent); /* Sets the timer of what failed. */
/* Connections are cut once the answer is out. */
void agent_after(struct agent *agent);

/* Memory is given back a moment after something large. */
void agent_trim_soon(struct agent *agent);

/* agent_affected.c: a set of objects by name, which outlive no change of the document. */
struct affected;
struct affected *affected_new(void);
void affected_free(struct affected *affected);
void affected_add(struct affected *affected, struct object *object);
/* Of those that are in a document: what is derived is never another, how it was needs no look. */
size_t affected_count(const struct affected *affected);
/* Compiles those that 'document' still has; 'notes' forgets what it said of them before. */
void affected_compile(const struct agent *agent, const struct affected *affected,
		      struct item_set *items, struct notes *notes);

/* agent_methods.c, agent_status.c, agent_explain.c */
void agent_methods_add(struct agent *agent);
void agent_status_method(struct wire_call *call, json_t *parameters, void *data);
void agent_status_close(struct agent *agent);
json_t *agent_status_objects(const struct agent *agent); /* A new list. */

void agent_explain_method(struct wire_call *call, json_t *parameters, void *data);

/* agent_trace.c */
void agent_trace_open(struct agent *agent); /* What an agent before left is taken away. */
void agent_trace_method(struct wire_call *call, json_t *parameters, void *data);
void agent_trace_close(struct agent *agent);

/* agent_compact.c: watches over the process that writes a snapshot. */
void agent_compact_soon(struct agent *agent);
void agent_compact_exited(struct agent *agent, pid_t pid, int status);

#endif
