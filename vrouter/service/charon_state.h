/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon_state.h - how a tunnel is doing, by what charon says of it. Pure. */
#ifndef WEFT_VROUTER_SERVICE_CHARON_STATE_H
#define WEFT_VROUTER_SERVICE_CHARON_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "vrouter/service/charon_config.h"

enum charon_state {
	CHARON_STARTING,   /* Not handed over yet. */
	CHARON_READY,      /* Applied here; nothing has been agreed on with the peer. */
	CHARON_NEGOTIATED, /* All networks are joined. */
	CHARON_REKEYING,   /* Likewise, and new keys are on their way. */
	CHARON_FAILED,     /* The two could not agree. */
};

const char *charon_state_name(enum charon_state state);

/* What charon has of a tunnel, gathered from one list-sas. */
struct charon_sas {
	bool is_connecting; /* The two are at it. */
	bool is_rekeying;
	size_t n_up;
	bool *up; /* Child "1" is the first; NULL: none. */
	size_t n;
};

/* Adds what an event list-sa says of the tunnel 'name'. */
void charon_sas_add(struct charon_sas *sas, const char *name, const json_t *event);
bool charon_sas_up(const struct charon_sas *sas, size_t child); /* Counted from 0. */
void charon_sas_clear(struct charon_sas *sas);

/* Whether a line of charon's log tells why two peers could not agree: "authentication: LINE", "no
 * common proposal: LINE" and so on; the caller's text. NULL: it does not. */
char *charon_log_reason(const char *line);
/* Whether it tells that the peer says nothing. */
bool charon_log_silence(const char *line);
/* The address of a line "ADDRESS is initiating ...", the caller's text, or NULL. */
char *charon_log_initiator(const char *line);

#endif
