/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VIPs and what stands on them, in a router's document. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

struct services {
	struct model *model;
	bool with_secrets;
	json_t *document;
	json_t *vips, *certificates; /* Seen already. */
};

static int add_eips(const struct services *to, const char *vip, struct err *err)
{
	static const char *const names[] = { "uuid", "vip", NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(to->model, &eip_type, &rows, err, "vip", vip) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++) {
		const struct eip *eip = db_row(&rows, i);
		AUTO(free_ptr) char *target = NULL;
		json_t *json;

		if (!eip->nic)
			continue;
		if (part_nic_address(to->model, eip->nic, &target, err) < 0)
			return err->code;
		json = part_of(&eip_type, eip, false, names);
		json_object_set_new(json, "target", json_string(target));
		json_array_append_new(part_section(to->document, "eips"), json);
	}
	return 0;
}

static int add_forwards(const struct services *to, const char *vip, struct err *err)
{
	static const char *const names[] = { "uuid",      "vip",          "protocol",
					     "vip_ports", "target_ports", "allowed_cidr",
					     NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(to->model, &port_forward_type, &rows, err, "vip", vip) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++) {
		const struct port_forward *forward = db_row(&rows, i);
		AUTO(free_ptr) char *target = NULL;
		json_t *json;

		if (!forward->nic)
			continue;
		if (part_nic_address(to->model, forward->nic, &target, err) < 0)
			return err->code;
		json = part_of(&port_forward_type, forward, false, names);
		json_object_set_new(json, "target", json_string(target));
		json_array_append_new(part_section(to->document, "port_forwards"), json);
	}
	return 0;
}

static int add_certificate(const struct services *to, const char *uuid, struct err *err)
{
	static const char *const names[] = { "uuid", "certificate_pem", "chain_pem",
					     "private_key_pem", NULL };
	struct certificate certificate = { 0 };

	if (!uuid || part_seen(to->certificates, uuid))
		return 0;
	if (model_load(to->model, &certificate_type, uuid, &certificate, err) < 0)
		return err->code;
	json_array_append_new(part_section(to->document, "certificates"),
			      part_of(&certificate_type, &certificate, to->with_secrets, names));
	model_clear(&certificate_type, &certificate);
	return 0;
}

static int add_members(const struct services *to, const struct listener *listener, json_t *json,
		       struct err *err)
{
	char **nics = listener->nics.items;
	json_t *members = json_array();

	json_object_set_new(json, "members", members);
	for (size_t i = 0; i < listener->nics.n; i++) {
		AUTO(free_ptr) char *address = NULL;

		if (part_nic_address(to->model, nics[i], &address, err) < 0)
			return err->code;
		json_array_append_new(members,
				      json_pack("{s:s, s:s}", "uuid", nics[i], "address", address));
	}
	return 0;
}

static int add_listeners(const struct services *to, const char *balancer, json_t *json,
			 struct err *err)
{
	static const char *const names[] = { "uuid",
					     "protocol",
					     "port",
					     "target_port",
					     "algorithm",
					     "idle_timeout_s",
					     "healthy_threshold",
					     "unhealthy_threshold",
					     "health_interval_s",
					     "max_connections",
					     "certificate",
					     NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *listeners = json_array();
	int ret = model_find(to->model, &listener_type, &rows, err, "load_balancer", balancer);

	json_object_set_new(json, "listeners", listeners);
	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct listener *listener = db_row(&rows, i);
		json_t *one = part_of(&listener_type, listener, false, names);

		json_array_append_new(listeners, one);
		ret = add_members(to, listener, one, err);
		if (ret == 0)
			ret = add_certificate(to, listener->certificate, err);
	}
	return ret;
}

static int add_balancers(const struct services *to, const char *vip, struct err *err)
{
	static const char *const names[] = { "uuid", "vip", NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &load_balancer_type, &rows, err, "vip", vip);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		json_t *json = part_of(&load_balancer_type, db_row(&rows, i), false, names);

		json_array_append_new(part_section(to->document, "load_balancers"), json);
		ret = add_listeners(to, ((struct resource *)db_row(&rows, i))->uuid, json, err);
	}
	return ret;
}

/* The subnets of its local networks. */
static int add_local_cidrs(const struct services *to, const struct ipsec_connection *ipsec,
			   json_t *json, struct err *err)
{
	char **networks = ipsec->local_networks.items;
	json_t *cidrs = json_array();

	json_object_set_new(json, "local_cidrs", cidrs);
	for (size_t i = 0; i < ipsec->local_networks.n; i++) {
		struct prefix subnet = { 0 };
		int64_t length;

		if (network_gateway(to->model, networks[i], &subnet.ip, &length, err) < 0)
			return err->code;
		subnet.length = (uint8_t)length;
		subnet = prefix_network(&subnet);
		json_array_append_new(cidrs, json_string(prefix_text(&subnet).s));
	}
	return 0;
}

