/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: JSON, with the status that fits. */
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"
#include "lib/base/csv.h"

#define HTTP_UNAUTHORIZED 401
#define HTTP_FORBIDDEN    403
#define HTTP_CONFLICT     409

static const struct {
	const char *error;
	int status;
} statuses[] = {
	{ "InvalidField", HTTP_BADREQUEST }, { "Unauthenticated", HTTP_UNAUTHORIZED },
	{ "Forbidden", HTTP_FORBIDDEN },     { "NotFound", HTTP_NOTFOUND },
	{ "Refused", HTTP_CONFLICT },        { "Busy", HTTP_SERVUNAVAIL },
};

static const char *reason_of(int status)
{
	switch (status) {
	case HTTP_OK:
		return "OK";
	case 201:
		return "Created";
	case HTTP_BADREQUEST:
		return "Bad Request";
	case HTTP_UNAUTHORIZED:
		return "Unauthorized";
	case HTTP_FORBIDDEN:
		return "Forbidden";
	case HTTP_NOTFOUND:
		return "Not Found";
	case HTTP_BADMETHOD:
		return "Method Not Allowed";
	case HTTP_CONFLICT:
		return "Conflict";
	case HTTP_SERVUNAVAIL:
		return "Service Unavailable";
	default:
		return "Error";
	}
}

void reply_headers(struct evhttp_request *request, const char *type)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(headers, "Strict-Transport-Security", "max-age=31536000");
}

/* 'text' is taken over. */
static void send_text(struct evhttp_request *request, int status, const char *type, char *text)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evbuffer_new();

	reply_headers(request, type);
	if (status == HTTP_UNAUTHORIZED)
		evhttp_add_header(headers, "WWW-Authenticate", "Bearer");
	if (status == HTTP_SERVUNAVAIL)
		evhttp_add_header(headers, "Retry-After", "1");
	evbuffer_add(body, text, strlen(text));
	explicit_bzero(text, strlen(text)); /* It may be a token. */
	free(text);
	evhttp_send_reply(request, status, reason_of(status), body);
	evbuffer_free(body);
}

void reply_json(struct evhttp_request *request, int status, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	send_text(request, status, "application/json", text ? text : mem_text("{}"));
}

json_t *reply_error_json(const char *error, json_t *parameters)
{
	AUTO(free_ptr) char *name = mem_format("%s.%s", API_INTERFACE, error);

	return json_pack("{s:s, s:o}", "error", name, "parameters",
			 parameters ? parameters : json_object());
}

void reply_error(struct evhttp_request *request, int status, const char *error, json_t *parameters)
{
	reply_json(request, status, reply_error_json(error, parameters));
}

/* A type that there is not is a path that there is not. */
static int status_of(const struct api_answer *answer)
{
	const char *path = json_string_value(json_object_get(answer->parameters, "path"));

	if (strcmp(answer->error, "InvalidField") == 0 && path && strcmp(path, "type") == 0)
		return HTTP_NOTFOUND;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (strcmp(statuses[i].error, answer->error) == 0)
			return statuses[i].status;
	return HTTP_INTERNAL;
}

/* The type's own order, where no names are given. */
static json_t *all_names(const struct model_type *type)
{
	json_t *names = json_array();

	for (const struct field *field = type->table.fields; field->name; field++)
		if (!field->transient)
			json_array_append_new(names, json_string(field->name));
	return names;
}

void reply_answer(struct evhttp_request *request, const struct rest_call *call,
		  struct api_answer answer)
{
	json_t *names;

	if (answer.error) {
		reply_error(request, status_of(&answer), answer.error, answer.parameters);
		return;
	}
	if (!call->csv) {
		reply_json(request, call->created, answer.parameters);
		return;
	}
	names = json_object_get(call->parameters, "fields");
	names = names ? json_incref(names) : all_names(call->type);
	send_text(request, HTTP_OK, "text/csv; charset=utf-8",
		  csv_of(json_object_get(answer.parameters, "objects"), names));
	json_decref(names);
	json_decref(answer.parameters);
}
