/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/model/health.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/field_value.h"

const char *const health_names[] = { "ready", "inactive", "failed", "unavailable", NULL };
const char *const connection_names[] = { "connecting", "connected", "disconnected", NULL };

int health_of_name(const char *name)
{
	for (int i = 0; name && i < HEALTH_UNAVAILABLE; i++)
		if (strcmp(health_names[i], name) == 0)
			return i;
	return HEALTH_NONE;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool health_set(const struct model_type *type, void *record, int health, const char *reason)
{
	const struct field *field = db_field(&type->table, "health");
	const struct field *why = db_field(&type->table, "health_reason");
	char **text;
	int *state;

	if (!field || !why)
		return false;
	state = field_at(field, record);
	text = field_at(why, record);
	if (*state == health && same_text(*text, reason))
		return false;
	*state = health;
	free(*text);
	*text = mem_text(reason);
	return true;
}

bool connection_set(const struct model_type *type, void *record, bool connected)
{
	int wanted = connected ? CONNECTION_CONNECTED : CONNECTION_NONE;
	int *state = field_at(db_field(&type->table, "connection"), record);

	if (*state == wanted)
		return false;
	*state = wanted;
	return true;
}

void health_begin(const struct model_type *type, void *record)
{
	health_set(type, record, HEALTH_NONE, NULL);
	if (db_field(&type->table, "connection"))
		connection_set(type, record, false);
}

bool health_event_is_more(const struct model_event *event)
{
	for (const struct field *field = event->type->table.fields; field->name; field++) {
		const char *one[] = { field->name, NULL };

		if (strcmp(field->name, "health") != 0 &&
		    strcmp(field->name, "health_reason") != 0 &&
		    strcmp(field->name, "connection") != 0 &&
		    strcmp(field->name, "changed_ms") != 0 && model_event_concerns(event, one))
			return true;
	}
	return false;
}
