/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tunnel's far side must not be, seen from its router: the router itself, what is on this
 * side, or what is behind another peer. Tunnels that are disabled are in nobody's way. */
#include "controller/model/ipsec_place.h"

#include <string.h>

/* The first of 'remote' that 'prefix' overlaps, or NULL. */
static const struct prefix *overlap(const struct field_list *remote, const struct prefix *prefix)
{
	const struct prefix *prefixes = remote->items;

	for (size_t i = 0; i < remote->n; i++)
		if (prefix_overlaps(&prefixes[i], prefix))
			return &prefixes[i];
	return NULL;
}

static int subnet_of(struct model *model, const char *network, struct prefix *subnet,
		     struct err *err)
{
	int64_t length;
	int ret = network_gateway(model, network, &subnet->ip, &length, err);

	if (ret == 0)
		subnet->length = (uint8_t)length;
	return ret;
}

/* What is behind the peer is not what a NIC of the router is on. Outside, anything may be. */
static int apart_from_nic(const struct model_change *change, const struct router_nic *nic,
			  struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;
	const struct prefix *both;
	struct prefix subnet;

	if (ip_equal(&nic->address, &ipsec->remote_address))
		return model_refuse(err, "%s is its router's own address",
				    ip_text(&nic->address).s);
	if (nic->role == ROLE_PUBLIC)
		return 0;
	if (subnet_of(change->model, nic->l3_network, &subnet, err) < 0)
		return err->code;
	both = overlap(&ipsec->remote_cidrs, &subnet);
	return both ? model_refuse(
			      err, "%s overlaps %s, which its router is on", prefix_text(both).s,
			      model_text_of(change->model, &l3_network_type, nic->l3_network).s)
		    : 0;
}

int ipsec_apart_from_router(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ipsec_connection *ipsec = change->is;
	char **networks = ipsec->local_networks.items;
	struct router_place place = { 0 };
	struct vip vip = { 0 };
	int ret = model_load(change->model, &vip_type, ipsec->on.vip, &vip, err);

	if (ret == 0 && ip_equal(&vip.address, &ipsec->remote_address))
		ret = model_refuse(err, "%s is its VIP's own address", ip_text(&vip.address).s);
	if (ret == 0 && ipsec->local_networks.n)
		ret = network_router(change->model, networks[0], &place, err);
	if (ret == 0 && place.type)
		ret = model_find(change->model, &router_nic_type, &rows, err,
				 place.type->table.name, place.uuid);
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = apart_from_nic(change, db_row(&rows, i), err);
	model_clear(&vip_type, &vip);
	return ret;
}

/* A packet for what is behind a peer belongs to one tunnel. */
static int apart_from_found(const struct model_change *change, const char *field, const char *value,
			    struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ipsec_connection *is = change->is;
	int ret = model_find(change->model, &ipsec_connection_type, &rows, err, field, value);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct ipsec_connection *other = db_row(&rows, i);
		const struct prefix *prefixes = other->remote_cidrs.items, *both;

		if (other->state != RESOURCE_ENABLED ||
		    strcmp(other->resource.uuid, is->resource.uuid) == 0)
			continue;
		for (size_t j = 0; ret == 0 && j < other->remote_cidrs.n; j++) {
			both = overlap(&is->remote_cidrs, &prefixes[j]);
			if (both)
				ret = model_refuse(err, "%s is behind the peer of %s too",
						   prefix_text(both).s,
						   model_text(&ipsec_connection_type, other).s);
		}
	}
	return ret;
}

int ipsec_apart_from_others(const struct model_change *change, struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;
	char **networks = ipsec->local_networks.items;
	int ret = 0;

	if (ipsec->state != RESOURCE_ENABLED)
		return 0;
	ret = apart_from_found(change, "vip", ipsec->on.vip, err);
	for (size_t i = 0; ret == 0 && i < ipsec->local_networks.n; i++)
		ret = apart_from_found(change, "local_networks", networks[i], err);
	return ret;
}

/* Of one network that the router has already. */
static int apart_from_tunnels_of(struct model *model, const char *here, const char *network,
				 const struct prefix *subnet, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &ipsec_connection_type, &rows, err, "local_networks", here);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct ipsec_connection *ipsec = db_row(&rows, i);
		const struct prefix *both = overlap(&ipsec->remote_cidrs, subnet);

		if (both)
			ret = model_refuse(err, "%s is behind the peer of %s, and overlaps %s",
					   prefix_text(both).s,
					   model_text(&ipsec_connection_type, ipsec).s,
					   model_text_of(model, &l3_network_type, network).s);
	}
	return ret;
}

int network_apart_of_tunnels(struct model *model, const struct model_type *type, const char *router,
			     const char *network, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct prefix subnet;
	int ret = subnet_of(model, network, &subnet, err);

	if (ret == 0)
		ret = model_find(model, &router_nic_type, &rows, err, type->table.name, router,
				 "role", "private");
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = apart_from_tunnels_of(model,
					    ((struct router_nic *)db_row(&rows, i))->l3_network,
					    network, &subnet, err);
	return ret;
}
