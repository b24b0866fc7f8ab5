/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child_told.h - a service's state as Status tells of it. */
#ifndef WEFT_BACKEND_CHILD_CHILD_TOLD_H
#define WEFT_BACKEND_CHILD_CHILD_TOLD_H

#include <jansson.h>

#include "lib/backend/child/child_process.h"

/* {"name", "state", "restarts"}, and "pid" and "reason" (its last end) where there are. A new
 * reference. */
json_t *child_told(const struct child_status *status);

/* Why nothing is served: "dnsmasq exited with status 1 and waits to be started again". False, and
 * 'text' untouched, if it does not wait. */
bool child_told_waiting(const struct child_status *status, char *text, size_t size);

#endif
