/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zone: the largest container, normally one machine room. What is in different zones is never
 * linked. */
#include "controller/model/parts.h"

static const struct field zone_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	STATE_FIELD(struct zone),
	{ 0 },
};

static const struct model_action zone_actions[] = {
	STATE_ENABLE,
	{ "disable", "It is not used for what is new, nor are its clusters and hosts.", NULL, 0,
	  state_disable },
	{ 0 },
};

const struct model_type zone_type = {
	.table = { "zone", zone_fields, sizeof(struct zone), NULL, .owner = "owner",
		   .shared = true },
	.by_admin = true,
	.doc = "The largest container, normally one machine room.",
	.actions = zone_actions,
};
