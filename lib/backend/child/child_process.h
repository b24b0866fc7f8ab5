/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child_process.h - one supervised daemon: started, watched, started again, adopted.
 *
 * It lives on when the agent ends, however that happens; the next agent finds it by its record in
 * the run directory and takes it over. It runs in the agent's own network namespace unless it is
 * told otherwise. Under systemd the agent's unit needs KillMode=process for that. */
#ifndef WEFT_BACKEND_CHILD_CHILD_PROCESS_H
#define WEFT_BACKEND_CHILD_CHILD_PROCESS_H

#include <event2/event.h>

#include "lib/backend/child/child.h"
#include "lib/base/err.h"

struct child_process;

struct child_status {
	const char *name;
	enum child_state state;
	pid_t pid; /* 0: none. */
	unsigned int restarts;
	const char *last_exit; /* Never NULL; empty: it has not ended yet. */
	const char *last_line; /* That it printed, likewise. */
};

/* Something in the status changed. */
typedef void child_changed_fn(void *data);

/* 'name' names record (RUN_DIR/NAME.child) and pipe (RUN_DIR/NAME.log). Takes over what is still
 * running; it is neither started nor stopped before one of the wishes below is known. */
int child_process_new(struct event_base *base, const char *run_dir, const char *name,
		      child_changed_fn *changed, void *data, struct child_process **ret,
		      struct err *err);
/* Lines of its output that hold one of these phrases (NULL-terminated; the caller's own, kept) are
 * logged for debugging only. */
void child_process_quieten(struct child_process *process, const char *const *phrases);
/* Every line that it prints is given to 'heard' with the data of child_process_new(). */
typedef void child_heard_fn(void *data, const char *line);
void child_process_listen(struct child_process *process, child_heard_fn *heard);
/* Starts from now on have these capabilities (bits 1 << CAP_...) at most; all until then. */
void child_process_confine(struct child_process *process, uint64_t capabilities);
/* Starts from now on are in the network namespace at this path (copied; netns.h). */
void child_process_enter(struct child_process *process, const char *path);
/* Starts from now on have this in their environment, "NAME=VALUE" (copied). */
void child_process_set_variable(struct child_process *process, const char *variable);
/* Lets go of it; it runs on. */
void child_process_free(struct child_process *process);

/* Removes record and pipe of one that runs no more and will not again. */
void child_process_forget(struct child_process *process);

/* It is to run as 'argv' (NULL-terminated, argv[0] an absolute path; copied), with 'settings', a
 * text that stands for all else that only a start can change (at most 64 characters: a digest). It
 * is started, or started anew if it runs with others. Done from the event loop, so several wishes
 * in a row cost one start. */
void child_process_want(struct child_process *process, const char *const *argv,
			const char *settings);
void child_process_stop(struct child_process *process);

/* If it runs it is stopped, and started again at once. */
void child_process_restart(struct child_process *process);

/* Sends a signal if it runs; false if it does not. */
bool child_process_signal(struct child_process *process, int number);

void child_process_status(const struct child_process *process, struct child_status *status);
/* How long it has been running, 0 if it is not. */
uint64_t child_process_alive_ms(const struct child_process *process);

#endif
