/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VPC routers whose distributed routing is on, in hosts' documents: each is the same on every host
 * but for networks that do not reach it.
 *
 * Hosts route with the MAC of the router's first public NIC, which stays as long as the router. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

static json_t *interface_json(const struct router_nic *nic, const json_t *facts)
{
	return json_pack("{s:s, s:s, s:s, s:O}", "l3", nic->l3_network, "address",
			 ip_text(&nic->address).s, "mac", mac_text(&nic->mac).s, "l2",
			 json_object_get(facts, "l2"));
}

static int add_nics(struct shared *shared, const char *router, json_t *json, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *interfaces = part_section(json, "interfaces"), *facts;

	if (model_find(shared->model, &router_nic_type, &rows, err, "vpc_router", router) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++) {
		const struct router_nic *nic = db_row(&rows, i);

		if (nic->device_id == 1)
			json_object_set_new(json, "gateway_mac",
					    json_string(mac_text(&nic->mac).s));
		if (nic->role != ROLE_PRIVATE)
			continue;
		if (shared_network(shared, nic->l3_network, &facts, err) < 0)
			return err->code;
		json_array_append_new(interfaces, interface_json(nic, facts));
	}
	return 0;
}

/* null: it is not distributed. With each interface's "l2". */
static int make_router(struct shared *shared, const char *uuid, json_t **ret, struct err *err)
{
	struct router router = { 0 };
	json_t *made;
	bool distributed;

	if (model_load(shared->model, &vpc_router_type, uuid, &router, err) < 0)
		return err->code;
	distributed = router.distributed_routing;
	model_clear(&vpc_router_type, &router);
	made = distributed ? json_pack("{s:s}", "uuid", uuid) : json_null();
	if (distributed && add_nics(shared, uuid, made, err) < 0) {
		json_decref(made);
		return err->code;
	}
	*ret = made;
	return 0;
}

static bool reaches(const json_t *networks, const char *l2)
{
	json_t *network;
	size_t i;

	json_array_foreach (networks, i, network)
		if (strcmp(json_string_value(json_object_get(network, "uuid")), l2) == 0)
			return true;
	return false;
}

static json_t *for_host(const json_t *router, const json_t *networks)
{
	json_t *json = json_copy((json_t *)(uintptr_t)router), *interfaces = json_array(), *one;
	size_t i;

	json_array_foreach (json_object_get(router, "interfaces"), i, one) {
		if (!reaches(networks, json_string_value(json_object_get(one, "l2"))))
			continue;
		one = json_copy(one);
		json_object_del(one, "l2");
		json_array_append_new(interfaces, one);
	}
	json_object_set_new(json, "interfaces", interfaces);
	return json;
}

/* The router of a network that a guest here is on. */
static int add_router(struct shared *shared, const char *network, json_t *seen, json_t *document,
		      struct err *err)
{
	json_t *facts, *router;
	const char *uuid;

	if (shared_network(shared, network, &facts, err) < 0)
		return err->code;
	uuid = json_string_value(json_object_get(facts, "router"));
	if (!uuid || part_seen(seen, uuid))
		return 0;
	if (shared_get(shared, SHARED_ROUTERS, uuid, make_router, &router, err) < 0)
		return err->code;
	if (!json_is_null(router))
		json_array_append_new(part_section(document, "routers"),
				      for_host(router, json_object_get(document, "l2_networks")));
	return 0;
}

int distributed_project(struct shared *shared, json_t *document, struct err *err)
{
	json_t *seen = json_object(), *port, *address;
	size_t i, j;
	int ret = 0;

	json_object_del(document, "routers");
	json_array_foreach (json_object_get(document, "ports"), i, port)
		json_array_foreach (json_object_get(port, "addresses"), j, address)
			if (ret == 0)
				ret = add_router(shared,
						 json_string_value(json_object_get(address, "l3")),
						 seen, document, err);
	json_decref(seen);
	return ret;
}
