/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2_network: one broadcast domain: a device of the hosts, a VLAN on it, or a VNI of a pool. */
#include <errno.h>
#include <string.h>

#include "controller/model/parts.h"
#include "lib/base/name.h"

static const char *const kinds[] = { "novlan", "vlan", "vxlan", NULL };

#define AT(member) offsetof(struct l2_network, member)

static const struct field cluster_element = {
	.type = FIELD_REFERENCE,
	.target = "cluster",
	.at_end = FIELD_CLEARS,
};

static const struct field l2_network_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	{ "type", FIELD_CHOICE, AT(kind), .required = true, .choices = kinds, .immutable = true,
	  .doc = "What keeps it apart." },
	{ "zone", FIELD_REFERENCE, AT(zone), .target = "zone", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Where it is; a VXLAN's is its pool's." },
	{ "device", FIELD_TEXT, AT(device), .max = 15, .immutable = true,
	  .doc = "The hosts' device that it is on; not of a VXLAN." },
	{ "vlan", FIELD_NUMBER, AT(vlan), .min = 1, .max = 4094, .immutable = true,
	  .doc = "Its tag; of a VLAN alone." },
	{ "vxlan_pool", FIELD_REFERENCE, AT(vxlan_pool), .target = "vxlan_pool", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Of a VXLAN alone." },
	{ "vni", FIELD_NUMBER, AT(vni), .min = 1, .max = 16777214, .immutable = true,
	  .doc = "Of a VXLAN; a free one of the pool when it is not given." },
	{ "clusters", FIELD_LIST, AT(clusters), .element = &cluster_element, .immutable = true,
	  .doc = "Whose hosts have it; a VXLAN's are its pool's. See attach_cluster." },
	{ 0 },
};

/* Which fields go with which type. */
static int check_kind(const struct l2_network *network, struct err *err)
{
	bool vxlan = network->kind == L2_VXLAN;

	if (vxlan && !network->vxlan_pool)
		return model_wrong(err, "vxlan_pool", "is required for a vxlan");
	if (!vxlan && network->vxlan_pool)
		return model_wrong(err, "vxlan_pool", "is for a vxlan alone");
	if (!vxlan && network->vni)
		return model_wrong(err, "vni", "is for a vxlan alone");
	if (!vxlan && !network->device)
		return model_wrong(err, "device", "is required for a %s", kinds[network->kind]);
	if (!vxlan && !name_is_link(network->device))
		return model_wrong(err, "device", "\"%s\" cannot be the name of a link",
				   network->device);
	if (vxlan && network->device)
		return model_wrong(err, "device", "is not for a vxlan");
	if (network->kind == L2_VLAN && !network->vlan)
		return model_wrong(err, "vlan", "is required for a vlan");
	if (network->kind != L2_VLAN && network->vlan)
		return model_wrong(err, "vlan", "is for a vlan alone");
	if (vxlan && network->clusters.n)
		return model_wrong(err, "clusters", "a vxlan has the clusters of its pool");
	return 0;
}

static int complete_vxlan(const struct model_change *change, struct l2_network *network,
			  struct err *err)
{
	struct vxlan_pool pool = { 0 };
	int ret = model_load(change->model, &vxlan_pool_type, network->vxlan_pool, &pool, err);

	if (ret == -ENOENT)
		return model_wrong(err, "vxlan_pool", "there is no vxlan_pool %s",
				   network->vxlan_pool);
	if (ret < 0)
		return ret;
	if (!network->zone)
		network->zone = mem_text(pool.zone);
	else if (strcmp(network->zone, pool.zone) != 0)
		ret = model_wrong(err, "zone", "%s is in another zone",
				  model_text(&vxlan_pool_type, &pool).s);
	model_clear(&vxlan_pool_type, &pool);
	return ret == 0 ? vni_take(change->model, network->vxlan_pool, &network->vni, err) : ret;
}

static int complete(const struct model_change *change, struct err *err)
{
	struct l2_network *network = change->is;

	if (check_kind(network, err) < 0)
		return err->code;
	if (network->kind == L2_VXLAN)
		return complete_vxlan(change, network, err);
	return network->zone ? 0 : model_wrong(err, "zone", "is required");
}

/* For each cluster that it did not have before. */
static int each_new_cluster(const struct model_change *change,
			    int (*check)(const struct model_change *change, const char *cluster,
					 struct err *err),
			    struct err *err)
{
	const struct l2_network *was = change->was, *is = change->is;
	char **clusters = is->clusters.items;

	for (size_t i = 0; i < is->clusters.n; i++) {
		if (was && uuids_have(&was->clusters, clusters[i]))
			continue;
		if (check(change, clusters[i], err) < 0)
			return err->code;
	}
	return 0;
}

static int zone_of_one(const struct model_change *change, const char *cluster, struct err *err)
{
	return cluster_in_zone(change->model, cluster,
			       ((const struct l2_network *)change->is)->zone, err);
}

static int same_zone(const struct model_change *change, struct err *err)
{
	return each_new_cluster(change, zone_of_one, err);
}

static int alone_in_one(const struct model_change *change, const char *cluster, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct l2_network *is = change->is;
	int ret = model_find(change->model, &l2_network_type, &rows, err, "clusters", cluster,
			     "device", is->device);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct l2_network *other = db_row(&rows, i);

		if (other->kind != is->kind || other->vlan != is->vlan ||
		    strcmp(other->resource.uuid, is->resource.uuid) == 0)
			continue;
		ret = model_refuse(err, "the cluster has %s already, on the same device%s",
				   model_text(&l2_network_type, other).s,
				   is->vlan ? " and VLAN" : "");
	}
	return ret;
}

