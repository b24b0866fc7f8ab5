/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router and vpc_router: both route private networks to public ones. A router is made with the
 * first NIC on its private network, a VPC router by hand; networks come to it and go. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/service.h"

#define AT(member) offsetof(struct router, member)

static const struct field network_element = {
	.type = FIELD_REFERENCE,
	.target = "l3_network",
	.at_end = FIELD_CLEARS,
};

/* What both have. */
#define ROUTER_FIELDS(is_computed)                                                                   \
	{ "offering",                                                                                \
	  FIELD_REFERENCE,                                                                           \
	  AT(offering),                                                                              \
	  .required = true,                                                                          \
	  .target = "router_offering",                                                               \
	  .immutable = true,                                                                         \
	  .computed = is_computed,                                                                   \
	  .doc = "How it is made." },                                                                \
		{ "cpus",   FIELD_NUMBER, AT(cpus),                                                  \
		  .min = 1, .max = 1024,  .doc = "How many; the offering's when it is not given." }, \
		{ "memory_mib",                                                                      \
		  FIELD_NUMBER,                                                                      \
		  AT(memory_mib),                                                                    \
		  .min = 64,                                                                         \
		  .max = 16777216,                                                                   \
		  .unit = "MiB",                                                                     \
		  .doc = "How much; the offering's when it is not given." },                         \
		{ "management_network",    FIELD_REFERENCE,        AT(management_network),           \
		  .computed = true,        .target = "l3_network", .at_end = FIELD_FOLLOWS,          \
		  .doc = "The offering's." },                                                        \
		{ "public_network",                                                                  \
		  FIELD_REFERENCE,                                                                   \
		  AT(public_network),                                                                \
		  .computed = true,                                                                  \
		  .target = "l3_network",                                                            \
		  .at_end = FIELD_FOLLOWS,                                                           \
		  .doc = "The offering's; the way outside." },                                       \
	{                                                                                            \
		"public_networks", FIELD_LIST, AT(public_networks),                                  \
			.element = &network_element, .computed = true,                               \
			.doc = "Further ones; see attach_network."                                   \
	}

static const struct field router_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .required = true, .target = "l3_network",
	  .computed = true, .unique = true, .at_end = FIELD_FOLLOWS,
	  .doc = "The private network that it routes." },
	ROUTER_FIELDS(true),
	CONNECTION_FIELD(struct router),
	{ 0 },
};

static const struct field dns_element = { .type = FIELD_IP };

static const struct field vpc_router_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	ROUTER_FIELDS(false),
	CONNECTION_FIELD(struct router),
	{ "dns", FIELD_LIST, AT(dns), .element = &dns_element,
	  .doc = "Name servers, in the order of use; 223.5.5.5 when none is given." },
	{ "distributed_routing", FIELD_BOOL, AT(distributed_routing),
	  .doc = "Whether hosts route between its networks themselves." },
	{ 0 },
};

/* Its image may have been disabled after the offering was made. */
static int check_image(const struct model_change *change, const struct router_offering *offering,
		       struct err *err)
{
	struct router_image image = { 0 };
	int ret = model_load(change->model, &router_image_type, offering->image, &image, err);

	if (ret == 0 && image.state != RESOURCE_ENABLED)
		ret = model_wrong(err, "offering", "%s of %s is disabled",
				  model_text(&router_image_type, &image).s,
				  model_text(&router_offering_type, offering).s);
	model_clear(&router_image_type, &image);
	return ret;
}

static int complete(const struct model_change *change, struct err *err)
{
	struct router_offering offering = { 0 };
	struct router *router = change->is;
	int ret =
		model_load(change->model, &router_offering_type, router->offering, &offering, err);

	if (ret < 0)
		return model_wrong(err, "offering", "there is no router_offering %s",
				   router->offering);
	if (offering.state != RESOURCE_ENABLED)
		ret = model_wrong(err, "offering", "%s is disabled",
				  model_text(&router_offering_type, &offering).s);
	else
		ret = check_image(change, &offering, err);
	if (!router->cpus)
		router->cpus = offering.cpus;
	if (!router->memory_mib)
		router->memory_mib = offering.memory_mib;
	router->management_network = STEAL(offering.management_network);
	router->public_network = STEAL(offering.public_network);
	model_clear(&router_offering_type, &offering);
	if (change->type == &vpc_router_type && !router->dns.n) {
		router->dns.items = mem_alloc(sizeof(struct ip));
		router->dns.n = 1;
		*(struct ip *)router->dns.items = ip_of_number(0xdf050505);
	}
	return ret;
}

