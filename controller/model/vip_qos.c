/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip_qos: limits of a VIP, or of one of its ports. */
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/service.h"

#define AT(member) offsetof(struct vip_qos, member)

static const struct field vip_qos_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "vip", FIELD_REFERENCE, AT(vip), .required = true, .target = "vip", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	{ "port", FIELD_NUMBER, AT(port), .min = 1, .max = 65535, .immutable = true,
	  .doc = "Of the VIP; not given: what no other rule is for." },
	{ "up_mbps", FIELD_NUMBER, AT(up_mbps), .min = 1, .max = 100000, .immutable = true,
	  .unit = "Mbit/s", .doc = "Away from guests; not given: no limit." },
	{ "down_mbps", FIELD_NUMBER, AT(down_mbps), .min = 1, .max = 100000, .immutable = true,
	  .unit = "Mbit/s", .doc = "Towards guests; not given: no limit." },
	HEALTH_FIELDS(struct vip_qos),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	const struct vip_qos *qos = change->is;

	return qos->up_mbps || qos->down_mbps
		       ? 0
		       : model_wrong(err, "up_mbps", "one of up_mbps and down_mbps is required");
}

static int port_once(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct vip_qos *qos = change->is;
	int ret = model_find(change->model, &vip_qos_type, &rows, err, "vip", qos->vip);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct vip_qos *other = db_row(&rows, i);

		if (other->port == qos->port &&
		    strcmp(other->resource.uuid, qos->resource.uuid) != 0)
			ret = qos->port ? model_refuse(err, "port %lld has a limit already",
						       (long long)qos->port)
					: model_refuse(err, "all other ports have a limit already");
	}
	return ret;
}

/* Routers of a legacy image cannot. */
static int router_can(const struct model_change *change, struct err *err)
{
	const struct vip_qos *qos = change->is;
	struct router_offering offering = { 0 };
	struct router_image image = { 0 };
	struct router_place place;
	struct router router = { 0 };
	int ret = vip_router(change->model, qos->vip, "", &place, err);

	if (ret < 0 || !place.type)
		return ret;
	ret = model_load(change->model, place.type, place.uuid, &router, err);
	if (ret == 0)
		ret = model_load(change->model, &router_offering_type, router.offering, &offering,
				 err);
	if (ret == 0)
		ret = model_load(change->model, &router_image_type, offering.image, &image, err);
	if (ret == 0 && image.generation == GENERATION_LEGACY)
		ret = model_refuse(err, "%s is of a legacy image",
				   model_text(place.type, &router).s);
	model_clear(place.type, &router);
	model_clear(&router_offering_type, &offering);
	model_clear(&router_image_type, &image);
	return ret;
}

static const struct model_rule vip_qos_rules[] = {
	{ "port_once", "A port has one limit; so have all others together.", MODEL_CREATE,
	  port_once },
	{ "router_can", "The VIP's router is not of a legacy image.", MODEL_CREATE, router_can },
	{ 0 },
};

const struct model_type vip_qos_type = {
	.table = { "vip_qos", vip_qos_fields, sizeof(struct vip_qos), NULL, .part_of = "vip" },
	.doc = "Limits of a VIP, or of one of its ports.",
	.rules = vip_qos_rules,
	.complete = complete,
};
