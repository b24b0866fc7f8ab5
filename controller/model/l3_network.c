/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l3_network: addresses for guests, routers and VIPs on an L2 network. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"

static const char *const categories[] = { "public", "system", "private", NULL };
static const char *const architectures[] = { "flat", "vrouter", "vpc", NULL };

#define AT(member) offsetof(struct l3_network, member)

static const struct field dns_element = { .type = FIELD_IP };

static const struct field l3_network_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	{ "l2_network", FIELD_REFERENCE, AT(l2_network), .required = true, .target = "l2_network",
	  .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "What it is on." },
	{ "category", FIELD_CHOICE, AT(category), .required = true, .choices = categories,
	  .immutable = true,
	  .doc = "Public: VIPs come from it; system: for the platform itself; private: guests'." },
	{ "architecture", FIELD_CHOICE, AT(architecture), .choices = architectures,
	  .immutable = true, .fallback = L3_NONE, .doc = "Of a private network: what serves it." },
	{ "dhcp", FIELD_BOOL, AT(dhcp), .fallback = true, .immutable = true,
	  .doc = "Whether guests get their addresses by DHCP." },
	{ "dns", FIELD_LIST, AT(dns), .element = &dns_element,
	  .doc = "Name servers, in the order of use; not of a VPC network. See add_dns." },
	{ "mtu", FIELD_NUMBER, AT(mtu), .min = 68, .max = 9216, .unit = "bytes",
	  .doc = "The largest packet; 1500, on a VXLAN 1450, when it is not given." },
	{ "router_offering", FIELD_REFERENCE, AT(router_offering), .target = "router_offering",
	  .nullable = true, .at_end = FIELD_CLEARS,
	  .doc = "Of a vrouter network: how its router is made." },
	{ "vpc_router", FIELD_REFERENCE, AT(vpc_router), .target = "vpc_router", .immutable = true,
	  .at_end = FIELD_CLEARS,
	  .doc = "Of a VPC network: its router; see the router's attach_network." },
	RANGE_FIELDS(struct l3_network, first, .transient = true),
	{ "dhcp_address", FIELD_IP, AT(dhcp_address), .computed = true,
	  .doc = "The DHCP server's; taken with the first NIC." },
	{ "total_addresses", FIELD_NUMBER, AT(total_addresses), .computed = true,
	  .doc = "How many its ranges have." },
	{ "used_addresses", FIELD_NUMBER, AT(used_addresses), .computed = true,
	  .doc = "How many of them are in use." },
	{ 0 },
};

static bool range_given(const struct range_given *given)
{
	return given->cidr.ip.family || given->start.family || given->end.family ||
	       given->netmask.family || given->gateway.family;
}

/* What is usual; of that a VXLAN takes its headers. */
static int complete_mtu(const struct model_change *change, struct err *err)
{
	enum { USUAL = 1500, VXLAN_HEADERS = 50 };
	struct l3_network *network = change->is;
	struct l2_network l2 = { 0 };
	int ret;

	if (network->mtu)
		return 0;
	ret = model_load(change->model, &l2_network_type, network->l2_network, &l2, err);
	if (ret == -ENOENT)
		return model_wrong(err, "l2_network", "there is no l2_network %s",
				   network->l2_network);
	network->mtu = l2.kind == L2_VXLAN ? USUAL - VXLAN_HEADERS : USUAL;
	model_clear(&l2_network_type, &l2);
	return ret;
}

static int complete(const struct model_change *change, struct err *err)
{
	const struct l3_network *network = change->is;
	bool is_private = network->category == L3_PRIVATE;

	if (is_private && network->architecture == L3_NONE)
		return model_wrong(err, "architecture", "is required for a private network");
	if (!is_private && network->architecture != L3_NONE)
		return model_wrong(err, "architecture", "is for a private network alone");
	if (network->architecture == L3_VROUTER && !network->router_offering)
		return model_wrong(err, "router_offering", "is required for a vrouter network");
	if (network->vpc_router && network->architecture != L3_VPC)
		return model_wrong(err, "vpc_router", "is for a VPC network alone");
	if (network->vpc_router && !range_given(&network->first))
		return model_wrong(err, "cidr", "is required with vpc_router");
	return complete_mtu(change, err);
}

