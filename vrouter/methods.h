/* SPDX-License-Identifier: GPL-2.0-or-later */
/* methods.h - what a router can be asked beside what every agent can. */
#ifndef WEFT_VROUTER_METHODS_H
#define WEFT_VROUTER_METHODS_H

#include "lib/agent/agent.h"

void methods_add(struct agent *agent);

/* Their part of the interface's text; the caller's. */
char *methods_interface(void);

#endif
