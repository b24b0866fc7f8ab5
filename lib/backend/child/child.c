/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define STARTING_MS 1000

void child_want(struct child *child, bool wanted)
{
	if (wanted && !child->wanted) {
		/* A new wish is not kept waiting for the failures of the last one. */
		child->retry_ms = 0;
		child->delay_ms = 0;
	}
	child->wanted = wanted;
}

void child_outdate(struct child *child)
{
	child->outdated = child->pid != 0;
	child->retry_ms = 0;
	child->delay_ms = 0;
}

static bool should_stop(const struct child *child)
{
	return !child->wanted || child->outdated;
}

enum child_step child_next(const struct child *child, uint64_t now_ms)
{
	if (child->pid) {
		if (child->asked)
			return now_ms >= child->kill_ms ? CHILD_KILL : CHILD_WAIT;
		return should_stop(child) ? CHILD_TERM : CHILD_WAIT;
	}
	if (child->wanted && now_ms >= child->retry_ms)
		return CHILD_START;
	return CHILD_WAIT;
}

int child_timeout_ms(const struct child *child, uint64_t now_ms)
{
	uint64_t at_ms;

	if (child_next(child, now_ms) != CHILD_WAIT)
		return 0;
	if (child->pid && child->asked)
		at_ms = child->kill_ms;
	else if (!child->pid && child->wanted)
		at_ms = child->retry_ms;
	else
		return -1;
	return at_ms > now_ms ? (int)(at_ms - now_ms) : 0;
}

void child_started(struct child *child, pid_t pid, uint64_t now_ms)
{
	child->pid = pid;
	child->started_ms = now_ms;
	child->asked = false;
	child->outdated = false;
}

void child_adopted(struct child *child, pid_t pid, uint64_t alive_ms, uint64_t now_ms)
{
	child_started(child, pid, now_ms > alive_ms ? now_ms - alive_ms : 0);
}

void child_asked(struct child *child, uint64_t now_ms)
{
	child->asked = true;
	child->kill_ms = now_ms + CHILD_GRACE_MS;
}

static void back_off(struct child *child, uint64_t now_ms)
{
	if (child->delay_ms == 0)
		child->delay_ms = CHILD_DELAY_FIRST_MS;
	else
		child->delay_ms *= 2;
	if (child->delay_ms > CHILD_DELAY_MOST_MS)
		child->delay_ms = CHILD_DELAY_MOST_MS;
	child->retry_ms = now_ms + child->delay_ms;
	child->restarts++;
}

void child_start_failed(struct child *child, const char *why, uint64_t now_ms)
{
	snprintf(child->last_exit, sizeof(child->last_exit), "cannot be started: %s", why);
	back_off(child, now_ms);
}

static void tell_exit(struct child *child, int wait_status)
{
	char *text = child->last_exit;
	size_t size = sizeof(child->last_exit);

	if (wait_status == -1)
		snprintf(text, size, "ended");
	else if (WIFSIGNALED(wait_status))
		snprintf(text, size, "ended by signal %d (%s)", WTERMSIG(wait_status),
			 strsignal(WTERMSIG(wait_status)));
	else
		snprintf(text, size, "exited with status %d", WEXITSTATUS(wait_status));
}

void child_exited(struct child *child, int wait_status, uint64_t now_ms)
{
	bool planned = child->asked;

	tell_exit(child, wait_status);
	child->pid = 0;
	child->asked = false;
	child->outdated = false;
	if (planned)
		return;
	if (now_ms - child->started_ms >= CHILD_PROVEN_MS)
		child->delay_ms = 0;
	back_off(child, now_ms);
}

enum child_state child_state(const struct child *child, uint64_t now_ms)
{
	if (child->pid && child->asked)
		return CHILD_STOPPING;
	if (child->pid)
		return now_ms - child->started_ms < STARTING_MS ? CHILD_STARTING : CHILD_RUNNING;
	if (!child->wanted)
		return CHILD_STOPPED;
	return child->retry_ms > now_ms ? CHILD_BACKOFF : CHILD_STARTING;
}

const char *child_state_name(enum child_state state)
{
	switch (state) {
	case CHILD_STOPPED:
		return "stopped";
	case CHILD_STARTING:
		return "starting";
	case CHILD_RUNNING:
		return "running";
	case CHILD_STOPPING:
		return "stopping";
	case CHILD_BACKOFF:
		return "backoff";
	}
	return "stopped";
}
