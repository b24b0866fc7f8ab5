/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent.h - who may dial as the agent of a host or router: tokens, and which certificates hold.
 *
 * An enrolment gives the agent a generation; each certificate of it begins its serial number with
 * that. Enrolling anew makes another generation, deleting the host or router takes all away. */
#ifndef WEFT_MODEL_AGENT_H
#define WEFT_MODEL_AGENT_H

#include "controller/model/types.h"

#define AGENT_GENERATION_BYTES 8

/* "host:UUID", the name in a certificate. */
struct agent_name {
	char s[65];
};

/* Whether there are agents of such a thing: of hosts and of both types of router. */
bool agent_serves(const struct model_type *type);

/* A new token for the agent of an object, in place of the one before; the caller's at 0. It works
 * once, for 'seconds'. Within the caller's transaction. -EPERM: what it is of has a uuid that no
 * certificate's name has room for. */
int agent_grant(struct model *model, const struct model_type *type, const char *uuid,
		int64_t seconds, char **token, int64_t *expires_ms, struct err *err);

/* Uses a token up, within the caller's transaction. '*generation' becomes the new one's bytes.
 * -EACCES: there is no such token (any more), or its time is over. */
int agent_redeem(struct model *model, const char *token, struct agent_name *name,
		 uint8_t generation[AGENT_GENERATION_BYTES], struct err *err);

/* The agent of a certificate, in 'record' (zeroed), to be cleared by model_clear(). -EACCES: its
 * name is none of an agent's, its object is gone, or it was enrolled anew since. */
int agent_of(struct model *model, const char *name, const char *serial, struct agent *record,
	     struct err *err);

/* Whose agent it is. */
const struct model_type *agent_object(const struct agent *agent, const char **uuid);
struct agent_name agent_name(const struct agent *agent);

#endif
