/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call from its coming to its answer: who calls, may he, the password, the method, the audit. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/job/job.h"
#include "controller/model/types.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

struct api_call {
	struct request request;
	const struct api_method *method;
	api_done_fn *done; /* NULL: nobody waits any more. */
	void *data;
	struct api_call *next, **here;
};

static const struct timeval sweep_period = { 3600, 0 };

static void sweep(evutil_socket_t fd, short what, void *data)
{
	struct api *api = data;
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	if (audit_delete_old(api->model, &err) < 0 || session_delete_old(api->model, &err) < 0)
		log_warning("old sessions and rows of the audit cannot be deleted, the next try is "
			    "in an hour: %s",
			    err_text(&err));
	err_clear(&err);
}

int api_new(struct event_base *base, struct model *model, struct jobs *jobs, struct counts *counts,
	    struct api **ret, struct err *err)
{
	struct api *api = mem_alloc(sizeof(*api));

	api->base = base;
	api->model = model;
	api->jobs = jobs;
	api->counts = counts;
	api->sweep = event_new(base, -1, EV_PERSIST, sweep, api);
	if (!api->sweep || event_add(api->sweep, &sweep_period) < 0)
		err_set(err, -ENOMEM, "the event loop takes no more");
	else if (password_worker_new(base, &api->passwords, err) == 0) {
		sweep(-1, 0, api);
		*ret = api;
		return 0;
	}
	api_free(api);
	return err->code;
}

struct model *api_model(const struct api *api)
{
	return api->model;
}

static void call_free(struct api_call *call)
{
	struct request *request = &call->request;

	*call->here = call->next;
	if (call->next)
		call->next->here = call->here;
	if (request->stream)
		request->stream->free(request->stream);
	json_decref(request->parameters);
	free(request->address);
	free(request->token);
	who_clear(&request->who);
	password_job_clear(&request->job);
	free(call);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	password_worker_free(api->passwords);
	for (struct api_call *call = api->calls, *next; call; call = next) {
		next = call->next;
		call_free(call);
	}
	login_forget_all(api);
	if (api->sweep)
		event_free(api->sweep);
	free(api);
}

/* A new answer. */
static struct api_answer refusal(const struct model *model, const struct err *err)
{
	const struct model_failure *failure = model_failure(model);
	AUTO(free_ptr) char *object = NULL;

	switch (err->code) {
	case -EINVAL:
		return (struct api_answer){ json_pack("{s:s, s:s}", "path",
						      err->path ? err->path : "", "reason",
						      err_text(err)),
					    "InvalidField" };
	case -ENOENT:
		return (struct api_answer){ json_pack("{s:s, s:s}", "type", failure->type, "uuid",
						      failure->uuid),
					    "NotFound" };
	case -EPERM:
		object = mem_format("%s %s", failure->type, failure->uuid);
		return (struct api_answer){ json_pack("{s:s, s:s, s:s}", "object", object, "rule",
						      failure->rule, "reason", err_text(err)),
					    "Refused" };
	case -EACCES:
		return (struct api_answer){ json_pack("{s:s}", "reason", err_text(err)),
					    "Forbidden" };
	case -EKEYREJECTED:
		return (struct api_answer){ json_pack("{s:s}", "reason", err_text(err)),
					    "Unauthenticated" };
	default:
		return (struct api_answer){ json_pack("{s:s}", "reason", err_text(err)), "Busy" };
	}
}

static int admin_is(struct api_who *who)
{
	who->account = mem_text(ADMIN_ACCOUNT);
	who->account_name = mem_text(ADMIN_ACCOUNT);
	who->caller = (struct model_caller){ who->account, true };
	return 0;
}

static int identify(struct request *request, const struct api_method *method, struct err *err)
{
	const char *token = request->token;

	who_clear(&request->who);
	if (!token && request_text(request, "token", false, &token, err) < 0)
		return err->code;
	if (method->flags & API_OPEN)
		return 0;
	if (token)
		return session_who(request->model, token, &request->who, err);
	if (request->trusted)
		return admin_is(&request->who);
	return err_set(err, -EKEYREJECTED, "log in first");
}

static int permit(const struct request *request, const struct api_method *method, struct err *err)
{
	const struct api_who *who = &request->who;

	if (method->flags & API_ADMIN && !who->caller.admin)
		return err_set(err, -EACCES, "%s is for admin alone", method->name);
	if (method->flags & API_CHANGES && who->reads_only)
		return err_set(err, -EACCES, "a user of an account only looks");
	return 0;
}

static int on_ending(void *data, json_t *answer, struct err *err)
{
	struct api_call *call = data;

	return audit_add(&call->request, call->method->name, NULL, NULL, answer, err);
}