static int check_mtu(const struct model_change *change, struct err *err)
{
	const struct l3_network *network = change->is;

	return network->mtu ? 0 : model_wrong(err, "mtu", "cannot be taken away");
}

static int check_dns(const struct model_change *change, struct err *err)
{
	const struct l3_network *network = change->is;

	if (network->architecture == L3_VPC && network->dns.n)
		return model_wrong(err, "dns", "a VPC network has its router's");
	return 0;
}

static int check_offering(const struct model_change *change, struct err *err)
{
	const struct l3_network *is = change->is, *was = change->was;
	struct router_offering offering = { 0 };
	int ret;

	if (!is->router_offering ||
	    (was && was->router_offering && strcmp(was->router_offering, is->router_offering) == 0))
		return 0;
	if (is->architecture != L3_VROUTER)
		return model_wrong(err, "router_offering", "is for a vrouter network alone");
	ret = model_load(change->model, &router_offering_type, is->router_offering, &offering, err);
	if (ret == 0 && offering.state != RESOURCE_ENABLED)
		ret = model_refuse(err, "%s is disabled",
				   model_text(&router_offering_type, &offering).s);
	model_clear(&router_offering_type, &offering);
	return ret;
}

static int apart_on_router(const struct model_change *change, struct err *err)
{
	return network_apart_on_router(change->model, change->is, err);
}

/* From the other side: the router's own rule is about the same. */
static int same_mtu(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct l3_network *is = change->is;
	struct router router = { 0 };
	bool distributed;
	int ret;

	if (!is->vpc_router)
		return 0;
	ret = model_load(change->model, &vpc_router_type, is->vpc_router, &router, err);
	distributed = ret == 0 && router.distributed_routing;
	model_clear(&vpc_router_type, &router);
	if (distributed)
		ret = model_find(change->model, &l3_network_type, &rows, err, "vpc_router",
				 is->vpc_router);
	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct l3_network *other = db_row(&rows, i);

		if (other->mtu != is->mtu && strcmp(other->resource.uuid, is->resource.uuid) != 0)
			ret = model_refuse(err, "%s has MTU %lld, and hosts route between them",
					   model_text(&l3_network_type, other).s,
					   (long long)other->mtu);
	}
	return ret;
}

static int system_alone(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct l3_network *is = change->is;
	int ret = model_find(change->model, &l3_network_type, &rows, err, "l2_network",
			     is->l2_network);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct l3_network *other = db_row(&rows, i);

		if (is->category == L3_SYSTEM || other->category == L3_SYSTEM)
			ret = model_refuse(err, "the L2 network carries %s%s",
					   model_text(&l3_network_type, other).s,
					   other->category == L3_SYSTEM ? ", a system network"
									: "");
	}
	return ret;
}

static int by_admin(const struct model_change *change, struct err *err)
{
	const struct l3_network *network = change->is;

	if (model_by_admin(change->model) || network->category == L3_PRIVATE)
		return 0;
	return model_forbid(err, "only admin makes a %s network", categories[network->category]);
}

static const struct model_rule l3_network_rules[] = {
	{ "by_admin", "Public and system networks are admin's.", MODEL_CREATE, by_admin },
	{ "mtu", "Its packets have a largest size.", MODEL_UPDATE, check_mtu },
	{ "dns", "A VPC network has no name servers of its own.", MODEL_WRITE, check_dns },
	{ "offering_enabled", "The router offering of a vrouter network is enabled.", MODEL_WRITE,
	  check_offering },
	{ "apart_on_router",
	  "The networks of a VPC router do not overlap and have different gateways.", MODEL_WRITE,
	  apart_on_router },
	{ "same_mtu", "The networks of a VPC router with distributed routing have the same MTU.",
	  MODEL_WRITE, same_mtu },
	{ "system_alone", "A system network has an L2 network of its own.", MODEL_CREATE,
	  system_alone },
	{ 0 },
};

