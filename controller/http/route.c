/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which method a request calls: the path and the verb say it, body and query are its parameters. */
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"

#define PREFIX       "/api/v1/"
#define PARTS_MAX    3
#define HTTP_CREATED 201

struct path {
	char *parts[PARTS_MAX]; /* Owned: a type, a uuid, an action. */
	size_t n;
};

static void path_clear(struct path *path)
{
	for (size_t i = 0; i < path->n; i++)
		free(path->parts[i]);
}

static int nothing(struct err *err, const char *path)
{
	err_set(err, -ENOENT, "%.200s", path);
	return HTTP_NOTFOUND;
}

static int read_path(const char *text, struct path *path, struct err *err)
{
	const char *at = text;

	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return nothing(err, text);
	at += strlen(PREFIX);
	while (*at) {
		size_t length = strcspn(at, "/");
		char *part = length && path->n < PARTS_MAX ? decoded(at, length, false) : NULL;

		if (!part)
			return nothing(err, text);
		path->parts[path->n++] = part;
		at += length + (at[length] == '/');
	}
	return path->n ? 0 : nothing(err, text);
}

/* An object, also an empty body. */
static int read_body(struct evhttp_request *request, json_t **ret, struct err *err)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	size_t length = evbuffer_get_length(body);
	json_error_t error;

	*ret = length ? json_loadb((const char *)evbuffer_pullup(body, -1), length,
				   JSON_REJECT_DUPLICATES, &error)
		      : json_object();
	/* It may hold a password. */
	if (length)
		explicit_bzero(evbuffer_pullup(body, -1), length);
	if (json_is_object(*ret))
		return 0;
	if (*ret)
		err_set(err, -EINVAL, "expected object");
	else
		err_set(err, -EINVAL, "%d:%d: %s", error.line, error.column, error.text);
	json_decref(*ret);
	*ret = NULL;
	err_at(err, "body");
	return HTTP_BADREQUEST;
}

/* "?dry_run=true" */
static int read_dry_run(const char *query, json_t *parameters, struct err *err)
{
	if (!query || !*query)
		return 0;
	if (strcmp(query, "dry_run=true") != 0 && strcmp(query, "dry_run=false") != 0) {
		err_set(err, -EINVAL, "expected dry_run=true");
		return HTTP_BADREQUEST;
	}
	json_object_set_new(parameters, "dry_run",
			    json_boolean(strcmp(query, "dry_run=true") == 0));
	return 0;
}

/* Login and Logout: the body is all that they take. */
static int route_session(struct evhttp_request *request, const char *name, struct rest_call *call,
			 struct err *err)
{
	if (evhttp_request_get_command(request) != EVHTTP_REQ_POST)
		return HTTP_BADMETHOD;
	call->method = strcmp(name, "login") == 0 ? "Login" : "Logout";
	return read_body(request, &call->parameters, err);
}

static bool accepts(struct evhttp_request *request, const char *type)
{
	const char *accept =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");

	return accept && strncasecmp(accept, type, strlen(type)) == 0;
}

static int route_query(struct evhttp_request *request, const char *query, struct rest_call *call,
		       struct err *err)
{
	call->method = "Query";
	call->csv = accepts(request, "text/csv");
	return parameters_of_query(query, call->parameters, err) < 0 ? HTTP_BADREQUEST : 0;
}

/* Server-sent events; who lost the connection before says so, and begins anew: nothing is kept. */
static int route_watch(const char *query, struct rest_call *call, struct err *err)
{
	call->method = "Watch";
	call->stream = true;
	return parameters_of_watch(query, call->parameters, err) < 0 ? HTTP_BADREQUEST : 0;
}

/* Once, or as a stream until it has ended. */
static int route_job(struct evhttp_request *request, const char *uuid, struct rest_call *call)
{
	call->method = "Job";
	call->stream = accepts(request, "text/event-stream");
	json_object_set_new(call->parameters, "uuid", json_string(uuid));
	return 0;
}

