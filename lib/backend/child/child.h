/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.h - when to start and stop one supervised daemon (HAProxy, charon, dnsmasq).
 *
 * A state machine and nothing else: it forks nothing and reads no clock. The caller passes 'now_ms'
 * (CLOCK_MONOTONIC), does what child_next() says and tells what came of it, so that a test can play
 * an hour of crashes in a microsecond. */
#ifndef WEFT_BACKEND_CHILD_CHILD_H
#define WEFT_BACKEND_CHILD_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A daemon that ends by itself is started again after 100 ms, doubled with each end up to 30 s. One
 * that was alive for a minute begins anew. */
#define CHILD_DELAY_FIRST_MS 100
#define CHILD_DELAY_MOST_MS  30000
#define CHILD_PROVEN_MS      60000
/* How long it may take to go after SIGTERM. */
#define CHILD_GRACE_MS 5000

enum child_state {
	CHILD_STOPPED,
	CHILD_STARTING, /* Alive for less than a second. */
	CHILD_RUNNING,
	CHILD_STOPPING,
	CHILD_BACKOFF, /* Ended by itself; waits to be started again. */
};

enum child_step {
	CHILD_WAIT,
	CHILD_START,
	CHILD_TERM, /* Send SIGTERM. */
	CHILD_KILL, /* Send SIGKILL. */
};

struct child {
	bool wanted;
	bool outdated; /* Runs with settings that are no longer wanted. */
	bool asked;    /* SIGTERM was sent. */
	pid_t pid;     /* 0: not alive. */
	uint64_t started_ms, retry_ms, kill_ms;
	unsigned int delay_ms; /* Of the next start after an end; 0: none yet. */
	unsigned int restarts; /* Ends that nobody asked for. */
	char last_exit[64];    /* "exited with status 1"; empty: none yet. */
};

#define CHILD_NONE \
	{          \
		0  \
	}

void child_want(struct child *child, bool wanted);
/* Its settings changed: if it runs it is stopped, and started without delay. */
void child_outdate(struct child *child);

/* What is to be done now. */
enum child_step child_next(const struct child *child, uint64_t now_ms);
/* When child_next() has to be asked again, in milliseconds from now; -1: not before something
 * happens. */
int child_timeout_ms(const struct child *child, uint64_t now_ms);

void child_started(struct child *child, pid_t pid, uint64_t now_ms);
/* It could not even be started; counts as an end. */
void child_start_failed(struct child *child, const char *why, uint64_t now_ms);
/* It was already running when we came: 'alive_ms' ago it was started. */
void child_adopted(struct child *child, pid_t pid, uint64_t alive_ms, uint64_t now_ms);
/* What CHILD_TERM asks for was done. */
void child_asked(struct child *child, uint64_t now_ms);
/* 'wait_status' as waitpid() gives it, or -1 where it cannot be known (an adopted one). */
void child_exited(struct child *child, int wait_status, uint64_t now_ms);

enum child_state child_state(const struct child *child, uint64_t now_ms);
const char *child_state_name(enum child_state state);

#endif
