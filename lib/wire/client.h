/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.h - calls a Varlink service and waits for what it answers.
 *
 * For programs that have nothing else to do meanwhile; in an event loop see link.h. */
#ifndef WEFT_WIRE_CLIENT_H
#define WEFT_WIRE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/wire/tls.h"

struct wire_client;

/* 'tls' is needed for a tcp address, and stays the caller's. */
int wire_client_new(const char *address, struct wire_tls *tls, struct wire_client **ret,
		    struct err *err);
void wire_client_free(struct wire_client *client);

/* From clock_ms() 'at' on, nothing is waited for: -ETIMEDOUT. */
void wire_client_end_at(struct wire_client *client, uint64_t at);

/* Sends a call; 'parameters' is borrowed, may be NULL. */
int wire_client_send(struct wire_client *client, const char *method, json_t *parameters, bool more,
		     struct err *err);

struct wire_answer {
	json_t *parameters; /* Owned, never NULL. */
	char *error;        /* Owned: the error's full name; NULL: it is none. */
	bool continues;
};

#define WIRE_ANSWER_NONE \
	{                \
		0        \
	}

/* Waits for the next answer. An error that the service answers with is an answer. */
int wire_client_receive(struct wire_client *client, struct wire_answer *answer, struct err *err);
void wire_answer_clear(struct wire_answer *answer);

/* Sends a call and waits for its one answer. An error that the service answers with is -EREMOTEIO,
 * with the sentence of wire_answer_err(); 'answer' then holds it and has to be cleared as well. */
int wire_client_call(struct wire_client *client, const char *method, json_t *parameters,
		     struct wire_answer *answer, struct err *err);

/* The sentence for an error that a service answered with: "PATH: REASON" where its parameters have
 * both, else its name and what they hold. Returns -EREMOTEIO, or 0 if 'answer' is no error. */
int wire_answer_err(const struct wire_answer *answer, struct err *err);

#endif
