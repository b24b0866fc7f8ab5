/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host itself, the L2 networks of its cluster and of the VXLAN pools there. */
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

/* Flooded frames go to the VTEPs of a VXLAN's pool: LIST_VTEPS. */
static int put_network(struct shared *shared, const struct l2_network *network, json_t **ret,
		       struct err *err)
{
	static const char *const names[] = { "uuid", "type", "device",
					     "vlan", "vni",  "pool=vxlan_pool",
					     NULL };
	const char *uuid = network->resource.uuid;
	json_t *made;

	*ret = shared_find(shared, SHARED_L2, uuid);
	if (*ret)
		return 0;
	made = part_of(&l2_network_type, network, false, names);
	if (network->kind != L2_VXLAN && add_mtu(shared->model, uuid, made, err) < 0) {
		json_decref(made);
		return err->code;
	}
	*ret = shared_put(shared, SHARED_L2, uuid, made);
	return 0;
}

static int add_networks(struct shared *shared, const char *field, const char *uuid, json_t *list,
			struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(shared->model, &l2_network_type, &rows, err, field, uuid);
	json_t *network;

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		ret = put_network(shared, db_row(&rows, i), &network, err);
		if (ret == 0)
			json_array_append(list, network);
	}
	return ret;
}

static int add_cluster(struct shared *shared, const char *cluster, json_t *list, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows pools = DB_ROWS_NONE;
	int ret = add_networks(shared, "clusters", cluster, list, err);

	if (ret == 0)
		ret = model_find(shared->model, &vxlan_pool_cluster_type, &pools, err, "cluster",
				 cluster);
	for (size_t i = 0; ret == 0 && i < pools.n; i++)
		ret = add_networks(shared, "vxlan_pool",
				   ((struct vxlan_pool_cluster *)db_row(&pools, i))->vxlan_pool,
				   list, err);
	return ret;
}

static int make_cluster(struct shared *shared, const char *cluster, json_t **made, struct err *err)
{
	int ret;

	*made = json_array();
	ret = add_cluster(shared, cluster, *made, err);
	if (ret < 0)
		json_decref(*made);
	return ret;
}

/* The hosts of a cluster that a pool is attached to. */
static int add_hosts(struct model *model, const struct vxlan_pool_cluster *attached, json_t *hosts,
		     struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &host_type, &rows, err, "cluster", attached->cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct host *host = db_row(&rows, i);
		struct ip vtep;

		if (vtep_of(host, &attached->vtep_cidr, &vtep))
			json_object_set_new(hosts, host->resource.uuid,
					    json_string(ip_text(&vtep).s));
	}
	return ret;
}

static int make_pool(struct shared *shared, const char *pool, json_t **made, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret =
		model_find(shared->model, &vxlan_pool_cluster_type, &rows, err, "vxlan_pool", pool);

	*made = json_object();
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_hosts(shared->model, db_row(&rows, i), *made, err);
	if (ret < 0)
		json_decref(*made);
	return ret;
}

int l2_pool(struct shared *shared, const char *pool, json_t **hosts, struct err *err)
{
	return shared_get(shared, SHARED_POOLS, pool, make_pool, hosts, err);
}

/* Its own end of a pool's tunnels; NULL: it has none. */
static int add_vtep(struct shared *shared, const struct host *host, json_t *json, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows pools = DB_ROWS_NONE;
	int ret = model_find(shared->model, &vxlan_pool_cluster_type, &pools, err, "cluster",
			     host->cluster);

	for (size_t i = 0; ret == 0 && i < pools.n; i++) {
		const struct vxlan_pool_cluster *attached = db_row(&pools, i);
		struct ip vtep;

		if (vtep_of(host, &attached->vtep_cidr, &vtep))
			json_object_set_new(json, "vtep", json_string(ip_text(&vtep).s));
	}
	return ret;
}

static int make_reached(struct shared *shared, const char *cluster, json_t **made, struct err *err)
{
	json_t *list, *network;
	size_t i;

	if (shared_get(shared, SHARED_CLUSTERS, cluster, make_cluster, &list, err) < 0)
		return err->code;
	*made = json_object();
	json_array_foreach (list, i, network)
		json_object_set_new(*made, json_string_value(json_object_get(network, "uuid")),
				    json_true());
	return 0;
}

int l2_reached(struct shared *shared, const char *cluster, json_t **reached, struct err *err)
{
	return shared_get(shared, SHARED_REACHED, cluster, make_reached, reached, err);
}

int l2_project(struct shared *shared, const struct host *host, json_t *document, struct err *err)
{
	json_t *json =
		json_pack("{s:s, s:s}", "uuid", host->resource.uuid, "name", host->resource.name);
	json_t *list;

	json_object_del(document, "l2_networks");
	json_object_set_new(document, "host", json);
	if (add_vtep(shared, host, json, err) < 0 ||
	    shared_get(shared, SHARED_CLUSTERS, host->cluster, make_cluster, &list, err) < 0)
		return err->code;
	if (json_array_size(list))
		json_object_set(document, "l2_networks", list);
	return 0;
}
