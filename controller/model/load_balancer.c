/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load_balancer: listeners on a VIP. */
#include "controller/model/health.h"
#include "controller/model/service.h"

static const struct field load_balancer_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	SERVICE_VIP_FIELDS(struct load_balancer, false),
	HEALTH_FIELDS(struct load_balancer),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	return service_complete(change, &((struct load_balancer *)change->is)->on, err);
}

static int shares_vip(const struct model_change *change, struct err *err)
{
	const struct load_balancer *balancer = change->is;

	return vip_shared(change->model, balancer->on.vip, balancer->resource.uuid, err);
}

static const struct model_rule load_balancer_rules[] = {
	{ "vip_shared", "No EIP stands on its VIP.", MODEL_CREATE, shares_vip },
	{ 0 },
};

const struct model_type load_balancer_type = {
	.table = { "load_balancer", load_balancer_fields, sizeof(struct load_balancer), NULL,
		   .owner = "owner" },
	.counted = true,
	.doc = "Spreads what comes to ports of a VIP over guests.",
	.rules = load_balancer_rules,
	.complete = complete,
};
