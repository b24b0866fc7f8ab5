/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cutter.h - a process that cuts connections, so that nobody else waits for it.
 *
 * A walk over the kernel's table takes it 10 ms when nothing is tracked and much longer when much
 * is, within one system call. The process lives as long as the agent, and is small if it is made
 * before anything large. Expects SIGPIPE to be ignored. */
#ifndef WEFT_BACKEND_CONNTRACK_CUTTER_H
#define WEFT_BACKEND_CONNTRACK_CUTTER_H

#include "lib/backend/conntrack/conntrack.h"

struct cutter;

int cutter_new(struct cutter **ret, struct err *err);
void cutter_free(struct cutter *cutter); /* A cut that goes on may not come to its end. */

/* Readable when cutter_end() has something to say; another one after each cutter_begin(). */
int cutter_fd(const struct cutter *cutter);

/* Begins to cut what 'conntrack' has noted, which is then noted no more. Without effect while the
 * last cut goes on. */
int cutter_begin(struct cutter *cutter, struct conntrack *conntrack, struct err *err);

/* How it ended. What could not be cut is noted again. */
int cutter_end(struct cutter *cutter, struct conntrack *conntrack, struct err *err);
bool cutter_is_busy(const struct cutter *cutter);

#endif
