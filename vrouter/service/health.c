/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/health.h"

#include <stdio.h>

bool health_success(struct health *health, unsigned int rise)
{
	if (!health->down) {
		health->in_a_row = 0;
		return false;
	}
	if (++health->in_a_row < rise)
		return false;
	health->down = false;
	health->in_a_row = 0;
	health->reason[0] = '\0';
	return true;
}

bool health_failure(struct health *health, unsigned int fall, const char *reason)
{
	snprintf(health->reason, sizeof(health->reason), "%s", reason);
	if (health->down) {
		health->in_a_row = 0;
		return false;
	}
	if (++health->in_a_row < fall)
		return false;
	health->down = true;
	health->in_a_row = 0;
	return true;
}
