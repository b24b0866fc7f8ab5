/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vxlan_pool: VNIs in ranges, and the clusters whose hosts carry them. */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"

/* 24 bits; the last two are reserved. */
#define VNI_FIELD(name, type, doc_text, ...)                                                       \
	{                                                                                          \
#name, FIELD_NUMBER, offsetof(type, name), .min = 1, .max = 16777214, __VA_ARGS__, \
							   .doc = doc_text                         \
	}

static const struct field vxlan_pool_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	{ "zone", FIELD_REFERENCE, offsetof(struct vxlan_pool, zone), .required = true,
	  .target = "zone", .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Where it is." },
	VNI_FIELD(start_vni, struct vxlan_pool, "First of its first range.", .transient = true),
	VNI_FIELD(end_vni, struct vxlan_pool, "Last of its first range.", .transient = true),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	const struct vxlan_pool *pool = change->is;

	if (!pool->start_vni)
		return model_wrong(err, "start_vni", "is required");
	if (!pool->end_vni)
		return model_wrong(err, "end_vni", "is required");
	if (pool->end_vni < pool->start_vni)
		return model_wrong(err, "end_vni", "%lld is before %lld", (long long)pool->end_vni,
				   (long long)pool->start_vni);
	return 0;
}

/* Its first range. */
static int written(const struct model_change *change, struct err *err)
{
	const struct vxlan_pool *pool = change->is;
	struct vni_range range = { 0 };
	int ret;

	if (!pool || change->was)
		return 0;
	range.resource.name = pool->resource.name;
	range.vxlan_pool = pool->resource.uuid;
	range.start_vni = pool->start_vni;
	range.end_vni = pool->end_vni;
	ret = model_add(change->model, &vni_range_type, &range, err);
	free(range.resource.uuid);
	return ret;
}

static const struct field attach_parameters[] = {
	{ "cluster", FIELD_REFERENCE, offsetof(struct cluster_parameters, cluster),
	  .required = true, .target = "cluster", .doc = "Which." },
	{ "vtep_cidr", FIELD_PREFIX, offsetof(struct cluster_parameters, vtep_cidr),
	  .required = true, .doc = "A host's tunnel ends at its address within." },
	{ 0 },
};

static int attach_cluster(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	const struct cluster_parameters *given = parameters;
	const struct vxlan_pool *pool = change->is;
	struct vxlan_pool_cluster attached = {
		.vxlan_pool = pool->resource.uuid,
		.cluster = given->cluster,
		.vtep_cidr = given->vtep_cidr,
	};
	int ret = cluster_in_zone(change->model, given->cluster, pool->zone, err);

	if (ret == 0 && given->vtep_cidr.ip.family == 6)
		ret = model_wrong(err, "vtep_cidr", "VXLAN goes over IPv4");
	if (ret == 0)
		ret = hosts_have_address(change->model, given->cluster, &given->vtep_cidr, err);
	if (ret == 0)
		ret = model_add(change->model, &vxlan_pool_cluster_type, &attached, err);
	free(attached.resource.uuid);
	return ret;
}

static int detach_cluster(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct cluster_parameters *given = parameters;
	const struct vxlan_pool *pool = change->is;
	int ret = model_find(change->model, &vxlan_pool_cluster_type, &rows, err, "vxlan_pool",
			     pool->resource.uuid, "cluster", given->cluster);

	if (ret < 0)
		return ret;
	if (!rows.n)
		return model_wrong(err, "cluster", "it is not attached to %s", given->cluster);
	return model_remove(change->model, &vxlan_pool_cluster_type,
			    ((struct resource *)db_row(&rows, 0))->uuid, err);
}

static const struct model_action vxlan_pool_actions[] = {
	{ "attach_cluster", "The hosts of the cluster carry its VXLANs from now on.",
	  attach_parameters, sizeof(struct cluster_parameters), attach_cluster },
	{ "detach_cluster", "They carry them no more.",
	  (const struct field[]){ { "cluster", FIELD_REFERENCE,
				    offsetof(struct cluster_parameters, cluster), .required = true,
				    .target = "cluster", .doc = "Which." },
				  { 0 } },
	  sizeof(struct cluster_parameters), detach_cluster },
	{ 0 },
};

const struct model_type vxlan_pool_type = {
	.table = { "vxlan_pool", vxlan_pool_fields, sizeof(struct vxlan_pool), NULL,
		   .owner = "owner", .shared = true },
	.by_admin = true,
	.doc = "VNIs, and the clusters whose hosts carry them; it carries no L3 network itself.",
	.actions = vxlan_pool_actions,
	.complete = complete,
	.written = written,
};

/* ---- VNIs on the hosts of a cluster, which tell networks apart whatever pool they are of ---- */

