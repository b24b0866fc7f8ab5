/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon_sync.h - brings a running charon to the tunnels that are wanted, and hears how they are
 * doing. charon.c keeps the tunnels and the process. */
#ifndef WEFT_VROUTER_SERVICE_CHARON_SYNC_H
#define WEFT_VROUTER_SERVICE_CHARON_SYNC_H

#include "lib/backend/vici/vici.h"
#include "vrouter/service/charon.h"
#include "vrouter/service/charon_state.h"

struct charon_connection {
	struct map_node by_uuid;
	struct item *item;
	struct charon_tunnel tunnel;
	bool is_loaded;  /* charon has it as the item says. */
	bool is_loading; /* It is on its way there. */
	char *refusal;   /* Why charon does not have it. */

	enum charon_state state;
	char *reason;             /* Why it failed, or what it waits for. */
	struct charon_sas sas;    /* Being gathered. */
	uint64_t initiate_at_ms;  /* What is missing is asked of the peer then. */
	uint64_t initiate_gap_ms; /* The next distance. */
};

/* An IKE SA of which charon does not know yet whose it is: by its number, the peer's address. */
#define CHARON_NAMELESS 64
struct charon_nameless {
	unsigned long number;
	struct ip peer;
};

struct charon {
	struct event_base *base;
	struct charon_settings settings;
	struct facts *facts;
	char *dir, *config_path;
	struct child_process *process;
	pid_t pid; /* That 'vici' speaks to; 0: none. */
	struct vici *vici;
	bool was_read;
	bool is_listed;  /* What charon has is known. */
	json_t *offered; /* Its algorithms. */
	struct map connections;
	struct charon_nameless nameless[CHARON_NAMELESS]; /* A ring. */
	size_t next_nameless;
	struct event *look, *initiate;
};

void charon_sync_open(struct charon *charon, const char *vici_path);
void charon_sync_close(struct charon *charon);

/* Another process, or none: nothing is known of it. */
void charon_sync_anew(struct charon *charon);

/* Speaks no more to it. */
void charon_sync_leave(struct charon *charon);

/* Gives charon what it lacks. */
void charon_sync_load(struct charon *charon);
/* Takes a tunnel from charon. */
void charon_sync_unload(struct charon *charon, const struct charon_connection *connection);
/* Asks again what it has. */
void charon_sync_list(struct charon *charon);

/* Of charon_watch.c. */
void charon_watch_open(struct charon *charon);
void charon_watch_close(struct charon *charon);
/* Charon has just been given it. */
void charon_watch_begin(struct charon *charon, struct charon_connection *connection);
/* Looks at one tunnel, or at all (NULL). */
void charon_watch_look(struct charon *charon, const char *uuid);
void charon_watch_event(void *charon, const char *name, const json_t *message);
void charon_set_state(struct charon *charon, struct charon_connection *connection,
		      enum charon_state state);
/* Takes over the text. */
void charon_set_reason(struct charon_connection *connection, char *reason);

/* Of charon.c. */
struct charon_connection *charon_find(const struct charon *charon, const char *uuid);
/* charon has it: the next agent is to know. */
int charon_record_write(const struct charon *charon, const struct charon_connection *connection,
			struct err *err);
void charon_changed(const struct charon *charon);

#endif
