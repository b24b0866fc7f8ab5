/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/job/job.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

#define KEPT_MS     3600000
#define JOBS_MAX    10000
#define PARTS_MAX   200000
#define OBJECTS_MAX 256

struct jobs {
	struct job *first, **end;
	size_t n, n_parts;
	bool open;
	char *account;       /* Whose call is open. */
	struct job *current; /* Of that; NULL: none yet. */
};

const char *const job_states[] = { "running", "done", "failed", NULL };
const char *const job_part_states[] = { "waiting", "sent", "done", "failed", NULL };

struct jobs *jobs_new(void)
{
	struct jobs *jobs = mem_alloc(sizeof(*jobs));

	jobs->end = &jobs->first;
	return jobs;
}

static void close_part(struct job_part *part)
{
	if (!part->here)
		return;
	*part->here = part->next_open;
	if (part->next_open)
		part->next_open->here = part->here;
	part->here = NULL;
	part->job->n_open--;
}

static void part_free(struct job_part *part)
{
	free(part->uuid);
	free(part->reason);
	free(part);
}

static void job_free(struct job *job)
{
	while (job->readers) {
		struct job_reader *reader = job->readers;

		job_stop_listening(reader);
		reader->job = NULL;
	}
	while (job->parts) {
		struct job_part *part = job->parts;

		job->parts = part->next;
		close_part(part);
		part_free(part);
	}
	while (job->objects) {
		struct job_object *object = job->objects;

		job->objects = object->next;
		free(object->uuid);
		free(object);
	}
	free(job->uuid);
	free(job->account);
	free(job);
}

void jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	while (jobs->first) {
		struct job *job = jobs->first;

		jobs->first = job->next;
		job_free(job);
	}
	free(jobs->account);
	free(jobs);
}

static void tell(struct job *job)
{
	for (struct job_reader *at = job->readers, *next; at; at = next) {
		next = at->next;
		at->changed(at);
	}
}

static void check_end(struct job *job)
{
	if (job->state == JOB_RUNNING && !job->n_open) {
		job->state = JOB_DONE;
		for (const struct job_part *part = job->parts; part; part = part->next)
			if (part->state == PART_FAILED)
				job->state = JOB_FAILED;
		job->ended_ms = clock_ms();
	}
	tell(job);
}

/* ---- their number --------------------------------------------------------------------------- */

static void forget_first(struct jobs *jobs)
{
	struct job *job = jobs->first;

	for (struct job_part *part = job->parts; part && job->n_open; part = part->next)
		if (part->here)
			job_part_failed(part, "too many wait: this one is not followed any more");
	jobs->first = job->next;
	if (!jobs->first)
		jobs->end = &jobs->first;
	jobs->n--;
	jobs->n_parts -= job->n_parts;
	job_free(job);
}

/* The oldest ended long ago, or is one too many. */
static bool first_may_go(const struct jobs *jobs, uint64_t now)
{
	const struct job *job = jobs->first;

	return job && (jobs->n >= JOBS_MAX || jobs->n_parts >= PARTS_MAX ||
		       (job->state != JOB_RUNNING && job->ended_ms + KEPT_MS < now));
}

/* ---- a call --------------------------------------------------------------------------------- */

void jobs_open(struct jobs *jobs, const char *account)
{
	free(jobs->account);
	jobs->account = mem_text(account);
	jobs->open = true;
	jobs->current = NULL;
}

struct job *jobs_current(struct jobs *jobs, bool make)
{
	struct job *job = jobs->current;

	if (!jobs->open || job || !make)
		return job;
	while (first_may_go(jobs, clock_ms()))
		forget_first(jobs);
	job = jobs->current = mem_alloc(sizeof(*job));
	job->uuid = model_uuid();
	job->account = mem_text(jobs->account);
	*jobs->end = job;
	jobs->end = &job->next;
	jobs->n++;
	return job;
}

const char *jobs_close(struct jobs *jobs)
{
	struct job *job = STEAL(jobs->current);

	jobs->open = false;
	if (!job)
		return NULL;
	jobs->n_parts += job->n_parts;
	check_end(job);
	return job->uuid;
}

struct job *jobs_find(struct jobs *jobs, const char *uuid)
{
	struct job *job = jobs->first;

	while (job && strcmp(job->uuid, uuid) != 0)
		job = job->next;
	return job;
}

/* ---- its parts ------------------------------------------------------------------------------ */

void job_add_part(struct job *job, struct job_part **open, const struct model_type *type,
		  const char *uuid, bool connected)
{
	struct job_part *part;

	if (*open && (*open)->job == job)
		return;
	part = mem_alloc(sizeof(*part));
	*part = (struct job_part){ .job = job,
				   .type = type,
				   .uuid = mem_text(uuid),
				   .connected = connected,
				   .next = job->parts,
				   .next_open = *open,
				   .here = open };
	if (*open)
		(*open)->here = &part->next_open;
	*open = part;
	if (job->parts)
		job->parts->previous = part;
	job->parts = part;
	job->n_parts++;
	job->n_open++;
}

void job_add_object(struct job *job, const struct model_type *type, const char *uuid)
{
	struct job_object *object;

	if (job->n_objects >= OBJECTS_MAX)
		return;
	object = mem_alloc(sizeof(*object));
	*object = (struct job_object){ type, mem_text(uuid), job->objects };
	job->objects = object;
	job->n_objects++;
}

void job_part_sent(struct job_part *part, int64_t revision)
{
	part->state = PART_SENT;
	part->revision = revision;
	part->reported = false;
	tell(part->job);
}

void job_part_connected(struct job_part *part, bool connected)
{
	if (part->connected == connected)
		return;
	part->connected = connected;
	tell(part->job);
}

void job_part_done(struct job_part *part)
{
	part->state = PART_DONE;
	close_part(part);
	check_end(part->job);
}

void job_part_failed(struct job_part *part, const char *reason)
{
	part->state = PART_FAILED;
	part->reason = mem_text(reason);
	close_part(part);
	check_end(part->job);
}

void job_part_drop(struct job_part *part)
{
	struct job *job = part->job;

	if (part->previous)
		part->previous->next = part->next;
	else
		job->parts = part->next;
	if (part->next)
		part->next->previous = part->previous;
	close_part(part);
	part_free(part);
	check_end(job);
}

/* ---- who listens ---------------------------------------------------------------------------- */

void job_listen(struct job *job, struct job_reader *reader)
{
	reader->job = job;
	reader->next = job->readers;
	reader->here = &job->readers;
	if (job->readers)
		job->readers->here = &reader->next;
	job->readers = reader;
}

void job_stop_listening(struct job_reader *reader)
{
	if (!reader->job)
		return;
	*reader->here = reader->next;
	if (reader->next)
		reader->next->here = reader->here;
	reader->job = NULL;
}
