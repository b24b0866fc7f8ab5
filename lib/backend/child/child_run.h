/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child_run.h - a program that is run once, for what it prints and how it ends. */
#ifndef WEFT_BACKEND_CHILD_CHILD_RUN_H
#define WEFT_BACKEND_CHILD_CHILD_RUN_H

#include <event2/event.h>

#include "lib/base/err.h"

struct child_run;

/* 'output' is what it printed (standard output and error, 64 KiB at most). Called from the event
 * loop; the run is gone afterwards. */
typedef void child_run_fn(void *data, int wait_status, const char *output);

/* Runs argv[0], an absolute path. It is killed when it takes longer than 'limit_ms'. */
int child_run_start(struct event_base *base, const char *const *argv, unsigned int limit_ms,
		    child_run_fn *done, void *data, struct child_run **ret, struct err *err);
/* Kills it; 'done' is not called. NULL is fine. */
void child_run_cancel(struct child_run *run);

#endif
