/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VIPs and what stands on them. Nothing of it is written down twice: which router a VIP is on
 * follows from what its services are bound to. */
#include "controller/model/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int service_complete(const struct model_change *change, struct service_vip *on, struct err *err)
{
	const struct resource *resource = change->is;
	struct vip vip = { 0 };
	int ret;

	if (on->vip && on->network)
		return model_wrong(err, "network", "is for a new VIP, and vip is given");
	if (on->vip && on->address.family)
		return model_wrong(err, "address", "is for a new VIP, and vip is given");
	if (on->vip)
		return 0;
	if (!on->network)
		return model_wrong(err, "vip", "is required, or network for a new one");
	vip.resource.name = resource->name;
	vip.resource.owner = resource->owner;
	vip.network = on->network;
	vip.address = on->address;
	ret = model_add(change->model, &vip_type, &vip, err);
	if (ret == 0)
		on->vip = vip.resource.uuid;
	else
		free(vip.resource.uuid);
	return ret;
}

static const struct {
	const struct model_type *type;
	int service;
} services[] = {
	{ &eip_type, SERVICE_EIP },
	{ &port_forward_type, SERVICE_FORWARD },
	{ &load_balancer_type, SERVICE_BALANCE },
	{ &ipsec_connection_type, SERVICE_IPSEC },
};

int vip_services(struct model *model, const char *vip, const char *except, struct err *err)
{
	int found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

		if (model_find(model, services[i].type, &rows, err, "vip", vip) < 0)
			return err->code;
		for (size_t j = 0; j < rows.n; j++)
			if (strcmp(((struct resource *)db_row(&rows, j))->uuid, except) != 0)
				found |= services[i].service;
	}
	return found;
}

int vip_shared(struct model *model, const char *vip, const char *except, struct err *err)
{
	int found = vip_services(model, vip, except, err);

	if (found < 0 || !(found & SERVICE_EIP))
		return found < 0 ? found : 0;
	return model_refuse(err, "an EIP stands on %s, and shares it with nothing",
			    model_text_of(model, &vip_type, vip).s);
}

static void set_place(struct router_place *place, const struct model_type *type, const char *uuid)
{
	place->type = type;
	snprintf(place->uuid, sizeof(place->uuid), "%s", uuid);
}

int network_router(struct model *model, const char *network, struct router_place *place,
		   struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct l3_network l3 = { 0 };
	int ret = model_load(model, &l3_network_type, network, &l3, err);

	place->type = NULL;
	if (ret == 0 && l3.vpc_router)
		set_place(place, &vpc_router_type, l3.vpc_router);
	else if (ret == 0 && l3.architecture == L3_VROUTER)
		ret = model_find(model, &router_type, &rows, err, "l3_network", network);
	if (ret == 0 && rows.n)
		set_place(place, &router_type, ((struct resource *)db_row(&rows, 0))->uuid);
	model_clear(&l3_network_type, &l3);
	return ret;
}

int networks_together(struct model *model, const char *one, const char *other, struct err *err)
{
	struct router_place first = { 0 }, second = { 0 };

	if (strcmp(one, other) == 0)
		return 1;
	if (network_router(model, one, &first, err) < 0 ||
	    network_router(model, other, &second, err) < 0)
		return err->code;
	return first.type == &vpc_router_type && second.type == first.type &&
	       strcmp(first.uuid, second.uuid) == 0;
}

static int nic_router(struct model *model, const char *uuid, struct router_place *place,
		      struct err *err)
{
	struct nic nic = { 0 };
	int ret = model_load(model, &nic_type, uuid, &nic, err);

	if (ret == 0)
		ret = network_router(model, nic.l3_network, place, err);
	model_clear(&nic_type, &nic);
	return ret;
}

/* The router of the first of a list of NICs or networks; none while it is empty. */
static int list_router(struct model *model, const struct field_list *list, bool of_nics,
		       struct router_place *place, struct err *err)
{
	char **uuids = list->items;

	if (!list->n)
		return 0;
	return of_nics ? nic_router(model, uuids[0], place, err)
		       : network_router(model, uuids[0], place, err);
}

static int balancer_router(struct model *model, const char *balancer, struct router_place *place,
			   struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &listener_type, &rows, err, "load_balancer", balancer);

	for (size_t i = 0; ret == 0 && !place->type && i < rows.n; i++) {
		const struct listener *listener = db_row(&rows, i);

		ret = list_router(model, &listener->nics, true, place, err);
	}
	return ret;
}

static int service_router(struct model *model, const struct model_type *type, const void *record,
			  struct router_place *place, struct err *err)
{
	const struct ipsec_connection *ipsec = record;
	const struct port_forward *forward = record;
	const struct resource *resource = record;
	const struct eip *eip = record;

	if (type == &eip_type)
		return eip->nic ? nic_router(model, eip->nic, place, err) : 0;
	if (type == &port_forward_type)
		return forward->nic ? nic_router(model, forward->nic, place, err) : 0;
	if (type == &load_balancer_type)
		return balancer_router(model, resource->uuid, place, err);
	return list_router(model, &ipsec->local_networks, false, place, err);
}

static int own_router(struct model *model, const char *uuid, struct router_place *place,
		      struct err *err)
{
	struct vip vip = { 0 };
	int ret = model_load(model, &vip_type, uuid, &vip, err);

	if (ret == 0 && vip.own_router)
		set_place(place, &router_type, vip.own_router);
	if (ret == 0 && vip.own_vpc_router)
		set_place(place, &vpc_router_type, vip.own_vpc_router);
	model_clear(&vip_type, &vip);
	return ret;
}

int vip_router(struct model *model, const char *vip, const char *except, struct router_place *place,
	       struct err *err)
{
	int ret;

