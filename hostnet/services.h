/* SPDX-License-Identifier: GPL-2.0-or-later */
/* services.h - what answers guests beside the kernel: DHCP and user data. */
#ifndef WEFT_HOSTNET_SERVICES_H
#define WEFT_HOSTNET_SERVICES_H

#include "lib/agent/agent.h"

/* Takes over what runs already, and joins their providers to the engine. */
int services_start(struct agent *agent, struct err *err);
/* Appends how each is doing. */
void services_status(struct agent *agent, json_t *list);
/* Why what an object wants is not served, or NULL; valid until the next call. */
const char *services_failure(const struct agent *agent, const char *uuid);
/* Processes go on by themselves. */
void services_stop(struct agent *agent);

#endif
