/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host itself, the L2 networks of its cluster and of the VXLAN pools there. Who is in a pool,
 * and which guests a VXLAN has, is found once for all hosts; each leaves itself out. */
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

/* {"base": as it stands in documents, "pool": of a VXLAN} */
static int add_network(struct model *model, const struct l2_network *network, json_t *list,
		       struct err *err)
{
	static const char *const names[] = { "uuid", "type", "device", "vlan", "vni", NULL };
	json_t *base = part_of(&l2_network_type, network, false, names);

	json_array_append_new(list,
			      json_pack("{s:o, s:s*}", "base", base, "pool", network->vxlan_pool));
	return network->kind == L2_VXLAN ? 0 : add_mtu(model, network->resource.uuid, base, err);
}

static int add_networks(struct model *model, const char *field, const char *uuid, json_t *list,
			struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &l2_network_type, &rows, err, field, uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_network(model, db_row(&rows, i), list, err);
	return ret;
}

static int make_cluster(struct model *model, const char *cluster, json_t *list, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows pools = DB_ROWS_NONE;
	int ret = add_networks(model, "clusters", cluster, list, err);

	if (ret == 0)
		ret = model_find(model, &vxlan_pool_cluster_type, &pools, err, "cluster", cluster);
	for (size_t i = 0; ret == 0 && i < pools.n; i++)
		ret = add_networks(model, "vxlan_pool",
				   ((struct vxlan_pool_cluster *)db_row(&pools, i))->vxlan_pool,
				   list, err);
	return ret;
}

/* The hosts of a cluster that a pool is attached to. */
static int add_hosts(struct model *model, const struct vxlan_pool_cluster *attached, json_t *list,
		     struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &host_type, &rows, err, "cluster", attached->cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct host *host = db_row(&rows, i);
		struct ip vtep;

		if (vtep_of(host, &attached->vtep_cidr, &vtep))
			json_array_append_new(list,
					      json_pack("{s:s, s:s}", "host", host->resource.uuid,
							"vtep", ip_text(&vtep).s));
	}
	return ret;
}

static int make_pool(struct model *model, const char *pool, json_t *list, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &vxlan_pool_cluster_type, &rows, err, "vxlan_pool", pool);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_hosts(model, db_row(&rows, i), list, err);
	return ret;
}

static int host_of(struct model *model, const char *uuid, json_t **host, struct err *err)
{
	struct vm vm = { 0 };
	int ret = model_load(model, &vm_type, uuid, &vm, err);

	*host = ret == 0 && vm.host ? json_string(vm.host) : NULL;
	model_clear(&vm_type, &vm);
	return ret;
}

/* Those that are on a host. */
static int make_guests(struct model *model, const char *l2, json_t *list, struct err *err)
{
	static const char *const names[] = { "mac", "address", NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &nic_type, &rows, err, "l3_network.l2_network", l2);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct nic *nic = db_row(&rows, i);
		json_t *host, *guest;

		ret = host_of(model, nic->vm, &host, err);
		if (ret < 0 || !host)
			continue;
		guest = part_of(&nic_type, nic, false, names);
		json_object_set_new(guest, "host", host);
		json_array_append_new(list, guest);
	}
	return ret;
}

typedef int make_fn(struct model *model, const char *uuid, json_t *list, struct err *err);

/* The list of 'uuid' in 'lists', made when it is asked for. Borrowed. */
static int list_of(struct shared *shared, json_t *lists, const char *uuid, make_fn *make,
		   json_t **list, struct err *err)
{
	*list = json_object_get(lists, uuid);
	if (*list)
		return 0;
	*list = json_array();
	if (make(shared->model, uuid, *list, err) < 0) {
		json_decref(*list);
		return err->code;
	}
	json_object_set_new(lists, uuid, *list);
	return 0;
}

static bool is_text(const json_t *object, const char *name, const char *text)
{
	return strcmp(json_string_value(json_object_get(object, name)), text) == 0;
}

/* Where the other hosts are. 'vteps' maps them to that. */
static json_t *add_peers(const json_t *members, const char *host, json_t *json)
{
	json_t *vteps = json_object(), *member;
	size_t i;

	json_array_foreach (members, i, member) {
		json_t *vtep = json_object_get(member, "vtep");

		if (is_text(member, "host", host))
			continue;
		json_array_append(part_section(json, "peers"), vtep);
		json_object_set(vteps, json_string_value(json_object_get(member, "host")), vtep);
	}
	return vteps;
}

