/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api.h - the controller's methods: JSON in, JSON out, whatever way they come.
 *
 * Whoever calls has logged in and says so by a token, or came over the local socket: he is admin
 * then. A call is answered in the event loop, at once or, if a password is part of it, later. */
#ifndef WEFT_API_API_H
#define WEFT_API_API_H

#include "controller/model/model.h"
#include "lib/wire/server.h"

#define API_INTERFACE "io.weft.Controller"

struct api;
struct counts;
struct jobs;

/* Model, jobs and counts outlive it. */
int api_new(struct event_base *base, struct model *model, struct jobs *jobs, struct counts *counts,
	    struct api **ret, struct err *err);
/* Calls that are open are never answered. */
void api_free(struct api *api);
struct model *api_model(const struct api *api);

/* What a method answers: its parameters, or those of an error. */
struct api_answer {
	json_t *parameters; /* Owned. */
	const char *error;  /* The error's name without interface; NULL: it is none. */
};

/* How a call came. */
struct api_origin {
	bool trusted;        /* Over the local socket. */
	const char *address; /* From where. */
	const char *token;   /* Beside that in the parameters; NULL: none. */
};

/* Has to take the answer's parameters over. */
typedef void api_done_fn(struct api_answer answer, void *data);

struct api_call;

/* Of who takes several answers: those before the last one, which comes as 'done'. Both are given
 * the call's data. */
struct api_reader {
	void (*more)(json_t *parameters, void *data); /* Has to take them over. */
	size_t (*unread)(void *data); /* So many bytes of them he has not taken yet. */
};

/* 'parameters' is borrowed, the origin too; without a reader there is one answer. NULL: 'done' was
 * called already. Else it is called later, from the event loop, as are the reader's functions,
 * unless api_cancel() comes first. The error of a method that there is not is "MethodNotFound". */
struct api_call *api_call(struct api *api, const struct api_origin *origin, const char *method,
			  json_t *parameters, const struct api_reader *reader, api_done_fn *done,
			  void *data);

/* The reader has taken everything that he was told. */
void api_read(struct api_call *call);

/* Nobody waits for the answer any more: what has not begun is not done. */
void api_cancel(struct api_call *call);

/* The Varlink interface, from the tables of the types; the caller's. */
char *api_interface(const struct model_type *const *types);

/* Serves the interface there; the api outlives the server. */
void api_serve(struct wire_server *server, struct api *api);

#endif
