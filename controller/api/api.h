/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api.h - the controller's methods: JSON in, JSON out, whatever way they come. */
#ifndef WEFT_API_API_H
#define WEFT_API_API_H

#include "controller/model/model.h"
#include "lib/wire/server.h"

#define API_INTERFACE "io.weft.Controller"

/* What a method answers: its parameters, or those of an error. */
struct api_answer {
	json_t *parameters; /* Owned. */
	const char *error;  /* The error's name without interface; NULL: it is none. */
};

/* 'parameters' is borrowed. The error of a method that there is not is "MethodNotFound". */
struct api_answer api_call(struct model *model, const char *method, json_t *parameters);

/* The Varlink interface, from the tables of the types; the caller's. */
char *api_interface(const struct model_type *const *types);

/* Serves the interface there; the model outlives the server. */
void api_serve(struct wire_server *server, struct model *model);

#endif
