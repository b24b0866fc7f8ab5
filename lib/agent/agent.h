/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent.h - what a router's and a host's agent share: a document, kept on disk and in the kernel.
 *
 * One process, one event loop. The type says which document, which compiler and which interface;
 * everything here is the same for all: Apply, Patch, Get, Status, Reconcile, repair of drift,
 * trying again what failed, start from disk without anyone. */
#ifndef WEFT_AGENT_AGENT_H
#define WEFT_AGENT_AGENT_H

#include <event2/event.h>

#include "lib/document/document.h"
#include "lib/item/engine.h"
#include "lib/item/facts.h"
#include "lib/item/note.h"
#include "lib/wire/server.h"

struct agent;
struct metrics;
struct nft_traced;
struct packet;

/* A reading of counters that goes on; cancel() ends it, and is not for one that has ended. */
struct agent_counting {
	void (*cancel)(struct agent_counting *counting);
};
/* 'counters' is a list as the method Counters tells it, borrowed; NULL with 'err'. */
typedef void agent_counted_fn(void *data, json_t *counters, const struct err *err);

struct agent_type {
	const char *program;           /* "vrouterd". */
	const char *description;       /* For --help. */
	const char *interface;         /* "io.weft.VRouter". */
	char *(*interface_text)(void); /* The Varlink text; the caller's. */
	const char *default_state, *default_run, *default_socket;
	const char *table; /* Name of its nftables tables. */
	/* It translates tracked connections (items of kind "connections"), and nobody else does in
	 * its network namespace: the connections of what goes are cut, at the start all that
	 * nothing in the document translates. */
	bool cuts_connections;
	const struct document_type *document;

	/* The compiler: see the header of the same name in the program's compile/. */
	void (*compile)(const struct document *document, const struct facts *facts,
			struct item_set *items, struct notes *notes);
	void (*compile_object)(const struct document *document, const struct facts *facts,
			       const struct object *object, struct item_set *items,
			       struct notes *notes);
	bool (*compile_local)(const struct section_type *section);
	void (*affected)(const struct document *document, struct object *object,
			 document_visit_fn *visit, void *data);

	/* Visits the objects whose items may be others when the link, as it is in 'facts', comes,
	 * goes or changes; no link but this one decides about them then. False: any object's may
	 * be. NULL: always any. */
	bool (*affected_by_link)(const struct document *document, const struct facts *facts,
				 const struct facts_link *link, document_visit_fn *visit,
				 void *data);

	/* What the program adds: all may be NULL. */
	int (*start)(struct agent *agent, struct err *err); /* Providers, methods, probes. */
	void (*changed)(struct agent *agent);               /* The document is another now. */
	void (*status)(struct agent *agent, json_t *services);
	/* Why a service does not do what this object wants, or NULL; the service's own. */
	const char *(*failure)(const struct agent *agent, const char *uuid);
	/* Answers a monitoring, now or later; see metrics.h. */
	void (*metrics)(struct agent *agent, struct metrics *metrics);
	/* What objects have carried, for the controller; 'filter' is that of the method Counters,
	 * NULL: all. Calls 'done' once, later. NULL with 'err' filled in; -ENOENT: there is no such
	 * object. */
	struct agent_counting *(*counters)(struct agent *agent, json_t *filter,
					   agent_counted_fn *done, void *data, struct err *err);
	/* Method Explain: {"steps": [{"object", "section", "action", "text", "packet"}],
	 * "verdict", "packet"}, a new reference; NULL with 'err' filled in. NULL: no such method.
	 */
	json_t *(*explain)(struct agent *agent, const struct packet *packet, struct err *err);
	/* Method Trace, see agent_trace.c: the family of the table that marks packets; whether
	 * there is something to trace, and the link of an interface (NULL: none is asked for),
	 * -EINVAL if not; what is said of a packet: {"steps", "verdict", "packet"}, a new
	 * reference. */
	const char *trace_family; /* NULL: there is no such method. */
	int (*trace_check)(const struct agent *agent, const char *interface, const char **link,
			   struct err *err);
	json_t *(*traced)(struct agent *agent, const struct nft_traced *traced);
	void (*stop)(struct agent *agent);
};

/* The whole life of a daemon: reads the command line, serves until SIGTERM, returns the exit
 * status. */
int agent_main(const struct agent_type *type, int argc, char **argv);

/* For the program's own parts. */
struct event_base *agent_base(const struct agent *agent);
struct engine *agent_engine(const struct agent *agent);
struct wire_server *agent_server(const struct agent *agent);
struct facts *agent_facts(struct agent *agent);
const struct document *agent_document(const struct agent *agent);
const struct notes *agent_notes(const struct agent *agent);
struct nft *agent_nft(const struct agent *agent);
struct rtnl *agent_rtnl(const struct agent *agent);
const char *agent_state_dir(const struct agent *agent);
const char *agent_run_dir(const struct agent *agent);
void *agent_data(const struct agent *agent);
void agent_set_data(struct agent *agent, void *data);

/* A method beside the common ones, answered by 'handler' with the agent as its data. */
void agent_add_method(struct agent *agent, const char *name, wire_method_fn *handler);

/* Explain's and Trace's part of the interface's text. */
extern const char agent_packet_interface[];

/* Something that Status tells of has changed; streams hear of it soon. */
void agent_status_changed(struct agent *agent);

#endif