struct vnis {
	int64_t *all;
	size_t n, room;
};

static void vnis_clear(struct vnis *vnis)
{
	free(vnis->all);
}

static int order_numbers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void vnis_sort(struct vnis *vnis)
{
	if (vnis->n)
		qsort(vnis->all, vnis->n, sizeof(*vnis->all), order_numbers);
}

static bool vnis_have(const struct vnis *vnis, int64_t vni)
{
	return vnis->n && bsearch(&vni, vnis->all, vnis->n, sizeof(vni), order_numbers) != NULL;
}

static int add_pool(struct model *model, const char *pool, struct vnis *vnis, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &l2_network_type, &rows, err, "vxlan_pool", pool) < 0)
		return err->code;
	mem_grow(&vnis->all, &vnis->room, vnis->n + rows.n, sizeof(*vnis->all));
	for (size_t i = 0; i < rows.n; i++)
		vnis->all[vnis->n++] = ((const struct l2_network *)db_row(&rows, i))->vni;
	return 0;
}

/* Those of all other pools that the cluster's hosts carry. */
static int add_cluster(struct model *model, const char *cluster, const char *pool,
		       struct vnis *vnis, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &vxlan_pool_cluster_type, &rows, err, "cluster", cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct vxlan_pool_cluster *other = db_row(&rows, i);

		if (strcmp(other->vxlan_pool, pool) != 0)
			ret = add_pool(model, other->vxlan_pool, vnis, err);
	}
	return ret;
}

/* Those of all pools that share a cluster with this one. */
static int add_beside(struct model *model, const char *pool, struct vnis *vnis, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &vxlan_pool_cluster_type, &rows, err, "vxlan_pool", pool);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_cluster(model, ((struct vxlan_pool_cluster *)db_row(&rows, i))->cluster,
				  pool, vnis, err);
	return ret;
}

int vni_apart(struct model *model, const char *pool, int64_t vni, struct err *err)
{
	AUTO(vnis_clear) struct vnis vnis = { 0 };
	int ret = add_beside(model, pool, &vnis, err);

	vnis_sort(&vnis);
	if (ret == 0 && vnis_have(&vnis, vni))
		ret = model_refuse(err, "a cluster of the pool carries another one with VNI %lld",
				   (long long)vni);
	return ret;
}

static int vnis_apart(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	AUTO(vnis_clear) struct vnis vnis = { 0 };
	const struct vxlan_pool_cluster *is = change->is;
	int ret = add_cluster(change->model, is->cluster, is->vxlan_pool, &vnis, err);

	vnis_sort(&vnis);
	if (ret == 0)
		ret = model_find(change->model, &l2_network_type, &rows, err, "vxlan_pool",
				 is->vxlan_pool);
	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct l2_network *network = db_row(&rows, i);

		if (vnis_have(&vnis, network->vni))
			ret = model_refuse(err, "the cluster carries VNI %lld, that of %s, already",
					   (long long)network->vni,
					   model_text(&l2_network_type, network).s);
	}
	return ret;
}

static const struct model_rule vxlan_pool_cluster_rules[] = {
	{ "vnis_apart", "The hosts of a cluster carry a VNI once.", MODEL_CREATE, vnis_apart },
	{ 0 },
};

/* ---- its clusters ---- */

static const struct field vxlan_pool_cluster_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "vxlan_pool", FIELD_REFERENCE, offsetof(struct vxlan_pool_cluster, vxlan_pool),
	  .required = true, .target = "vxlan_pool", .at_end = FIELD_FOLLOWS, .doc = "Which." },
	{ "cluster", FIELD_REFERENCE, offsetof(struct vxlan_pool_cluster, cluster),
	  .required = true, .target = "cluster", .at_end = FIELD_FOLLOWS,
	  .doc = "Whose hosts carry it." },
	{ "vtep_cidr", FIELD_PREFIX, offsetof(struct vxlan_pool_cluster, vtep_cidr),
	  .required = true, .doc = "A host's tunnel ends at its address within." },
	{ 0 },
};

static const char *const vxlan_pool_cluster_uniques[] = { "vxlan_pool,cluster", NULL };

const struct model_type vxlan_pool_cluster_type = {
	.table = { "vxlan_pool_cluster", vxlan_pool_cluster_fields,
		   sizeof(struct vxlan_pool_cluster), vxlan_pool_cluster_uniques,
		   .part_of = "vxlan_pool" },
	.doc = "That a cluster's hosts carry a pool's VXLANs.",
	.rules = vxlan_pool_cluster_rules,
	.internal = true,
};

/* ---- its ranges ---- */

