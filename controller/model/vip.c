/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip: an address of a public network that services stand on. */
#include <errno.h>

#include "controller/model/health.h"
#include "controller/model/parts.h"

#define AT(member) offsetof(struct vip, member)

static const struct field vip_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "network", FIELD_REFERENCE, AT(network), .required = true, .target = "l3_network",
	  .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "The public network it is of." },
	{ "address", FIELD_IP, AT(address), .immutable = true, .indexed = true,
	  .doc = "A free one of the network when it is not given." },
	{ "system", FIELD_BOOL, AT(system), .computed = true,
	  .doc = "Whether it came with a router, whose own address it is." },
	{ "own_router", FIELD_REFERENCE, AT(own_router), .target = "router", .computed = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Of a system VIP: whose, if it is a router." },
	{ "own_vpc_router", FIELD_REFERENCE, AT(own_vpc_router), .target = "vpc_router",
	  .computed = true, .at_end = FIELD_FOLLOWS,
	  .doc = "Of a system VIP: whose, if it is a VPC router." },
	HEALTH_FIELDS(struct vip),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	struct l3_network network = { 0 };
	struct vip *vip = change->is;
	int category,
		ret = model_load(change->model, &l3_network_type, vip->network, &network, err);

	if (ret == -ENOENT)
		return model_wrong(err, "network", "there is no l3_network %s", vip->network);
	if (ret < 0)
		return ret;
	category = network.category;
	model_clear(&l3_network_type, &network);
	if (category != L3_PUBLIC)
		return model_wrong(err, "network", "it is not a public network");
	return address_take(change->model, vip->network, &vip->address, "address", err);
}

static int written(const struct model_change *change, struct err *err)
{
	const struct vip *vip = change->is;
	struct used_address use = { .used_for = ADDRESS_OF_VIP };

	if (change->was)
		return 0;
	use.l3_network = vip->network;
	use.address = vip->address;
	use.vip = vip->resource.uuid;
	return address_use(change->model, &use, err);
}

static int not_system(const struct model_change *change, struct err *err)
{
	const struct vip *vip = change->was;

	return vip->system ? model_refuse(err, "it goes with its router") : 0;
}

static const struct model_rule vip_rules[] = {
	{ "not_system", "A system VIP goes with its router, never by itself.", MODEL_DELETE,
	  not_system },
	{ 0 },
};

const struct model_type vip_type = {
	.table = { "vip", vip_fields, sizeof(struct vip), NULL, .owner = "owner" },
	.counted = true,
	.doc = "An address of a public network that services stand on.",
	.rules = vip_rules,
	.complete = complete,
	.written = written,
};
