/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply.h - the typed errors of the agents' interfaces. */
#ifndef WEFT_AGENT_REPLY_H
#define WEFT_AGENT_REPLY_H

#include "lib/agent/agent.h"

/* InvalidState(path, reason). */
void reply_invalid(const struct agent *agent, struct wire_call *call, const char *path,
		   const char *reason);
/* Answers InvalidState if 'parameters' holds a name that is none of 'names' (NULL-terminated). */
bool reply_unknown(const struct agent *agent, struct wire_call *call, json_t *parameters,
		   const char *const *names);
void reply_revision_mismatch(const struct agent *agent, struct wire_call *call, int64_t held);
void reply_not_supported(const struct agent *agent, struct wire_call *call, const char *capability,
			 const char *reason);
void reply_not_found(const struct agent *agent, struct wire_call *call, const char *uuid);

/* ControllerHolds(controller, reason). */
void reply_controller_holds(const struct agent *agent, struct wire_call *call,
			    const char *controller);

/* The error that fits 'err': Busy with the reason for what the machine cannot do now (no space on
 * the disk), else InvalidState with its path. */
void reply_error(const struct agent *agent, struct wire_call *call, const struct err *err);

#endif