	place->type = NULL;
	ret = own_router(model, vip, place, err);
	for (size_t i = 0; ret == 0 && !place->type && i < ARRAY_SIZE(services); i++) {
		AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

		ret = model_find(model, services[i].type, &rows, err, "vip", vip);
		for (size_t j = 0; ret == 0 && !place->type && j < rows.n; j++)
			if (strcmp(((struct resource *)db_row(&rows, j))->uuid, except) != 0)
				ret = service_router(model, services[i].type, db_row(&rows, j),
						     place, err);
	}
	return ret;
}

static int router_has_network(struct model *model, const struct router_place *place,
			      const char *vip_uuid, struct err *err)
{
	struct router router = { 0 };
	struct vip vip = { 0 };
	int ret = model_load(model, place->type, place->uuid, &router, err);

	if (ret == 0)
		ret = model_load(model, &vip_type, vip_uuid, &vip, err);
	if (ret == 0 && strcmp(router.public_network, vip.network) != 0 &&
	    !uuids_have(&router.public_networks, vip.network))
		ret = model_refuse(err, "%s has not the public network of %s",
				   model_text(place->type, &router).s,
				   model_text(&vip_type, &vip).s);
	model_clear(place->type, &router);
	model_clear(&vip_type, &vip);
	return ret;
}

int service_on_router(struct model *model, const char *vip, const char *uuid, const char *network,
		      struct err *err)
{
	struct router_place own = { 0 }, others = { 0 };
	int ret = network_router(model, network, &own, err);

	if (ret == 0 && !own.type)
		return model_refuse(err, "no router serves %s",
				    model_text_of(model, &l3_network_type, network).s);
	if (ret == 0)
		ret = vip_router(model, vip, uuid, &others, err);
	if (ret < 0)
		return ret;
	if (others.type && (others.type != own.type || strcmp(others.uuid, own.uuid) != 0))
		return model_refuse(err, "the VIP is on %s %s, the network on %s %s",
				    others.type->table.name, others.uuid, own.type->table.name,
				    own.uuid);
	return router_has_network(model, &own, vip, err);
}

static int held(struct err *err, const struct model_type *type, const void *record,
		const struct port_range *ports)
{
	const struct resource *resource = record;

	return model_refuse(err, "%s %s has port %s of the VIP", type->table.name,
			    resource->name ? resource->name : resource->uuid,
			    port_range_text(ports).s);
}

static int forwards_apart(struct model *model, const char *vip, const char *except, bool udp,
			  const struct port_range *ports, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &port_forward_type, &rows, err, "vip", vip) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++) {
		const struct port_forward *other = db_row(&rows, i);

		if (strcmp(other->resource.uuid, except) != 0 &&
		    (other->protocol == FORWARD_UDP) == udp &&
		    port_range_overlaps(&other->vip_ports, ports))
			return held(err, &port_forward_type, other, &other->vip_ports);
	}
	return 0;
}

static int listeners_apart(struct model *model, const char *vip, const char *except,
			   const struct port_range *ports, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &listener_type, &rows, err, "load_balancer.vip", vip) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++) {
		const struct listener *other = db_row(&rows, i);
		struct port_range taken = { (uint16_t)other->port, (uint16_t)other->port };

		if (strcmp(other->resource.uuid, except) != 0 && port_range_overlaps(&taken, ports))
			return held(err, &listener_type, other, &taken);
	}
	return 0;
}

/* IKE and its NAT traversal. */
static int ike_apart(struct model *model, const char *vip, const char *except,
		     const struct port_range *ports, struct err *err)
{
	static const struct port_range ike[] = { { 500, 500 }, { 4500, 4500 } };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &ipsec_connection_type, &rows, err, "vip", vip) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++)
		for (size_t j = 0; j < ARRAY_SIZE(ike); j++)
			if (strcmp(((struct resource *)db_row(&rows, i))->uuid, except) != 0 &&
			    port_range_overlaps(&ike[j], ports))
				return held(err, &ipsec_connection_type, db_row(&rows, i), &ike[j]);
	return 0;
}

/* Numbers count, whatever the protocol, between services of two kinds; among forwards those of one
 * protocol. */
int vip_ports_free(struct model *model, const char *vip, const char *except, int protocol,
		   const struct port_range *ports, struct err *err)
{
	bool listens = protocol == VIP_LISTENS;

	if ((listens || protocol == VIP_TCP) &&
	    forwards_apart(model, vip, except, false, ports, err) < 0)
		return err->code;
	if ((listens || protocol == VIP_UDP) &&
	    forwards_apart(model, vip, except, true, ports, err) < 0)
		return err->code;
	if (protocol == VIP_UDP && ike_apart(model, vip, except, ports, err) < 0)
		return err->code;
	return listeners_apart(model, vip, except, ports, err);
}

int vip_management(struct model *model, const char *uuid, const struct port_range *ports,
		   struct err *err)
{
	static const struct port_range ssh = { 22, 22 };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct vip vip = { 0 };
	bool vpc;
	int ret;

	if (!port_range_overlaps(ports, &ssh))
		return 0;
	ret = model_load(model, &vip_type, uuid, &vip, err);
	vpc = vip.own_vpc_router;
	if (ret == 0 && vip.system)
		ret = model_find(model, &router_nic_type, &rows, err, vpc ? "vpc_router" : "router",
				 vpc ? vip.own_vpc_router : vip.own_router, "role", "public");
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		if (((const struct router_nic *)db_row(&rows, i))->merged)
			ret = model_refuse(err, "the router is managed by TCP 22 of %s",
					   model_text(&vip_type, &vip).s);
	model_clear(&vip_type, &vip);
	return ret;
}