static int add_first_range(const struct model_change *change, struct err *err)
{
	const struct l3_network *network = change->is;
	struct ip_range range = { 0 };
	int ret;

	range.resource.name = network->resource.name;
	range.l3_network = network->resource.uuid;
	range.given = network->first;
	ret = model_add(change->model, &ip_range_type, &range, err);
	free(range.resource.uuid);
	return ret;
}

static bool same_router(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The router's NIC comes and goes with the network. */
static int follow_router(const struct model_change *change, const char *was, const char *is,
			 struct err *err)
{
	const struct l3_network *network = change->is;
	struct router_nic nic = { .role = ROLE_PRIVATE, .device_id = -1 };
	int ret = 0;

	if (same_router(was, is))
		return 0;
	nic.l3_network = network->resource.uuid;
	if (was)
		ret = router_nic_remove(change->model, &vpc_router_type, was,
					network->resource.uuid, err);
	if (ret == 0 && is)
		ret = router_nic_add(change->model, &vpc_router_type, is, &nic, err);
	return ret;
}

static int written(const struct model_change *change, struct err *err)
{
	const struct l3_network *was = change->was, *is = change->is;

	if (!is)
		return 0;
	if (!was && range_given(&is->first) && add_first_range(change, err) < 0)
		return err->code;
	return follow_router(change, was ? was->vpc_router : NULL, is->vpc_router, err);
}

struct dns_parameters {
	struct ip server;
};

static int add_dns(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct dns_parameters *given = parameters;
	struct field_list *list = &((struct l3_network *)change->is)->dns;
	struct ip *servers = mem_array(list->n + 1, sizeof(*servers));

	for (size_t i = 0; i < list->n; i++) {
		servers[i] = ((struct ip *)list->items)[i];
		if (!ip_equal(&servers[i], &given->server))
			continue;
		free(servers);
		return model_wrong(err, "server", "it is there already");
	}
	servers[list->n++] = given->server;
	free(list->items);
	list->items = servers;
	return 0;
}

static int remove_dns(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct dns_parameters *given = parameters;
	struct field_list *list = &((struct l3_network *)change->is)->dns;
	struct ip *servers = list->items;

	for (size_t i = 0; i < list->n; i++) {
		if (!ip_equal(&servers[i], &given->server))
			continue;
		memmove(servers + i, servers + i + 1, (--list->n - i) * sizeof(*servers));
		return 0;
	}
	return model_wrong(err, "server", "it is not there");
}

static const struct field dns_parameters[] = {
	{ "server", FIELD_IP, offsetof(struct dns_parameters, server), .required = true,
	  .doc = "Its address." },
	{ 0 },
};

static const struct model_action l3_network_actions[] = {
	{ "add_dns", "One more name server, behind the others.", dns_parameters,
	  sizeof(struct dns_parameters), add_dns },
	{ "remove_dns", "One less.", dns_parameters, sizeof(struct dns_parameters), remove_dns },
	{ 0 },
};

const struct model_type l3_network_type = {
	.table = { "l3_network", l3_network_fields, sizeof(struct l3_network), NULL,
		   .owner = "owner", .shared = true },
	.doc = "Addresses for guests, routers and VIPs on an L2 network.",
	.rules = l3_network_rules,
	.actions = l3_network_actions,
	.complete = complete,
	.written = written,
};

int l3_count(struct model *model, const char *uuid, int64_t total, int64_t used, struct err *err)
{
	struct l3_network network = { 0 };
	int ret = db_has(model_db(model), &l3_network_type.table, uuid, err);

	if (ret <= 0)
		return ret; /* It goes as well. */
	ret = model_load(model, &l3_network_type, uuid, &network, err);
	if (ret < 0)
		return ret;
	network.total_addresses += total;
	network.used_addresses += used;
	ret = model_write(model, &l3_network_type, &network, err);
	model_clear(&l3_network_type, &network);
	return ret;
}
