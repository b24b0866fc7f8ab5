/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_state.h - the inside of http.h, for its own files. */
#ifndef WEFT_HTTP_HTTP_STATE_H
#define WEFT_HTTP_HTTP_STATE_H

#include <event2/http.h>
#include <openssl/ssl.h>

#include "controller/http/http.h"

/* certificate.c: what the server shows; made for itself where no file is named and none is there.
 * The caller frees it. */
int certificate_context(const struct http_options *options, SSL_CTX **ret, struct err *err);

/* A request as a call of the API. */
struct rest_call {
	const char *method;
	json_t *parameters; /* Owned. */
	const struct model_type *type;
	bool csv;    /* The answer as text/csv. */
	bool stream; /* Several answers as text/event-stream. */
	int created; /* The status when it is done. */
};

/* A request that waits for its call. */
struct exchange {
	struct http_server *server;
	struct evhttp_request *request;
	struct api_call *api;
	struct rest_call call;
	uint64_t n_told; /* Of a stream. */
	bool streams;    /* Its head was sent. */
	struct exchange *next, **here;
};

/* stream.c: server-sent events (HTML Living Standard, section 9.2). */
extern const struct api_reader stream_reader; /* Its data is the exchange. */
void stream_begin(struct exchange *exchange);
void stream_keep(struct exchange *exchange); /* A line that says nothing. */
/* The last answer, taken over: of an error, what it was. */
void stream_end(struct exchange *exchange, struct api_answer answer);

/* route.c: 0, or the status of a refusal with 'err'. */
int route(struct model *model, struct evhttp_request *request, struct rest_call *call,
	  struct err *err);

/* parameters.c: those of a query's URL: q, sort, fields, start, limit, count. -EINVAL. */
int parameters_of_query(const char *query, json_t *parameters, struct err *err);
/* Those of a stream's: type, as often as one likes, from_now. -EINVAL. */
int parameters_of_watch(const char *query, json_t *parameters, struct err *err);
/* A part of a URL, decoded; NULL: it is no text. The caller's. */
char *decoded(const char *text, size_t length, bool plus);

/* openapi.c: the document of the whole API. A new reference. */
json_t *openapi(struct model *model);

/* reply.c */
void reply_json(struct evhttp_request *request, int status, json_t *json); /* Taken over. */
/* An error of the API's form, without being one of a call. */
void reply_error(struct evhttp_request *request, int status, const char *error, json_t *parameters);
/* An error as it is told. */
json_t *reply_error_json(const char *error, json_t *parameters); /* Taken over. */
/* What every answer says of itself. */
void reply_headers(struct evhttp_request *request, const char *type);
/* What a call has answered, taken over. */
void reply_answer(struct evhttp_request *request, const struct rest_call *call,
		  struct api_answer answer);

#endif
