/* SPDX-License-Identifier: GPL-2.0-or-later */
/* health.h - what agents say: whether they are connected, and how objects are doing there. */
#ifndef WEFT_MODEL_HEALTH_H
#define WEFT_MODEL_HEALTH_H

#include "controller/model/changes.h"
#include "controller/model/types.h"

/* The last one the controller says by itself: the agent is not there. */
enum { HEALTH_NONE = -1, HEALTH_READY, HEALTH_INACTIVE, HEALTH_FAILED, HEALTH_UNAVAILABLE };

/* The fields of a struct health at 'health' of the type's struct. */
#define HEALTH_FIELDS(type)                                                     \
	{ "health",                                                             \
	  FIELD_CHOICE,                                                         \
	  offsetof(type, health.state),                                         \
	  .choices = health_names,                                              \
	  .computed = true,                                                     \
	  .fallback = HEALTH_NONE,                                              \
	  .indexed = true,                                                      \
	  .doc = "What its agent said of it last; absent: nothing;"             \
		 " unavailable: its agent is not connected." },                 \
	{                                                                       \
		"health_reason", FIELD_TEXT, offsetof(type, health.reason),     \
			.computed = true, .lines = true, .max = MODEL_SAID_MAX, \
			.doc = "Why it is not ready."                           \
	}
extern const char *const health_names[];

#define CONNECTION_FIELD(type)                                                            \
	{                                                                                 \
		"connection", FIELD_CHOICE, offsetof(type, connection),                   \
			.choices = connection_names, .computed = true,                    \
			.fallback = CONNECTION_NONE, .doc = "Whether its agent is there." \
	}
enum { CONNECTION_CONNECTING, CONNECTION_CONNECTED, CONNECTION_NONE };
extern const char *const connection_names[];

/* Of what an agent says; HEALTH_NONE for a name that is none. */
int health_of_name(const char *name);

/* False: the record, of a type with these fields or of another, says so already, or does not say
 * it. */
bool health_set(const struct model_type *type, void *record, int health, const char *reason);
bool connection_set(const struct model_type *type, void *record, bool connected);

/* Of a new record: nobody has said anything yet. */
void health_begin(const struct model_type *type, void *record);

/* Whether a change is one of anything else. */
bool health_event_is_more(const struct model_event *event);

#endif
