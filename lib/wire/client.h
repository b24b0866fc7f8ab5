/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.h - calls a Varlink service and waits for what it answers. */
#ifndef WEFT_WIRE_CLIENT_H
#define WEFT_WIRE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/wire/tls.h"

struct wire_client;

/* 'tls' is needed for a tcp address, and stays the caller's. */
int wire_client_new(const char *address, struct wire_tls *tls, struct wire_client **ret,
		    struct err *err);
void wire_client_free(struct wire_client *client);

/* Sends a call; 'parameters' is borrowed, may be NULL. */
int wire_client_send(struct wire_client *client, const char *method, json_t *parameters, bool more,
		     struct err *err);

struct wire_answer {
	json_t *parameters; /* Owned, never NULL. */
	char *error;        /* Owned: the error's full name; NULL: it is none. */
	bool continues;
};

/* Waits for the next answer. */
int wire_client_receive(struct wire_client *client, struct wire_answer *answer, struct err *err);
void wire_answer_clear(struct wire_answer *answer);

#endif
