/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A router's document: itself, its interfaces, name servers and routes. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/setting.h"
#include "controller/project/part.h"

static const char *router_field(const struct model_type *type)
{
	return type == &vpc_router_type ? "vpc_router" : "router";
}

static json_t *interface_json(const struct router_nic *nic, const struct l3_network *network,
			      const struct ip *gateway, int64_t length)
{
	static const char *const names[] = { "uuid", "mac", "role", "network=l3_network", NULL };
	json_t *json = part_of(&router_nic_type, nic, false, names);

	json_object_set_new(json, "addresses",
			    json_pack("[o]", part_prefix(&nic->address, length)));
	json_object_set_new(json, "mtu", json_integer(network->mtu));
	if (nic->role == ROLE_PRIVATE)
		json_object_set_new(json, "snat", json_true());
	else
		json_object_set_new(json, "gateway", json_string(ip_text(gateway).s));
	/* The offering's public network; further ones answer only what came in there. */
	if (nic->role == ROLE_PUBLIC && nic->device_id == 1)
		json_object_set_new(json, "default_route", json_true());
	return json;
}

static int add_interface(struct model *model, const struct router_nic *nic, json_t *document,
			 struct err *err)
{
	struct l3_network network = { 0 };
	struct ip gateway;
	int64_t length;
	int ret = model_load(model, &l3_network_type, nic->l3_network, &network, err);

	if (ret == 0)
		ret = network_gateway(model, nic->l3_network, &gateway, &length, err);
	if (ret == 0)
		json_array_append_new(part_section(document, "interfaces"),
				      interface_json(nic, &network, &gateway, length));
	model_clear(&l3_network_type, &network);
	return ret;
}

static int add_interfaces(struct model *model, const struct model_type *type, const char *uuid,
			  json_t *document, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &router_nic_type, &rows, err, router_field(type), uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_interface(model, db_row(&rows, i), document, err);
	return ret;
}

/* A VPC router has its own, a router those of its network. */
static int add_dns(struct model *model, const struct router *router, json_t *document,
		   struct err *err)
{
	static const char *const names[] = { "forwarders=dns", NULL };
	struct l3_network network = { 0 };
	json_t *dns;

	if (router->l3_network) {
		if (model_load(model, &l3_network_type, router->l3_network, &network, err) < 0)
			return err->code;
		dns = part_of(&l3_network_type, &network, false, names);
		model_clear(&l3_network_type, &network);
	} else {
		dns = part_of(&vpc_router_type, router, false, names);
	}
	json_object_set_new(document, "dns", dns);
	return 0;
}

static int add_routes_of(struct model *model, const char *table, json_t *document, struct err *err)
{
	static const char *const names[] = { "uuid",     "destination", "type",
					     "next_hop", "priority",    NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &route_entry_type, &rows, err, "route_table", table) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++)
		json_array_append_new(part_section(document, "routes"),
				      part_of(&route_entry_type, db_row(&rows, i), false, names));
	return 0;
}

static int add_routes(struct model *model, const struct model_type *type, const char *uuid,
		      json_t *document, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows tables = DB_ROWS_NONE;
	int ret = model_find(model, &route_table_type, &tables, err,
			     type == &vpc_router_type ? "vpc_routers" : "routers", uuid);

	for (size_t i = 0; ret == 0 && i < tables.n; i++)
		ret = add_routes_of(model, ((struct resource *)db_row(&tables, i))->uuid, document,
				    err);
	return ret;
}

static int project(struct model *model, const struct model_type *type, const struct router *router,
		   bool with_secrets, json_t *document, struct err *err)
{
	const char *uuid = router->resource.uuid;

	json_object_set_new(document, "router",
			    json_pack("{s:s, s:s, s:b}", "uuid", uuid, "name",
				      router->resource.name, "distributed_routing",
				      (int)router->distributed_routing));
	if (setting_number(model, SETTING_PRIVATE_DEFAULT))
		json_object_set_new(json_object_get(document, "router"), "private_default",
				    json_string("accept"));
	if (add_interfaces(model, type, uuid, document, err) < 0 ||
	    add_dns(model, router, document, err) < 0 ||
	    service_project(model, type, uuid, with_secrets, document, err) < 0)
		return err->code;
	return add_routes(model, type, uuid, document, err);
}

int project_router(struct model *model, const struct model_type *type, const char *uuid,
		   bool with_secrets, json_t **document, struct err *err)
{
	struct router router = { 0 };
	json_t *made;
	int ret = model_load(model, type, uuid, &router, err);

	if (ret < 0)
		return ret;
	made = json_object();
	ret = project(model, type, &router, with_secrets, made, err);
	model_clear(type, &router);
	if (ret < 0)
		json_decref(made);
	else
		*document = made;
	return ret;
}
