/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router_offering: how large routers are, what they start from, and their public and management
 * networks. */
#include <errno.h>
#include <string.h>

#include "controller/model/parts.h"

#define AT(member) offsetof(struct router_offering, member)

static const struct field router_offering_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	{ "zone", FIELD_REFERENCE, AT(zone), .required = true, .target = "zone", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Where it is." },
	{ "cpus", FIELD_NUMBER, AT(cpus), .required = true, .min = 1, .max = 1024,
	  .immutable = true, .doc = "How many; 8 or more for production." },
	{ "memory_mib", FIELD_NUMBER, AT(memory_mib), .required = true, .min = 64, .max = 16777216,
	  .unit = "MiB", .immutable = true, .doc = "How much; 8192 or more for production." },
	{ "image", FIELD_REFERENCE, AT(image), .required = true, .target = "router_image",
	  .immutable = true, .doc = "What its routers start from." },
	{ "management_network", FIELD_REFERENCE, AT(management_network), .required = true,
	  .target = "l3_network", .immutable = true, .at_end = FIELD_FOLLOWS,
	  .doc = "Where its routers are told what to do; may be the public one." },
	{ "public_network", FIELD_REFERENCE, AT(public_network), .required = true,
	  .target = "l3_network", .immutable = true, .at_end = FIELD_FOLLOWS,
	  .doc = "Where its routers reach outside." },
	STATE_FIELD(struct router_offering),
	{ 0 },
};

static int image_enabled(const struct model_change *change, struct err *err)
{
	const struct router_offering *offering = change->is;
	struct router_image image = { 0 };
	int ret = model_load(change->model, &router_image_type, offering->image, &image, err);

	if (ret < 0)
		return ret;
	if (image.state != RESOURCE_ENABLED)
		ret = model_refuse(err, "%s is disabled", model_text(&router_image_type, &image).s);
	model_clear(&router_image_type, &image);
	return ret;
}

/* One network for its role: its category, its zone. */
static int check_network(const struct model_change *change, const char *uuid, const char *field,
			 struct err *err)
{
	const struct router_offering *offering = change->is;
	struct l3_network network = { 0 };
	struct l2_network l2 = { 0 };
	bool is_public = strcmp(field, "public_network") == 0;
	int ret = model_load(change->model, &l3_network_type, uuid, &network, err);

	if (ret == 0)
		ret = model_load(change->model, &l2_network_type, network.l2_network, &l2, err);
	if (ret == 0 && network.category != L3_PUBLIC &&
	    (is_public || network.category != L3_SYSTEM))
		ret = model_wrong(err, field,
				  is_public ? "it is not a public network"
					    : "it is neither a system nor a public "
					      "network");
	if (ret == 0 && strcmp(l2.zone, offering->zone) != 0)
		ret = model_wrong(err, field, "%s is in another zone",
				  model_text(&l3_network_type, &network).s);
	model_clear(&l3_network_type, &network);
	model_clear(&l2_network_type, &l2);
	return ret;
}

static int check_networks(const struct model_change *change, struct err *err)
{
	const struct router_offering *offering = change->is;

	if (check_network(change, offering->public_network, "public_network", err) < 0)
		return err->code;
	return check_network(change, offering->management_network, "management_network", err);
}

static int subnets_differ(const struct model_change *change, struct err *err)
{
	const struct router_offering *offering = change->is;
	int ret;

	if (strcmp(offering->public_network, offering->management_network) == 0)
		return 0;
	ret = networks_overlap(change->model, offering->public_network,
			       offering->management_network, err);
	if (ret <= 0)
		return ret;
	return model_refuse(
		err, "%s and %s are in the same subnet",
		model_text_of(change->model, &l3_network_type, offering->public_network).s,
		model_text_of(change->model, &l3_network_type, offering->management_network).s);
}

static const struct model_rule router_offering_rules[] = {
	{ "networks", "Its public network is public, the other system or public, both of its zone.",
	  MODEL_CREATE, check_networks },
	{ "image_enabled", "Its image is enabled.", MODEL_CREATE, image_enabled },
	{ "subnets_differ", "Two different networks are not in the same subnet.", MODEL_CREATE,
	  subnets_differ },
	{ 0 },
};

static const struct model_action router_offering_actions[] = {
	STATE_ENABLE,
	{ "disable", "No new router is made by it.", NULL, 0, state_disable },
	{ 0 },
};

const struct model_type router_offering_type = {
	.table = { "router_offering", router_offering_fields, sizeof(struct router_offering), NULL,
		   .owner = "owner", .shared = true },
	.by_admin = true,
	.doc = "How routers are made: their size, image, public and management network.",
	.rules = router_offering_rules,
	.actions = router_offering_actions,
};
