/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job.h - what became of a write at the agents whose documents it changed.
 *
 * A job comes to be within a call that touches an agent's document, and belongs to the account that
 * called. Each of its parts is one agent: it waits, was sent a revision, has taken it, or has not.
 * When no part is open any more, the job has ended: failed if one of them is, else done.
 *
 * Jobs live in memory: what is to be true is in the model, and what became true is said there too
 * (health, connection). Ended ones are kept for an hour; of too many the oldest go. */
#ifndef WEFT_JOB_JOB_H
#define WEFT_JOB_JOB_H

#include <event2/event.h>

#include "controller/model/model.h"

enum job_state { JOB_RUNNING, JOB_DONE, JOB_FAILED };
enum job_part_state { PART_WAITING, PART_SENT, PART_DONE, PART_FAILED };

extern const char *const job_states[], *const job_part_states[];

/* An object that the write changed, and that agents tell the health of. */
struct job_object {
	const struct model_type *type;
	char *uuid;
	struct job_object *next;
};

struct job_part {
	struct job *job;
	const struct model_type *type; /* Whose agent it is. */
	char *uuid;
	enum job_part_state state;
	bool connected;
	bool certain;     /* Its document is another now, though it could not be sent yet. */
	int64_t revision; /* That it has to take; 0: it is not known yet. */
	bool reported;    /* It says that it has. */
	char *reason;     /* Of PART_FAILED. */
	struct job_part *next, *previous;

	/* Of an open one, in its agent's list. */
	struct job_part *next_open, **here;
};

struct job {
	char *uuid, *account;
	enum job_state state;
	struct job_part *parts;
	size_t n_open, n_parts;
	struct job_object *objects;
	size_t n_objects;
	uint64_t ended_ms; /* By the loop's clock. */
	struct job_reader *readers;
	struct job *next; /* In the order of their making. */
};

struct jobs;

struct jobs *jobs_new(void);
void jobs_free(struct jobs *jobs); /* Readers are not told. */

/* A call of an account begins; what is touched until jobs_close() is one job. */
void jobs_open(struct jobs *jobs, const char *account);
/* The job of the call that is open; NULL: none is open, or there is none yet and 'make' does not
 * ask for it. */
struct job *jobs_current(struct jobs *jobs, bool make);
/* The uuid of the job, if there came to be one; NULL: none. */
const char *jobs_close(struct jobs *jobs);

/* NULL: there is none, or none any more. */
struct job *jobs_find(struct jobs *jobs, const char *uuid);

/* A part in an agent's list of open ones, unless the last one there is this job's already. */
void job_add_part(struct job *job, struct job_part **open, const struct model_type *type,
		  const char *uuid, bool connected);
/* No more than are worth telling. */
void job_add_object(struct job *job, const struct model_type *type, const char *uuid);

/* Each may end the job; an ended part is in no list any more. */
void job_part_sent(struct job_part *part, int64_t revision);
void job_part_connected(struct job_part *part, bool connected);
void job_part_done(struct job_part *part);
void job_part_failed(struct job_part *part, const char *reason);
void job_part_drop(struct job_part *part); /* It does not concern this agent; freed. */

/* Hears of each change of a job, until it stops listening. */
struct job_reader {
	void (*changed)(struct job_reader *reader);
	struct job *job; /* NULL: it is gone. */
	struct job_reader *next, **here;
};
void job_listen(struct job *job, struct job_reader *reader);
void job_stop_listening(struct job_reader *reader);

#endif
