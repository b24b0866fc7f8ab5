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
	int created; /* The status when it is done. */
};

/* route.c: 0, or the status of a refusal with 'err'. */
int route(struct model *model, struct evhttp_request *request, struct rest_call *call,
	  struct err *err);

/* parameters.c: those of a query's URL: q, sort, fields, start, limit, count. -EINVAL. */
int parameters_of_query(const char *query, json_t *parameters, struct err *err);
/* A part of a URL, decoded; NULL: it is no text. The caller's. */
char *decoded(const char *text, size_t length, bool plus);

/* csv.c: the objects of a Query's answer, by RFC 4180; the names that are asked for, NULL: all. The
 * caller's. */
char *csv_of(const struct model_type *type, const json_t *objects, const json_t *names);

/* openapi.c: the document of the whole API. A new reference. */
json_t *openapi(struct model *model);

/* reply.c */
void reply_json(struct evhttp_request *request, int status, json_t *json); /* Taken over. */
/* An error of the API's form, without being one of a call. */
void reply_error(struct evhttp_request *request, int status, const char *error, json_t *parameters);
/* What a call has answered, taken over. */
void reply_answer(struct evhttp_request *request, const struct rest_call *call,
		  struct api_answer answer);

#endif
