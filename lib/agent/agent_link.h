/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent_link.h - an agent under a controller: dials it, enrols, makes true what it is sent,
 * reports.
 *
 * What the controller sends goes the way that Apply and Patch go. A controller that is not there
 * stops nothing: the document stays, and the agent dials again, ever more slowly. */
#ifndef WEFT_AGENT_AGENT_LINK_H
#define WEFT_AGENT_AGENT_LINK_H

#include "lib/agent/agent_state.h"

/* Without --controller nothing. */
int agent_link_open(struct agent *agent, struct err *err);
void agent_link_close(struct agent *agent);

/* The document was changed here by force: the controller puts its own in place when it is there. */
void agent_link_forced(struct agent *agent);

/* Something that reports tell of is another now. */
void agent_link_changed(struct agent *agent);

#endif
