/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child_log.h - what a child prints, line by line in our log.
 *
 * The child writes to a named pipe that it holds open at both ends, without ever waiting: it lives
 * on when we die (what it says meanwhile is lost once the pipe is full), and the next agent reads
 * on. */
#ifndef WEFT_BACKEND_CHILD_CHILD_LOG_H
#define WEFT_BACKEND_CHILD_CHILD_LOG_H

#include <event2/event.h>

#include "lib/base/err.h"

struct child_log;

/* Each line begins with 'name'. The pipe at 'path' is made if it is not there. */
int child_log_open(struct event_base *base, const char *path, const char *name,
		   struct child_log **ret, struct err *err);
/* Lines that hold one of these phrases (NULL-terminated; the caller's own, kept) are written for
 * debugging only. */
void child_log_quieten(struct child_log *log, const char *const *phrases);
/* Every line is given to 'heard' as well. */
typedef void child_line_fn(void *data, const char *line);
void child_log_listen(struct child_log *log, child_line_fn *heard, void *data);
/* The child's end; the log's own. */
int child_log_output(const struct child_log *log);
/* Reads what there is; for the last words of a child that ended. */
void child_log_drain(struct child_log *log);
/* The last line that came, for "why did it end"; never NULL. */
const char *child_log_last(const struct child_log *log);
void child_log_free(struct child_log *log);

#endif