static int put_body(struct evhttp_request *request, const char *name, json_t *parameters,
		    struct err *err)
{
	json_t *body;
	int status = read_body(request, &body, err);

	if (status == 0)
		json_object_set_new(parameters, name, body);
	return status;
}

static int route_object(struct evhttp_request *request, const char *query, struct rest_call *call,
			struct err *err)
{
	switch (evhttp_request_get_command(request)) {
	case EVHTTP_REQ_GET:
		call->method = "Get";
		return 0;
	case EVHTTP_REQ_PATCH:
		call->method = "Update";
		return put_body(request, "spec", call->parameters, err);
	case EVHTTP_REQ_DELETE:
		call->method = "Delete";
		return read_dry_run(query, call->parameters, err);
	default:
		return HTTP_BADMETHOD;
	}
}

static int route_below(struct evhttp_request *request, const char *word, struct rest_call *call,
		       struct err *err)
{
	bool get = evhttp_request_get_command(request) == EVHTTP_REQ_GET;

	if (get && (strcmp(word, "document") == 0 || strcmp(word, "counters") == 0)) {
		call->method = strcmp(word, "document") == 0 ? "Document" : "Counters";
		return 0;
	}
	if (evhttp_request_get_command(request) != EVHTTP_REQ_POST)
		return HTTP_BADMETHOD;
	call->method = "Action";
	json_object_set_new(call->parameters, "action", json_string(word));
	return put_body(request, "parameters", call->parameters, err);
}

static int route_type(struct evhttp_request *request, const struct path *path, const char *query,
		      struct rest_call *call, struct err *err)
{
	json_object_set_new(call->parameters, "type", json_string(path->parts[0]));
	if (path->n > 1)
		json_object_set_new(call->parameters, "uuid", json_string(path->parts[1]));
	if (path->n == 3)
		return route_below(request, path->parts[2], call, err);
	if (path->n == 2)
		return route_object(request, query, call, err);
	switch (evhttp_request_get_command(request)) {
	case EVHTTP_REQ_GET:
		return route_query(request, query, call, err);
	case EVHTTP_REQ_POST:
		call->method = "Create";
		call->created = HTTP_CREATED;
		return put_body(request, "spec", call->parameters, err);
	default:
		return HTTP_BADMETHOD;
	}
}

static int route_path(struct model *model, struct evhttp_request *request, const struct path *path,
		      const char *query, struct rest_call *call, struct err *err)
{
	const char *first = path->parts[0];
	bool get = evhttp_request_get_command(request) == EVHTTP_REQ_GET;

	if (path->n == 1 && (strcmp(first, "login") == 0 || strcmp(first, "logout") == 0))
		return route_session(request, first, call, err);
	if (path->n == 1 && get && strcmp(first, "openapi.json") == 0)
		return HTTP_OK;
	call->parameters = json_object();
	if (path->n <= 2 && get && strcmp(first, "describe") == 0) {
		call->method = "Describe";
		if (path->n == 2)
			json_object_set_new(call->parameters, "type", json_string(path->parts[1]));
		return 0;
	}
	if (path->n == 1 && strcmp(first, "watch") == 0)
		return get ? route_watch(query, call, err) : HTTP_BADMETHOD;
	if (path->n == 2 && strcmp(first, "job") == 0)
		return get ? route_job(request, path->parts[1], call) : HTTP_BADMETHOD;
	call->type = model_type(model, first);
	if (!call->type)
		return nothing(err, first);
	return route_type(request, path, query, call, err);
}

int route(struct model *model, struct evhttp_request *request, struct rest_call *call,
	  struct err *err)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *text = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);
	AUTO(path_clear) struct path path = { 0 };
	int status = read_path(text ? text : "", &path, err);

	call->created = HTTP_OK;
	if (status == 0)
		status = route_path(model, request, &path, query, call, err);
	if (status == HTTP_BADMETHOD)
		err_set(err, -EINVAL, "the path has no such method");
	return status;
}
