/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router_image: what routers start from; no guest does. */
#include "controller/model/parts.h"

static const char *const generations[] = { "vrouter", "legacy", NULL };

#define AT(member) offsetof(struct router_image, member)

static const struct field router_image_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	{ "url", FIELD_TEXT, AT(url), .required = true, .min = 1, .max = 1024, .immutable = true,
	  .doc = "Where it comes from." },
	{ "generation", FIELD_CHOICE, AT(generation), .choices = generations, .immutable = true,
	  .doc = "Routers of a legacy one have no limits of VIPs." },
	STATE_FIELD(struct router_image),
	{ 0 },
};

static const struct model_action router_image_actions[] = {
	STATE_ENABLE,
	{ "disable", "No new offering uses it.", NULL, 0, state_disable },
	{ 0 },
};

const struct model_type router_image_type = {
	.table = { "router_image", router_image_fields, sizeof(struct router_image), NULL,
		   .owner = "owner", .shared = true },
	.by_admin = true,
	.doc = "What routers start from.",
	.actions = router_image_actions,
};
