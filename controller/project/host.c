/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's document: the L2 networks of its cluster, the L3 networks that its guests are on. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

/* The host's end of tunnels: its address within the CIDR. False: it has none. */
static bool vtep_of(const struct host *host, const struct prefix *cidr, struct ip *vtep)
{
	const struct host_device *devices = host->devices.items;

	for (size_t i = 0; i < host->devices.n; i++) {
		const struct prefix *addresses = devices[i].addresses.items;

		for (size_t j = 0; j < devices[i].addresses.n; j++) {
			if (!prefix_contains(cidr, &addresses[j].ip))
				continue;
			*vtep = addresses[j].ip;
			return true;
		}
	}
	return false;
}

/* The largest packet that one of its L3 networks has; without L3 networks the device's own. */
static int add_mtu(struct model *model, const char *l2, json_t *json, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int64_t mtu = 0;

	if (model_find(model, &l3_network_type, &rows, err, "l2_network", l2) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++) {
		const struct l3_network *network = db_row(&rows, i);

		mtu = network->mtu > mtu ? network->mtu : mtu;
	}
	if (mtu)
		json_object_set_new(json, "mtu", json_integer(mtu));
	return 0;
}

static int add_l2(struct model *model, const struct l2_network *network, json_t *document,
		  json_t **ret, struct err *err)
{
	static const char *const names[] = { "uuid", "type", "device", "vlan", "vni", NULL };

	*ret = part_of(&l2_network_type, network, false, names);
	json_array_append_new(part_section(document, "l2_networks"), *ret);
	return network->kind == L2_VXLAN ? 0 : add_mtu(model, network->resource.uuid, *ret, err);
}

/* Guests of a VXLAN on another host. */
static int add_remote(struct model *model, const char *l2, const struct host *other,
		      const struct ip *vtep, json_t *json, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &nic_type, &rows, err, "l3_network.l2_network", l2, "vm.host",
			     other->resource.uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		static const char *const names[] = { "mac", "address", NULL };
		json_t *remote = part_of(&nic_type, db_row(&rows, i), false, names);

		json_object_set_new(remote, "vtep", json_string(ip_text(vtep).s));
		json_array_append_new(part_section(json, "remote"), remote);
	}
	return ret;
}

/* The other hosts of a cluster that the pool is attached to. */
static int add_peers(struct model *model, const struct host *host, const char *l2,
		     const struct vxlan_pool_cluster *attached, json_t *json, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &host_type, &rows, err, "cluster", attached->cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct host *other = db_row(&rows, i);
		struct ip vtep;

		if (strcmp(other->resource.uuid, host->resource.uuid) == 0 ||
		    !vtep_of(other, &attached->vtep_cidr, &vtep))
			continue;
		json_array_append_new(part_section(json, "peers"), json_string(ip_text(&vtep).s));
		ret = add_remote(model, l2, other, &vtep, json, err);
	}
	return ret;
}

static int add_vxlan(struct model *model, const struct host *host, const struct l2_network *network,
		     json_t *document, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *json;
	int ret = add_l2(model, network, document, &json, err);

	if (ret == 0)
		ret = model_find(model, &vxlan_pool_cluster_type, &rows, err, "vxlan_pool",
				 network->vxlan_pool);
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_peers(model, host, network->resource.uuid, db_row(&rows, i), json, err);
	return ret;
}

static int add_pool(struct model *model, const struct host *host,
		    const struct vxlan_pool_cluster *attached, json_t *document, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct ip vtep;
	int ret =
		model_find(model, &l2_network_type, &rows, err, "vxlan_pool", attached->vxlan_pool);

	if (ret == 0 && vtep_of(host, &attached->vtep_cidr, &vtep))
		json_object_set_new(json_object_get(document, "host"), "vtep",
				    json_string(ip_text(&vtep).s));
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_vxlan(model, host, db_row(&rows, i), document, err);
	return ret;
}

static int add_l2_networks(struct model *model, const struct host *host, json_t *document,
			   struct err *err)
{
	AUTO(db_rows_clear) struct db_rows networks = DB_ROWS_NONE, pools = DB_ROWS_NONE;
	int ret = model_find(model, &l2_network_type, &networks, err, "clusters", host->cluster);

	for (size_t i = 0; ret == 0 && i < networks.n; i++) {
		json_t *json;

		ret = add_l2(model, db_row(&networks, i), document, &json, err);
	}
	if (ret == 0)
		ret = model_find(model, &vxlan_pool_cluster_type, &pools, err, "cluster",
				 host->cluster);
	for (size_t i = 0; ret == 0 && i < pools.n; i++)
		ret = add_pool(model, host, db_row(&pools, i), document, err);
	return ret;
}

/* Guests of routed networks ask their router, which is their gateway. */
static void add_l3_dns(const struct l3_network *network, const struct ip *gateway, json_t *json)
{
	static const char *const names[] = { "dns", NULL };
	bool routed = network->architecture == L3_VROUTER || network->architecture == L3_VPC;
	json_t *own = routed ? json_pack("{s:[s]}", "dns", ip_text(gateway).s)
			     : part_of(&l3_network_type, network, false, names);

	json_object_update(json, own);
	json_decref(own);
}

static json_t *l3_json(const struct l3_network *network, const struct ip *gateway, int64_t length)
{
	static const char *const names[] = { "uuid", "l2=l2_network", "mtu", NULL };
	struct prefix cidr = { *gateway, (uint8_t)length };
	json_t *json = part_of(&l3_network_type, network, false, names);

	cidr = prefix_network(&cidr);
	json_object_set_new(json, "cidr", json_string(prefix_text(&cidr).s));
	json_object_set_new(json, "gateway", json_string(ip_text(gateway).s));
	json_object_set_new(json, "user_data", json_true());
	add_l3_dns(network, gateway, json);
	if (network->dhcp_address.family)
		json_object_set_new(json, "dhcp",
				    json_pack("{s:b, s:s}", "enabled", 1, "server",
					      ip_text(&network->dhcp_address).s));
	return json;
}

static int add_l3(struct model *model, const char *uuid, json_t *document, struct err *err)
{
	struct l3_network network = { 0 };
	struct ip gateway;
	int64_t length;
	int ret = model_load(model, &l3_network_type, uuid, &network, err);

	if (ret == 0)
		ret = network_gateway(model, uuid, &gateway, &length, err);
	if (ret == 0)
		json_array_append_new(part_section(document, "l3_networks"),
				      l3_json(&network, &gateway, length));
	model_clear(&l3_network_type, &network);
	return ret;
}

static int project(struct model *model, const struct host *host, json_t *document, json_t *used,
		   struct err *err)
{
	const char *uuid;
	json_t *value;

	json_object_set_new(document, "host",
			    json_pack("{s:s, s:s}", "uuid", host->resource.uuid, "name",
				      host->resource.name));
	if (add_l2_networks(model, host, document, err) < 0 ||
	    guest_project(model, host->resource.uuid, used, document, err) < 0)
		return err->code;
	json_object_foreach (used, uuid, value)
		if (add_l3(model, uuid, document, err) < 0)
			return err->code;
	return 0;
}

int project_host(struct model *model, const char *uuid, json_t **document, struct err *err)
{
	struct host host = { 0 };
	json_t *made, *used;
	int ret = model_load(model, &host_type, uuid, &host, err);

	if (ret < 0)
		return ret;
	made = json_object();
	used = json_object();
	ret = project(model, &host, made, used, err);
	model_clear(&host_type, &host);
	json_decref(used);
	if (ret < 0)
		json_decref(made);
	else
		*document = made;
	return ret;
}