/* Nothing was changed; that it was tried is written down by itself. */
static void audit_failure(struct api_call *call, const struct api_answer *answer,
			  const struct err *why)
{
	struct model *model = call->request.model;
	struct err err = ERR_NONE;
	int ret;

	/* Who has not logged in fills no disk: but that a password was wrong is worth a row. */
	if (!(call->method->flags & API_CHANGES) ||
	    (why->code == -EKEYREJECTED && !call->request.job_done))
		return;
	ret = model_begin(model, &err);
	if (ret == 0) {
		ret = audit_add(&call->request, call->method->name, answer->error, err_text(why),
				NULL, &err);
		ret = model_end(model, ret, &err);
	}
	if (ret < 0)
		log_error("a call cannot be written down: %s", err_text(&err));
	err_clear(&err);
}

static int run(struct api_call *call, struct err *err)
{
	struct request *request = &call->request;
	const char *job;
	int ret;

	model_call_for(request->model, &request->who.caller);
	if (call->method->flags & API_CHANGES) {
		model_on_ending(request->model, on_ending, call);
		jobs_open(request->api->jobs, request->who.account);
	}
	ret = call->method->run(request, err);
	model_on_ending(request->model, NULL, NULL);
	job = call->method->flags & API_CHANGES ? jobs_close(request->api->jobs) : NULL;
	if (ret == 0 && job)
		json_object_set_new(request->reply, "job", json_string(job));
	model_call_for(request->model, NULL);
	return ret;
}

/* 1: a password comes first. */
static int begin(struct api_call *call, struct err *err)
{
	struct request *request = &call->request;
	const struct api_method *method = call->method;
	AUTO(free_ptr) char *known = mem_format("|token%s", method->parameters);
	int ret;

	if (request_known(request, known, err) < 0 || identify(request, method, err) < 0 ||
	    permit(request, method, err) < 0)
		return err->code;
	if (request->job_done || !method->prepare)
		return 0;
	ret = method->prepare(request, err);
	if (ret <= 0)
		return ret;
	ret = password_submit(request->api->passwords, &request->job, err);
	return ret < 0 ? ret : 1;
}

/* It has its answer, and is gone. */
static void end(struct api_call *call, const struct err *err)
{
	struct request *request = &call->request;
	struct api_answer answer = { request->reply, NULL };
	api_done_fn *done = call->done;
	void *data = call->data;

	if (err) {
		answer = refusal(request->model, err);
		audit_failure(call, &answer, err);
	}
	call_free(call);
	done(answer, data);
}

/* True: it has its answer, and is gone. */
static bool step(struct api_call *call)
{
	struct err err = ERR_NONE;
	int ret = begin(call, &err);

	if (ret > 0)
		return false;
	if (ret == 0)
		ret = run(call, &err);
	if (ret == 0 && call->request.stream)
		return false;
	end(call, ret < 0 ? &err : NULL);
	err_clear(&err);
	return true;
}

void request_more(struct request *request, json_t *parameters)
{
	struct api_call *call = CONTAINER_OF(request, struct api_call, request);

	request->reader->more(parameters, call->data);
}

size_t request_unread(const struct request *request)
{
	const struct api_call *call = CONTAINER_OF(request, struct api_call, request);

	return request->reader->unread(call->data);
}

void request_end(struct request *request, const struct err *err)
{
	end(CONTAINER_OF(request, struct api_call, request), err);
}

static void on_job_done(void *data)
{
	struct api_call *call = data;

	call->request.job_done = true;
	if (call->done)
		step(call);
	else
		call_free(call);
}

static const struct api_method *method_named(const char *name)
{
	for (const struct api_method *at = api_methods; at->name; at++)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

struct api_call *api_call(struct api *api, const struct api_origin *origin, const char *method,
			  json_t *parameters, const struct api_reader *reader, api_done_fn *done,
			  void *data)
{
	const struct api_method *found = method_named(method);
	struct api_call *call;

	if (!found) {
		done((struct api_answer){ json_pack("{s:s}", "method", method), "MethodNotFound" },
		     data);
		return NULL;
	}
	call = mem_alloc(sizeof(*call));
	call->method = found;
	call->done = done;
	call->data = data;
	call->request = (struct request){
		.api = api,
		.model = api->model,
		.parameters = json_incref(parameters),
		.trusted = origin->trusted,
		.address = mem_text(origin->address),
		.token = mem_text(origin->token),
		.started_us = clock_us(),
		.started_ms = (int64_t)clock_wall_ms(),
		.job = { .done = on_job_done, .data = call },
		.reader = reader,
	};
	call->next = api->calls;
	call->here = &api->calls;
	if (api->calls)
		api->calls->here = &call->next;
	api->calls = call;
	return step(call) ? NULL : call;
}

void api_read(struct api_call *call)
{
	struct api_stream *stream = call->request.stream;

	if (stream && stream->read)
		stream->read(stream);
}

/* A password that is being made needs the call until it is. */
void api_cancel(struct api_call *call)
{
	if (call->request.stream)
		call_free(call);
	else
		call->done = NULL;
}