static int alone_in_cluster(const struct model_change *change, struct err *err)
{
	return each_new_cluster(change, alone_in_one, err);
}

static int device_in_one(const struct model_change *change, const char *cluster, struct err *err)
{
	return hosts_have_device(change->model, cluster,
				 ((const struct l2_network *)change->is)->device, err);
}

static int device_on_hosts(const struct model_change *change, struct err *err)
{
	return each_new_cluster(change, device_in_one, err);
}

static int vni_once(const struct model_change *change, struct err *err)
{
	const struct l2_network *network = change->is;

	return network->kind == L2_VXLAN
		       ? vni_apart(change->model, network->vxlan_pool, network->vni, err)
		       : 0;
}

/* Others would reach what is on the hosts' wires. */
static int by_admin(const struct model_change *change, struct err *err)
{
	const struct l2_network *network = change->is;

	if (model_by_admin(change->model) || network->kind == L2_VXLAN)
		return 0;
	return model_forbid(err, "only admin makes a %s network", kinds[network->kind]);
}

static const struct model_rule l2_network_rules[] = {
	{ "by_admin", "What is no VXLAN is admin's.", MODEL_CREATE, by_admin },
	{ "same_zone", "Its clusters are in its zone.", MODEL_WRITE, same_zone },
	{ "alone_in_cluster", "A cluster has no two with the same device, type and VLAN.",
	  MODEL_WRITE, alone_in_cluster },
	{ "vni_once", "The hosts of a cluster carry a VNI once.", MODEL_CREATE, vni_once },
	{ "device_on_hosts", "Every host of its clusters has its device.", MODEL_WRITE,
	  device_on_hosts },
	{ 0 },
};

static int attach_cluster(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	const struct cluster_parameters *given = parameters;
	struct l2_network *network = change->is;
	struct cluster cluster = { 0 };

	if (network->kind == L2_VXLAN)
		return model_refuse(err, "a vxlan has the clusters of its pool");
	if (model_load(change->model, &cluster_type, given->cluster, &cluster, err) < 0)
		return err->code;
	model_clear(&cluster_type, &cluster);
	if (!uuids_have(&network->clusters, given->cluster))
		uuids_add(&network->clusters, given->cluster);
	return 0;
}

static int detach_cluster(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	const struct cluster_parameters *given = parameters;
	struct l2_network *network = change->is;

	if (!uuids_remove(&network->clusters, given->cluster))
		return model_wrong(err, "cluster", "it is not attached to %s", given->cluster);
	return 0;
}

static const struct field cluster_parameter[] = {
	{ "cluster", FIELD_REFERENCE, offsetof(struct cluster_parameters, cluster),
	  .required = true, .target = "cluster", .doc = "Which." },
	{ 0 },
};

static const struct model_action l2_network_actions[] = {
	{ "attach_cluster", "The hosts of the cluster have it from now on.", cluster_parameter,
	  sizeof(struct cluster_parameters), attach_cluster },
	{ "detach_cluster", "The hosts of the cluster have it no more.", cluster_parameter,
	  sizeof(struct cluster_parameters), detach_cluster },
	{ 0 },
};

static const char *const l2_network_uniques[] = { "vxlan_pool,vni", NULL };

const struct model_type l2_network_type = {
	.table = { "l2_network", l2_network_fields, sizeof(struct l2_network), l2_network_uniques,
		   .owner = "owner", .shared = true },
	.doc = "One broadcast domain of hosts and guests.",
	.rules = l2_network_rules,
	.actions = l2_network_actions,
	.complete = complete,
};