/* Its system VIP has the address that its public NIC has. */
static int add_system_vip(const struct model_change *change, struct ip *address, struct err *err)
{
	struct router *router = change->is;
	AUTO(free_ptr) char *name = mem_format("vip-for-%.240s", router->resource.name);
	struct vip vip = { .resource.name = name, .system = true };
	int ret;

	vip.network = router->public_network;
	vip.resource.owner = router->resource.owner;
	if (change->type == &vpc_router_type)
		vip.own_vpc_router = router->resource.uuid;
	else
		vip.own_router = router->resource.uuid;
	ret = model_add(change->model, &vip_type, &vip, err);
	*address = vip.address;
	free(vip.resource.uuid);
	return ret;
}

/* The NICs that it is born with: 0 management, 1 public, 2 the private one. */
static int written(const struct model_change *change, struct err *err)
{
	struct router *router = change->is;
	struct router_nic nic = { .role = ROLE_PUBLIC, .device_id = 1 };
	bool merged;
	int ret;

	if (change->was)
		return 0;
	merged = strcmp(router->management_network, router->public_network) == 0;
	nic.merged = merged;
	nic.l3_network = router->public_network;
	ret = add_system_vip(change, &nic.address, err);
	if (ret == 0)
		ret = router_nic_add(change->model, change->type, router->resource.uuid, &nic, err);
	if (ret == 0 && !merged) {
		nic = (struct router_nic){ .role = ROLE_MANAGEMENT };
		nic.l3_network = router->management_network;
		ret = router_nic_add(change->model, change->type, router->resource.uuid, &nic, err);
	}
	if (ret == 0 && router->l3_network) {
		nic = (struct router_nic){ .role = ROLE_PRIVATE, .device_id = 2 };
		nic.l3_network = router->l3_network;
		ret = router_nic_add(change->model, change->type, router->resource.uuid, &nic, err);
	}
	return ret;
}

struct network_parameters {
	char *network;
};

static const struct field network_parameters[] = {
	{ "network", FIELD_REFERENCE, offsetof(struct network_parameters, network),
	  .required = true, .target = "l3_network", .doc = "Which." },
	{ 0 },
};

static int attach_public(const struct model_change *change, const char *network, struct err *err)
{
	struct router_nic nic = { .role = ROLE_PUBLIC, .device_id = -1 };
	struct router *router = change->is;

	if (strcmp(network, router->public_network) == 0 ||
	    uuids_have(&router->public_networks, network))
		return model_refuse(err, "the network is attached already");
	nic.l3_network = (char *)(uintptr_t)network;
	uuids_add(&router->public_networks, network);
	return router_nic_add(change->model, change->type, router->resource.uuid, &nic, err);
}

static int attach_vpc(const struct model_change *change, struct l3_network *network,
		      struct err *err)
{
	const struct router *router = change->is;

	if (network->vpc_router)
		return model_refuse(err, "%s is attached to a router already",
				    model_text(&l3_network_type, network).s);
	if (model_may_change(change->model, &l3_network_type, network->resource.uuid, err) < 0)
		return err->code;
	network->vpc_router = mem_text(router->resource.uuid);
	return model_change(change->model, &l3_network_type, network, err);
}

static int attach(const struct model_change *change, struct l3_network *network, struct err *err)
{
	if (network->category == L3_PUBLIC)
		return attach_public(change, network->resource.uuid, err);
	if (change->type == &vpc_router_type && network->architecture == L3_VPC)
		return attach_vpc(change, network, err);
	return model_refuse(err, "%s is neither a public %snetwork",
			    model_text(&l3_network_type, network).s,
			    change->type == &vpc_router_type ? "nor a VPC " : "");
}

static int attach_network(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	const struct network_parameters *given = parameters;
	struct l3_network network = { 0 };
	int ret = model_load(change->model, &l3_network_type, given->network, &network, err);

	if (ret == 0)
		ret = attach(change, &network, err);
	model_clear(&l3_network_type, &network);
	return ret;
}

/* Nothing on a VIP of the network is done by this router. */
static int network_serves_nothing(const struct model_change *change, const char *network,
				  struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct router *router = change->is;
	int ret = model_find(change->model, &vip_type, &rows, err, "network", network);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct vip *vip = db_row(&rows, i);
		struct router_place place;

		ret = vip_router(change->model, vip->resource.uuid, "", &place, err);
		if (ret == 0 && place.type == change->type &&
		    strcmp(place.uuid, router->resource.uuid) == 0)
			ret = model_refuse(err, "%s of it serves here",
					   model_text(&vip_type, vip).s);
	}
	return ret;
}