static void add_remote(const json_t *guests, const json_t *vteps, json_t *json)
{
	json_t *guest;
	size_t i;

	json_array_foreach (guests, i, guest) {
		json_t *vtep =
			json_object_get(vteps, json_string_value(json_object_get(guest, "host")));

		if (vtep)
			json_array_append_new(part_section(json, "remote"),
					      json_pack("{s:O, s:O, s:O}", "mac",
							json_object_get(guest, "mac"), "address",
							json_object_get(guest, "address"), "vtep",
							vtep));
	}
}

static int add_vxlan(struct shared *shared, const struct host *host, const char *pool,
		     json_t *network, struct err *err)
{
	const char *uuid = json_string_value(json_object_get(network, "uuid"));
	json_t *members, *guests, *vteps;

	if (list_of(shared, shared->pools, pool, make_pool, &members, err) < 0 ||
	    list_of(shared, shared->guests, uuid, make_guests, &guests, err) < 0)
		return err->code;
	vteps = add_peers(members, host->resource.uuid, network);
	add_remote(guests, vteps, network);
	json_decref(vteps);
	return 0;
}

/* Its own end of a pool's tunnels. */
static int add_vtep(struct shared *shared, const struct host *host, const char *pool, json_t *json,
		    struct err *err)
{
	json_t *members, *member;
	size_t i;

	if (list_of(shared, shared->pools, pool, make_pool, &members, err) < 0)
		return err->code;
	json_array_foreach (members, i, member)
		if (is_text(member, "host", host->resource.uuid))
			json_object_set(json, "vtep", json_object_get(member, "vtep"));
	return 0;
}

static json_t *object_of(const json_t *list, const char *uuid)
{
	json_t *object;
	size_t i;

	json_array_foreach (list, i, object)
		if (is_text(object, "uuid", uuid))
			return object;
	return NULL;
}

static int add_l2(struct shared *shared, const struct host *host, const json_t *network,
		  const json_t *only, const json_t *before, json_t *document, struct err *err)
{
	json_t *base = json_object_get(network, "base"), *made;
	const char *uuid = json_string_value(json_object_get(base, "uuid"));
	const char *pool = json_string_value(json_object_get(network, "pool"));
	json_t *as_it_was = only && !json_object_get(only, uuid) ? object_of(before, uuid) : NULL;
	int ret = 0;

	if (pool && add_vtep(shared, host, pool, json_object_get(document, "host"), err) < 0)
		return err->code;
	if (as_it_was) {
		json_array_append(part_section(document, "l2_networks"), as_it_was);
		return 0;
	}
	made = json_copy(base);
	if (pool)
		ret = add_vxlan(shared, host, pool, made, err);
	json_array_append_new(part_section(document, "l2_networks"), made);
	return ret;
}

int l2_reached(struct shared *shared, const char *cluster, json_t **reached, struct err *err)
{
	json_t *list, *network;
	size_t i;

	*reached = json_object_get(shared->reached, cluster);
	if (*reached)
		return 0;
	if (list_of(shared, shared->l2_networks, cluster, make_cluster, &list, err) < 0)
		return err->code;
	*reached = json_object();
	json_array_foreach (list, i, network)
		json_object_set_new(*reached,
				    json_string_value(
					    json_object_get(json_object_get(network, "base"),
							    "uuid")),
				    json_true());
	json_object_set_new(shared->reached, cluster, *reached);
	return 0;
}

int l2_project(struct shared *shared, const struct host *host, const json_t *only, json_t *document,
	       struct err *err)
{
	json_t *before = json_incref(json_object_get(document, "l2_networks")), *list, *network;
	size_t i;
	int ret = list_of(shared, shared->l2_networks, host->cluster, make_cluster, &list, err);

	json_object_del(document, "l2_networks");
	json_object_set_new(document, "host",
			    json_pack("{s:s, s:s}", "uuid", host->resource.uuid, "name",
				      host->resource.name));
	if (ret == 0)
		json_array_foreach (list, i, network)
			if (ret == 0)
				ret = add_l2(shared, host, network, only, before, document, err);
	json_decref(before);
	return ret;
}
