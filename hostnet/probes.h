/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probes.h - what this kernel can, tried once at the start. */
#ifndef WEFT_HOSTNET_PROBES_H
#define WEFT_HOSTNET_PROBES_H

#include "lib/agent/agent.h"

int probes_start(struct agent *agent, struct err *err);

#endif