static int add_tunnels(const struct services *to, const char *vip, struct err *err)
{
	static const char *const names[] = { "uuid",         "vip",         "remote_address",
					     "remote_cidrs", "ike_version", NULL };
	static const char *const auth[] = { "mode=auth_mode", "psk", NULL };
	static const char *const ike[] = { "auth=ike_auth", "encryption=ike_encryption",
					   "dh_group=ike_dh_group", NULL };
	static const char *const esp[] = { "auth=esp_auth", "encryption=esp_encryption", "pfs",
					   NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &ipsec_connection_type, &rows, err, "vip", vip);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct model_type *type = &ipsec_connection_type;
		const struct ipsec_connection *ipsec = db_row(&rows, i);
		json_t *json;

		/* Its networks are gone, or nobody wants it now. */
		if (!ipsec->local_networks.n || ipsec->state != RESOURCE_ENABLED)
			continue;
		json = part_of(type, ipsec, false, names);
		json_object_set_new(json, "auth", part_of(type, ipsec, to->with_secrets, auth));
		json_object_set_new(json, "ike", part_of(type, ipsec, false, ike));
		json_object_set_new(json, "esp", part_of(type, ipsec, false, esp));
		json_array_append_new(part_section(to->document, "ipsec"), json);
		ret = add_local_cidrs(to, ipsec, json, err);
	}
	return ret;
}

static int add_vip(const struct services *to, const char *uuid, struct err *err)
{
	static const char *const names[] = { "uuid", "address", "network", "system", NULL };
	struct vip vip = { 0 };
	json_t *json, *qos;

	if (part_seen(to->vips, uuid))
		return 0;
	if (part_qos(to->model, uuid, true, &qos, err) < 0)
		return err->code;
	if (model_load(to->model, &vip_type, uuid, &vip, err) < 0) {
		json_decref(qos);
		return err->code;
	}
	json = part_of(&vip_type, &vip, false, names);
	model_clear(&vip_type, &vip);
	json_object_set_new(json, "qos", qos);
	json_array_append_new(part_section(to->document, "vips"), json);
	if (add_eips(to, uuid, err) < 0 || add_forwards(to, uuid, err) < 0 ||
	    add_balancers(to, uuid, err) < 0)
		return err->code;
	return add_tunnels(to, uuid, err);
}

/* Those that a router was made with. */
static int add_own_vips(const struct services *to, const char *field, const char *router,
			struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &vip_type, &rows, err, field, router);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_vip(to, ((struct resource *)db_row(&rows, i))->uuid, err);
	return ret;
}

/* VIPs of the services that have something on a network of the router. 'path' leads to the network,
 * the VIP's uuid stands in the record at 'on'. */
static int add_bound(const struct services *to, const struct model_type *type, const char *path,
		     const char *network, size_t on, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, type, &rows, err, path, network);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct service_vip *stands =
			(const void *)((const char *)db_row(&rows, i) + on);

		ret = add_vip(to, stands->vip, err);
	}
	return ret;
}

static int add_balanced(const struct services *to, const char *network, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &listener_type, &rows, err, "nics.l3_network", network);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct listener *listener = db_row(&rows, i);
		struct load_balancer balancer = { 0 };

		ret = model_load(to->model, &load_balancer_type, listener->load_balancer, &balancer,
				 err);
		if (ret == 0)
			ret = add_vip(to, balancer.on.vip, err);
		model_clear(&load_balancer_type, &balancer);
	}
	return ret;
}

static int add_network(const struct services *to, const char *network, struct err *err)
{
	if (add_bound(to, &eip_type, "nic.l3_network", network, offsetof(struct eip, on), err) <
		    0 ||
	    add_bound(to, &port_forward_type, "nic.l3_network", network,
		      offsetof(struct port_forward, on), err) < 0 ||
	    add_bound(to, &ipsec_connection_type, "local_networks", network,
		      offsetof(struct ipsec_connection, on), err) < 0)
		return err->code;
	return add_balanced(to, network, err);
}

static int add_all(const struct services *to, const struct model_type *type, const char *router,
		   struct err *err)
{
	AUTO(db_rows_clear) struct db_rows nics = DB_ROWS_NONE;
	bool vpc = type == &vpc_router_type;
	int ret = add_own_vips(to, vpc ? "own_vpc_router" : "own_router", router, err);

	if (ret == 0)
		ret = model_find(to->model, &router_nic_type, &nics, err,
				 vpc ? "vpc_router" : "router", router, "role", "private");
	for (size_t i = 0; ret == 0 && i < nics.n; i++)
		ret = add_network(to, ((struct router_nic *)db_row(&nics, i))->l3_network, err);
	return ret;
}

int service_project(struct model *model, const struct model_type *type, const char *router,
		    bool with_secrets, json_t *document, struct err *err)
{
	struct services to = { model, with_secrets, document, json_object(), json_object() };
	int ret = add_all(&to, type, router, err);

	json_decref(to.vips);
	json_decref(to.certificates);
	return ret;
}
