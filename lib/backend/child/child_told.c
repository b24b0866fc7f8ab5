/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child_told.h"

#include <stdio.h>

json_t *child_told(const struct child_status *status)
{
	json_t *json =
		json_pack("{s:s, s:s, s:i}", "name", status->name, "state",
			  child_state_name(status->state), "restarts", (int)status->restarts);

	if (status->pid)
		json_object_set_new(json, "pid", json_integer(status->pid));
	if (*status->last_exit)
		json_object_set_new(json, "reason", json_string(status->last_exit));
	return json;
}

bool child_told_waiting(const struct child_status *status, char *text, size_t size)
{
	if (status->state != CHILD_BACKOFF)
		return false;
	snprintf(text, size, "%s %s and waits to be started again", status->name,
		 status->last_exit);
	return true;
}
