/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent_link_state.h - the inside of agent_link.h, for its own files. */
#ifndef WEFT_AGENT_AGENT_LINK_STATE_H
#define WEFT_AGENT_AGENT_LINK_STATE_H

#include "lib/agent/agent_link.h"
#include "lib/agent/identity.h"
#include "lib/wire/link.h"

#define LINK_INTERFACE "io.weft.AgentLink."

struct agent_link {
	struct agent *agent;
	struct identity identity;
	struct wire_link *enrolment;      /* While it enrols. */
	struct wire_link *watch, *report; /* While it is under way, or there. */
	struct event *again;              /* When it dials next. */
	unsigned int failures;            /* Since the controller answered last. */

	char *key;                      /* PEM, of the certificate that is asked for. */
	struct pki_fingerprint token;   /* What it is asked for with. */
	struct pki_fingerprint refused; /* A token that does not work. */

	char digest[65];         /* The controller's name for what is held; "": it is not known. */
	char *failure;           /* Why the document is not taken; NULL: it is. */
	int64_t failed_revision; /* Of which one. */

	struct event *report_timer, *renew_timer;
	uint64_t report_at_ms; /* When it is due. */
	bool reporting;        /* A report has no answer yet. */
	bool changed;          /* There is something new for the next one. */
	json_t *told;          /* What the controller was told of each object; NULL: nothing. */

	struct link_count *counts; /* What it asked for and is being read. */
	size_t n_counts;
};

/* agent_enrol.c: true if it takes the token of --token-file now: dials, and begins anew when it has
 * a certificate. */
bool agent_link_enrol(struct agent_link *link);
/* Asks for the next certificate where it is time. */
void agent_link_renew(struct agent_link *link);
void agent_link_renew_later(struct agent_link *link);

/* agent_link.c: all connections are closed; dials again later. */
void agent_link_lost(struct agent_link *link, const char *what, const char *why);
/* Dials at once, with what there is. */
void agent_link_dial(struct agent_link *link);

/* agent_held.c: what is held, as the controller calls it, across a restart. */
void agent_held_read(struct agent_link *link);
void agent_held_write(struct agent_link *link, const char *digest);

/* agent_count.c */
void agent_count_asked(struct agent_link *link, const json_t *asked);
void agent_count_close(struct agent_link *link); /* Nobody waits for them any more. */

/* agent_report.c */
void agent_report_open(struct agent_link *link);
void agent_report_begin(struct agent_link *link); /* The controller knows nothing yet. */
void agent_report_soon(struct agent_link *link);
void agent_report_close(struct agent_link *link);

#endif