static int detach_public(const struct model_change *change, const char *network, struct err *err)
{
	struct router *router = change->is;

	if (!uuids_remove(&router->public_networks, network))
		return model_wrong(err, "network", "it is not attached");
	if (network_serves_nothing(change, network, err) < 0)
		return err->code;
	return router_nic_remove(change->model, change->type, router->resource.uuid, network, err);
}

static int detach_vpc(const struct model_change *change, struct l3_network *network,
		      struct err *err)
{
	AUTO(db_rows_clear) struct db_rows nics = DB_ROWS_NONE, tunnels = DB_ROWS_NONE;
	const struct router *router = change->is;

	if (!network->vpc_router || strcmp(network->vpc_router, router->resource.uuid) != 0)
		return model_wrong(err, "network", "it is not attached");
	if (model_find(change->model, &nic_type, &nics, err, "l3_network", network->resource.uuid) <
	    0)
		return err->code;
	if (nics.n)
		return model_refuse(err, "%s has %zu NICs of guests",
				    model_text(&l3_network_type, network).s, nics.n);
	if (model_find(change->model, &ipsec_connection_type, &tunnels, err, "local_networks",
		       network->resource.uuid) < 0)
		return err->code;
	if (tunnels.n)
		return model_refuse(err, "%s reaches it",
				    model_text(&ipsec_connection_type, db_row(&tunnels, 0)).s);
	free(network->vpc_router);
	network->vpc_router = NULL;
	return model_change(change->model, &l3_network_type, network, err);
}

static int detach(const struct model_change *change, struct l3_network *network, struct err *err)
{
	const struct router *router = change->is;
	const char *uuid = network->resource.uuid;

	if (strcmp(uuid, router->public_network) == 0 ||
	    strcmp(uuid, router->management_network) == 0)
		return model_refuse(err, "%s is the offering's",
				    model_text(&l3_network_type, network).s);
	if (network->category == L3_PUBLIC)
		return detach_public(change, uuid, err);
	if (change->type == &vpc_router_type && network->architecture == L3_VPC)
		return detach_vpc(change, network, err);
	return model_refuse(err, "%s stays with its router",
			    model_text(&l3_network_type, network).s);
}

static int detach_network(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	const struct network_parameters *given = parameters;
	struct l3_network network = { 0 };
	int ret = model_load(change->model, &l3_network_type, given->network, &network, err);

	if (ret == 0)
		ret = detach(change, &network, err);
	model_clear(&l3_network_type, &network);
	return ret;
}

/* Hosts route between networks that carry packets of the same size. */
static int same_mtu(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct router *router = change->is;

	if (!router->distributed_routing)
		return 0;
	if (model_find(change->model, &l3_network_type, &rows, err, "vpc_router",
		       router->resource.uuid) < 0)
		return err->code;
	for (size_t i = 1; i < rows.n; i++) {
		const struct l3_network *a = db_row(&rows, 0), *b = db_row(&rows, i);

		if (a->mtu != b->mtu)
			return model_refuse(err, "%s has MTU %lld, %s %lld",
					    model_text(&l3_network_type, a).s, (long long)a->mtu,
					    model_text(&l3_network_type, b).s, (long long)b->mtu);
	}
	return 0;
}

static const struct model_rule vpc_router_rules[] = {
	{ "same_mtu", "With distributed routing its networks have the same MTU.", MODEL_WRITE,
	  same_mtu },
	{ 0 },
};

static const struct model_action router_actions[] = {
	{ "attach_network", "One more network: a public one, of a VPC router also a VPC network.",
	  network_parameters, sizeof(struct network_parameters), attach_network },
	{ "detach_network",
	  "One less; never the offering's, nor a VPC network that guests have NICs on.",
	  network_parameters, sizeof(struct network_parameters), detach_network },
	{ 0 },
};

const struct model_type router_type = {
	.table = { "router", router_fields, sizeof(struct router), NULL, .owner = "owner" },
	.by_admin = true,
	.counted = true,
	.doc = "Routes one private network; made with the first NIC there.",
	.automatic = true,
	.actions = router_actions,
	.complete = complete,
	.written = written,
};

const struct model_type vpc_router_type = {
	.table = { "vpc_router", vpc_router_fields, sizeof(struct router), NULL, .owner = "owner" },
	.counted = true,
	.doc = "Routes the networks of a VPC.",
	.rules = vpc_router_rules,
	.actions = router_actions,
	.complete = complete,
	.written = written,
};