static const struct field vni_range_fields[] = {
	RESOURCE_FIELDS,
	{ "vxlan_pool", FIELD_REFERENCE, offsetof(struct vni_range, vxlan_pool), .required = true,
	  .target = "vxlan_pool", .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	VNI_FIELD(start_vni, struct vni_range, "The first.", .required = true, .immutable = true),
	VNI_FIELD(end_vni, struct vni_range, "The last.", .required = true, .immutable = true),
	{ 0 },
};

static int complete_range(const struct model_change *change, struct err *err)
{
	const struct vni_range *range = change->is;

	if (range->end_vni >= range->start_vni)
		return 0;
	return model_wrong(err, "end_vni", "%lld is before %lld", (long long)range->end_vni,
			   (long long)range->start_vni);
}

static int ranges_apart(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct vni_range *is = change->is;
	int ret = model_find(change->model, &vni_range_type, &rows, err, "vxlan_pool",
			     is->vxlan_pool);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct vni_range *other = db_row(&rows, i);

		if (strcmp(other->resource.uuid, is->resource.uuid) == 0 ||
		    other->start_vni > is->end_vni || other->end_vni < is->start_vni)
			continue;
		ret = model_refuse(err, "overlaps %lld-%lld of the same pool",
				   (long long)other->start_vni, (long long)other->end_vni);
	}
	return ret;
}

static int range_unused(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct vni_range *was = change->was;
	int ret = model_find(change->model, &l2_network_type, &rows, err, "vxlan_pool",
			     was->vxlan_pool);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct l2_network *network = db_row(&rows, i);

		if (network->vni >= was->start_vni && network->vni <= was->end_vni)
			ret = model_refuse(err, "%s has VNI %lld of it",
					   model_text(&l2_network_type, network).s,
					   (long long)network->vni);
	}
	return ret;
}

static const struct model_rule vni_range_rules[] = {
	{ "ranges_apart", "Ranges of one pool do not overlap.", MODEL_CREATE, ranges_apart },
	{ "range_unused", "It is not deleted while an L2 network has a VNI of it.", MODEL_DELETE,
	  range_unused },
	{ 0 },
};

const struct model_type vni_range_type = {
	.table = { "vni_range", vni_range_fields, sizeof(struct vni_range), NULL,
		   .part_of = "vxlan_pool" },
	.doc = "VNIs of a pool.",
	.rules = vni_range_rules,
	.complete = complete_range,
};

/* ---- taking one ---- */

/* The n-th VNI of all ranges, from 0. */
static int64_t nth_vni(const struct db_rows *ranges, uint64_t n)
{
	for (size_t i = 0; i < ranges->n; i++) {
		const struct vni_range *range = db_row(ranges, i);
		uint64_t size = (uint64_t)(range->end_vni - range->start_vni + 1);

		if (n < size)
			return range->start_vni + (int64_t)n;
		n -= size;
	}
	return 0;
}

static uint64_t count_vnis(const struct db_rows *ranges)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ranges->n; i++) {
		const struct vni_range *range = db_row(ranges, i);

		n += (uint64_t)(range->end_vni - range->start_vni + 1);
	}
	return n;
}

/* The first free one from a random one on. 0: there is none. */
static int64_t draw(const struct db_rows *ranges, const struct vnis *used, uint64_t random)
{
	uint64_t n = count_vnis(ranges);

	for (uint64_t i = 0; i <= used->n && i < n; i++) {
		int64_t vni = nth_vni(ranges, (random % n + i) % n);

		if (!vnis_have(used, vni))
			return vni;
	}
	return 0;
}

static int in_some_range(const struct db_rows *ranges, int64_t vni, struct err *err)
{
	for (size_t i = 0; i < ranges->n; i++) {
		const struct vni_range *range = db_row(ranges, i);

		if (vni >= range->start_vni && vni <= range->end_vni)
			return 0;
	}
	return model_wrong(err, "vni", "%lld is in no range of the pool", (long long)vni);
}

int vni_take(struct model *model, const char *pool, int64_t *vni, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows ranges = DB_ROWS_NONE;
	AUTO(vnis_clear) struct vnis used = { 0 };
	uint64_t random;

	if (model_find(model, &vni_range_type, &ranges, err, "vxlan_pool", pool) < 0)
		return err->code;
	if (*vni)
		return in_some_range(&ranges, *vni, err);
	if (add_pool(model, pool, &used, err) < 0 || add_beside(model, pool, &used, err) < 0)
		return err->code;
	vnis_sort(&used);
	if (RAND_bytes((uint8_t *)&random, sizeof(random)) != 1)
		return err_set(err, -EIO, "there is no randomness");
	*vni = draw(&ranges, &used, random);
	return *vni ? 0 : model_wrong(err, "vxlan_pool", "has no free VNI");
}
