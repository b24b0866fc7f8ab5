/* SPDX-License-Identifier: GPL-2.0-or-later */
/* password.h - hashes of passwords (argon2id), made and verified beside the event loop.
 *
 * One takes 64 MiB and tens of milliseconds: a thread of its own does one after the other, and
 * tells the loop by an eventfd. The thread sees nothing but its jobs. */
#ifndef WEFT_API_PASSWORD_H
#define WEFT_API_PASSWORD_H

#include <event2/event.h>
#include <stdbool.h>

#include "lib/base/err.h"

/* Of a given password, in bytes. */
#define PASSWORD_MAX 1024

struct password_worker;

struct password_job {
	char *password; /* Owned; wiped when it is done. */
	char *hash;     /* Owned: to be verified, or NULL: made. */
	bool verified;
	void (*done)(void *data); /* From the event loop. */
	void *data;
	struct password_job *next; /* The worker's. */
};

int password_worker_new(struct event_base *base, struct password_worker **ret, struct err *err);
/* Jobs that are not done are forgotten. */
void password_worker_free(struct password_worker *worker);

/* The job stays the caller's, and has to stay until it is done. -EBUSY: too many wait. */
int password_submit(struct password_worker *worker, struct password_job *job, struct err *err);

void password_job_clear(struct password_job *job);

/* A hash that no password has: verifying against it takes as long as against any other. */
const char *password_nobody(void);

#endif
