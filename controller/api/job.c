/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Job: how far a write has come at the agents; as a stream, until it has ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/job/job.h"

struct progress {
	struct api_stream stream;
	struct request *request;
	struct job_reader reader;
	struct event *turn;
};

/* 1: the caller may know which host or router it is. */
static int may_know(const struct request *request, const struct job_part *part, struct err *err)
{
	struct db_view view = { request->who.caller.account, false };

	if (request->who.caller.admin)
		return 1;
	return db_sees(model_db(request->model), &part->type->table, part->uuid, &view, err);
}

/* An agent's own words may be about what is others'. */
static int part_json(const struct request *request, const struct job_part *part, json_t **ret,
		     struct err *err)
{
	int known = may_know(request, part, err);
	const char *reason = known > 0 ? part->reason : "it does not take its document";

	if (known < 0)
		return known;
	*ret = json_pack("{s:s, s:s*, s:s, s:b, s:s*}", "type", part->type->table.name, "uuid",
			 known > 0 ? part->uuid : NULL, "state", job_part_states[part->state],
			 "connected", (int)part->connected, "reason", part->reason ? reason : NULL);
	return 0;
}

static int job_json(const struct request *request, const struct job *job, json_t **ret,
		    struct err *err)
{
	json_t *parts = json_array(), *one;

	for (const struct job_part *part = job->parts; part; part = part->next) {
		if (part_json(request, part, &one, err) < 0) {
			json_decref(parts);
			return err->code;
		}
		json_array_append_new(parts, one);
	}
	*ret = json_pack("{s:{s:s, s:s, s:o}}", "job", "uuid", job->uuid, "state",
			 job_states[job->state], "agents", parts);
	return 0;
}

static int no_job(struct request *request, const char *uuid, struct err *err)
{
	err_set(err, -ENOENT, "there is no job %.64s, or none any more", uuid);
	return model_missing(request->model, "job", uuid, err);
}

/* ---- the stream ----------------------------------------------------------------------------- */

static void on_changed(struct job_reader *reader)
{
	struct progress *progress = CONTAINER_OF(reader, struct progress, reader);

	event_active(progress->turn, EV_TIMEOUT, 0);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct progress *progress = data;
	struct request *request = progress->request;
	const struct job *job = progress->reader.job;
	struct err err = ERR_NONE;
	json_t *said;

	(void)fd;
	(void)what;
	if (!job)
		no_job(request, "", &err);
	if (!job || job_json(request, job, &said, &err) < 0) {
		request_end(request, &err);
	} else if (job->state == JOB_RUNNING) {
		request_more(request, said);
	} else {
		request->reply = said;
		request_end(request, NULL);
	}
	err_clear(&err);
}

static void progress_free(struct api_stream *stream)
{
	struct progress *progress = CONTAINER_OF(stream, struct progress, stream);

	job_stop_listening(&progress->reader);
	event_free(progress->turn);
	free(progress);
}

int job_run(struct request *request, struct err *err)
{
	struct progress *progress;
	const char *uuid;
	struct job *job;

	if (request_text(request, "uuid", true, &uuid, err) < 0)
		return err->code;
	job = jobs_find(request->api->jobs, uuid);
	if (!job ||
	    !(request->who.caller.admin || strcmp(job->account, request->who.caller.account) == 0))
		return no_job(request, uuid, err);
	if (!request->reader || job->state != JOB_RUNNING)
		return job_json(request, job, &request->reply, err);
	progress = mem_alloc(sizeof(*progress));
	progress->stream = (struct api_stream){ NULL, progress_free };
	progress->request = request;
	progress->reader.changed = on_changed;
	progress->turn = evtimer_new(request->api->base, on_turn, progress);
	job_listen(job, &progress->reader);
	event_active(progress->turn, EV_TIMEOUT, 0);
	request->stream = &progress->stream;
	return 0;
}
