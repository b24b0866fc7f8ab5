/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router_nic: a NIC of a router of either type. */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/ipsec_place.h"

static const char *const roles[] = { "management", "public", "private", NULL };

#define AT(member) offsetof(struct router_nic, member)

static const struct field router_nic_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "router", FIELD_REFERENCE, AT(router), .target = "router", .at_end = FIELD_FOLLOWS,
	  .doc = "Whose, if it is a router's." },
	{ "vpc_router", FIELD_REFERENCE, AT(vpc_router), .target = "vpc_router",
	  .at_end = FIELD_FOLLOWS, .doc = "Whose, if it is a VPC router's." },
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .required = true, .target = "l3_network",
	  .at_end = FIELD_FOLLOWS, .doc = "Where it is." },
	{ "role", FIELD_CHOICE, AT(role), .required = true, .choices = roles,
	  .doc = "What it is for." },
	{ "device_id", FIELD_NUMBER, AT(device_id), .max = 1000,
	  .doc = "0 management, 1 public, 2 and more what came later." },
	{ "mac", FIELD_MAC, AT(mac), .required = true, .unique = true,
	  .doc = "Begins with fa and ends with the device's number." },
	{ "address", FIELD_IP, AT(address), .required = true,
	  .doc = "On a private network: its gateway." },
	{ "merged", FIELD_BOOL, AT(merged),
	  .doc = "Of a public one: whether management goes over it as well." },
	{ 0 },
};

static const char *const router_nic_uniques[] = { "router,device_id", "vpc_router,device_id",
						  NULL };

/* What is not its system VIP's, nor a gateway, is an address in use. */
static int written(const struct model_change *change, struct err *err)
{
	const struct router_nic *nic = change->is;
	struct used_address use = { .used_for = ADDRESS_OF_ROUTER };

	if (change->was || nic->role == ROLE_PRIVATE || nic->device_id == 1)
		return 0;
	use.l3_network = nic->l3_network;
	use.address = nic->address;
	use.router_nic = nic->resource.uuid;
	return address_use(change->model, &use, err);
}

static int apart_on_router(const struct model_change *change, struct err *err)
{
	const struct router_nic *nic = change->is;
	const struct model_type *type = nic->vpc_router ? &vpc_router_type : &router_type;
	const char *router = nic->vpc_router ? nic->vpc_router : nic->router;
	int ret = network_apart_of(change->model, type, router, nic->l3_network, err);

	if (ret < 0 || nic->role == ROLE_PUBLIC)
		return ret;
	return network_apart_of_tunnels(change->model, type, router, nic->l3_network, err);
}

static const struct model_rule router_nic_rules[] = {
	{ "apart_on_router",
	  "The networks of a router do not overlap, nor what is behind its peers.", MODEL_CREATE,
	  apart_on_router },
	{ 0 },
};

const struct model_type router_nic_type = {
	.table = { "router_nic", router_nic_fields, sizeof(struct router_nic), router_nic_uniques,
		   .part_of = "router,vpc_router" },
	.counted = true,
	.doc = "A NIC of a router.",
	.internal = true,
	.rules = router_nic_rules,
	.written = written,
};

static const char *router_field(const struct model_type *type)
{
	return type == &vpc_router_type ? "vpc_router" : "router";
}

int mac_take(struct model *model, int64_t device_id, struct mac *mac, struct err *err)
{
	for (int tries = 0; tries < 16; tries++) {
		AUTO(db_rows_clear) struct db_rows nics = DB_ROWS_NONE, others = DB_ROWS_NONE;

		if (RAND_bytes(mac->bytes, sizeof(mac->bytes)) != 1)
			return err_set(err, -EIO, "there is no randomness");
		mac->bytes[0] = 0xfa;
		mac->bytes[5] = (uint8_t)device_id;
		if (model_find(model, &nic_type, &nics, err, "mac", mac_text(mac).s) < 0 ||
		    model_find(model, &router_nic_type, &others, err, "mac", mac_text(mac).s) < 0)
			return err->code;
		if (!nics.n && !others.n)
			return 0;
	}
	return err_set(err, -EIO, "no free MAC address was found");
}

static int next_device(struct model *model, const struct model_type *type, const char *router,
		       int64_t *device_id, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &router_nic_type, &rows, err, router_field(type), router) < 0)
		return err->code;
	*device_id = 2;
	for (size_t i = 0; i < rows.n; i++) {
		const struct router_nic *nic = db_row(&rows, i);

		if (nic->device_id >= *device_id)
			*device_id = nic->device_id + 1;
	}
	return 0;
}

int network_gateway(struct model *model, const char *network, struct ip *gateway,
		    int64_t *prefix_length, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ip_range *range;

	if (model_find(model, &ip_range_type, &rows, err, "l3_network", network) < 0)
		return err->code;
	if (!rows.n)
		return model_refuse(err, "the network has no range of addresses yet");
	range = db_row(&rows, 0);
	*gateway = range->given.gateway;
	*prefix_length = range->prefix_length;
	return 0;
}

int router_nic_add(struct model *model, const struct model_type *type, const char *router,
		   struct router_nic *nic, struct err *err)
{
	int64_t length;
	int ret = 0;

	if (nic->device_id < 0)
		ret = next_device(model, type, router, &nic->device_id, err);
	if (ret == 0 && nic->role == ROLE_PRIVATE)
		ret = network_gateway(model, nic->l3_network, &nic->address, &length, err);
	else if (ret == 0 && !nic->address.family)
		ret = address_take(model, nic->l3_network, &nic->address, "network", err);
	if (ret == 0)
		ret = mac_take(model, nic->device_id, &nic->mac, err);
	if (type == &vpc_router_type)
		nic->vpc_router = (char *)(uintptr_t)router;
	else
		nic->router = (char *)(uintptr_t)router;
	if (ret == 0)
		ret = model_add(model, &router_nic_type, nic, err);
	free(nic->resource.uuid);
	nic->resource.uuid = NULL;
	return ret;
}

int router_nic_remove(struct model *model, const struct model_type *type, const char *router,
		      const char *network, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &router_nic_type, &rows, err, router_field(type), router,
			     "l3_network", network);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = model_remove(model, &router_nic_type,
				   ((struct resource *)db_row(&rows, i))->uuid, err);
	return ret;
}
