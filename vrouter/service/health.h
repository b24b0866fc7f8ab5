/* SPDX-License-Identifier: GPL-2.0-or-later */
/* health.h - up or down, decided by several answers in a row. No clock, no I/O. */
#ifndef WEFT_VROUTER_SERVICE_HEALTH_H
#define WEFT_VROUTER_SERVICE_HEALTH_H

#include <stdbool.h>

struct health {
	bool down; /* New ones are up: they are to serve from the moment that they are added. */
	unsigned int in_a_row; /* Answers that speak against it. */
	char reason[32];       /* Of the last answer against: "connection refused". */
};

/* Both return true if it changed. */
bool health_success(struct health *health, unsigned int rise);
bool health_failure(struct health *health, unsigned int fall, const char *reason);

#endif
