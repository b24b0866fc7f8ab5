/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ip_range: addresses of an L3 network, given by a CIDR or as a slice of a subnet. */
#include <errno.h>
#include <string.h>

#include "controller/model/parts.h"

#define AT(member) offsetof(struct ip_range, member)

static const struct field ip_range_fields[] = {
	RESOURCE_FIELDS,
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .required = true, .target = "l3_network",
	  .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	RANGE_FIELDS(struct ip_range, given, .immutable = true),
	{ "prefix_length", FIELD_NUMBER, AT(prefix_length), .computed = true, .min = 1, .max = 32,
	  .unit = "bits", .doc = "Of the subnet." },
	{ "total_addresses", FIELD_NUMBER, AT(total_addresses), .computed = true,
	  .doc = "How many can be used." },
	{ 0 },
};

uint32_t ip_number(const struct ip *ip)
{
	return (uint32_t)ip->bytes[0] << 24 | (uint32_t)ip->bytes[1] << 16 |
	       (uint32_t)ip->bytes[2] << 8 | ip->bytes[3];
}

struct ip ip_of_number(uint32_t number)
{
	return (struct ip){ .family = 4,
			    .bytes = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				       (uint8_t)(number >> 8), (uint8_t)number } };
}

static uint32_t mask_of(int64_t length)
{
	return length ? UINT32_MAX << (32 - length) : 0;
}

static int check_family(const struct ip *ip, const char *name, struct err *err)
{
	if (ip->family == 4)
		return 0;
	if (ip->family)
		return model_wrong(err, name, "ranges of IPv6 are not supported");
	return model_wrong(err, name, "is required where there is no cidr");
}

/* All of the subnet but its own address, its broadcast and its gateway, which is the first. */
static int complete_cidr(struct ip_range *range, struct err *err)
{
	struct range_given *given = &range->given;
	uint32_t network;

	if (given->start.family || given->end.family || given->netmask.family ||
	    given->gateway.family)
		return model_wrong(err, "cidr",
				   "stands alone, without start, end, netmask, "
				   "gateway");
	if (given->cidr.ip.family != 4)
		return model_wrong(err, "cidr", "ranges of IPv6 are not supported");
	if (given->cidr.length < 1 || given->cidr.length > 29)
		return model_wrong(err, "cidr", "/%d leaves no room for guests; /1 to /29 do",
				   given->cidr.length);
	range->prefix_length = given->cidr.length;
	network = ip_number(&given->cidr.ip) & mask_of(range->prefix_length);
	given->gateway = ip_of_number(network + 1);
	given->start = ip_of_number(network + 2);
	given->end = ip_of_number((network | ~mask_of(range->prefix_length)) - 1);
	given->netmask = ip_of_number(mask_of(range->prefix_length));
	range->total_addresses = ip_number(&given->end) - ip_number(&given->start) + 1;
	return 0;
}

static int check_mask(struct ip_range *range, struct err *err)
{
	uint32_t mask = ip_number(&range->given.netmask);

	range->prefix_length = mask ? 32 - __builtin_ctz(mask) : 0;
	if (mask && mask == mask_of(range->prefix_length) && range->prefix_length <= 30)
		return 0;
	return model_wrong(err, "netmask", "%s is no mask of a subnet with guests",
			   ip_text(&range->given.netmask).s);
}

/* One of the addresses, which has to be a guest's in the subnet. */
static int check_inside(const struct ip_range *range, const struct ip *ip, const char *name,
			struct err *err)
{
	uint32_t mask = mask_of(range->prefix_length), number = ip_number(ip);
	uint32_t network = ip_number(&range->given.gateway) & mask;
	struct ip subnet = ip_of_number(network);

	if ((number & mask) != network)
		return model_wrong(err, name, "%s is not in the gateway's subnet, %s/%d",
				   ip_text(ip).s, ip_text(&subnet).s, (int)range->prefix_length);
	if (number == network || number == (network | ~mask))
		return model_wrong(err, name, "%s is the subnet's own", ip_text(ip).s);
	return 0;
}

static int complete_slice(struct ip_range *range, struct err *err)
{
	const struct range_given *given = &range->given;
	uint32_t start, end, gateway;

	if (check_family(&given->start, "start", err) < 0 ||
	    check_family(&given->end, "end", err) < 0 ||
	    check_family(&given->netmask, "netmask", err) < 0 ||
	    check_family(&given->gateway, "gateway", err) < 0 || check_mask(range, err) < 0 ||
	    check_inside(range, &given->gateway, "gateway", err) < 0 ||
	    check_inside(range, &given->start, "start", err) < 0 ||
	    check_inside(range, &given->end, "end", err) < 0)
		return err->code;
	start = ip_number(&given->start);
	end = ip_number(&given->end);
	gateway = ip_number(&given->gateway);
	if (end < start)
		return model_wrong(err, "end", "%s is before %s", ip_text(&given->end).s,
				   ip_text(&given->start).s);
	range->total_addresses = (int64_t)end - start + 1;
	if (gateway >= start && gateway <= end)
		range->total_addresses--;
	return 0;
}

/* Not 0.0.0.0/8, 127.0.0.0/8, nor multicast and above: no interface has such addresses. */
static int check_usable(const struct ip_range *range, struct err *err)
{
	const struct range_given *given = &range->given;
	const struct ip *addresses[] = { &given->gateway, &given->start, &given->end };
	static const char *const names[] = { "gateway", "start", "end" };
	bool cidr = given->cidr.ip.family;

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		uint8_t first = addresses[i]->bytes[0];

		if (first == 0 || first == 127 || first >= 224)
			return model_wrong(err, cidr ? "cidr" : names[i],
					   "%s is no address of an interface",
					   ip_text(addresses[i]).s);
	}
	if (given->start.bytes[0] < 127 && given->end.bytes[0] > 127)
		return model_wrong(err, cidr ? "cidr" : "end", "127.0.0.0/8 is among them");
	return 0;
}

static int complete(const struct model_change *change, struct err *err)
{
	struct ip_range *range = change->is;
	int ret = range->given.cidr.ip.family ? complete_cidr(range, err)
					      : complete_slice(range, err);

	return ret == 0 ? check_usable(range, err) : ret;
}

static int check_beside(const struct ip_range *is, const struct ip_range *other, struct err *err)
{
	const struct range_given *a = &is->given, *b = &other->given;

	if (!ip_equal(&a->gateway, &b->gateway) || is->prefix_length != other->prefix_length)
		return model_refuse(err, "the network's gateway is %s/%d", ip_text(&b->gateway).s,
				    (int)other->prefix_length);
	if (ip_compare(&a->start, &b->end) <= 0 && ip_compare(&b->start, &a->end) <= 0)
		return model_refuse(err, "overlaps %s, %s-%s", model_text(&ip_range_type, other).s,
				    ip_text(&b->start).s, ip_text(&b->end).s);
	return 0;
}

static int one_subnet(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ip_range *is = change->is;
	int ret =
		model_find(change->model, &ip_range_type, &rows, err, "l3_network", is->l3_network);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct ip_range *other = db_row(&rows, i);

		if (strcmp(other->resource.uuid, is->resource.uuid) != 0)
			ret = check_beside(is, other, err);
	}
	return ret;
}

static struct prefix subnet_of(const struct ip_range *range)
{
	return (struct prefix){ range->given.gateway, (uint8_t)range->prefix_length };
}

int networks_overlap(struct model *model, const char *a, const char *b, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows ours = DB_ROWS_NONE, theirs = DB_ROWS_NONE;

	if (model_find(model, &ip_range_type, &ours, err, "l3_network", a) < 0 ||
	    model_find(model, &ip_range_type, &theirs, err, "l3_network", b) < 0)
		return err->code;
	/* All ranges of a network are in one subnet. */
	for (size_t i = 0; i < ours.n && i < 1; i++)
		for (size_t j = 0; j < theirs.n && j < 1; j++) {
			struct prefix one = subnet_of(db_row(&ours, i));
			struct prefix other = subnet_of(db_row(&theirs, j));

			if (prefix_overlaps(&one, &other))
				return 1;
		}
	return 0;
}

int network_apart_of(struct model *model, const struct model_type *type, const char *router,
		     const char *network, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &router_nic_type, &rows, err, type->table.name, router);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const char *other = ((struct router_nic *)db_row(&rows, i))->l3_network;
		struct l3_network l3 = { 0 };

		if (strcmp(other, network) == 0)
			continue;
		ret = networks_overlap(model, other, network, err);
		if (ret <= 0)
			continue;
		ret = model_load(model, &l3_network_type, other, &l3, err);
		if (ret == 0)
			ret = model_refuse(err, "%s on the same router overlaps",
					   model_text(&l3_network_type, &l3).s);
		model_clear(&l3_network_type, &l3);
	}
	return ret;
}

int network_apart_on_router(struct model *model, const struct l3_network *network, struct err *err)
{
	return network->vpc_router ? network_apart_of(model, &vpc_router_type, network->vpc_router,
						      network->resource.uuid, err)
				   : 0;
}

/* Looked at when it is written: the network's subnet is known then. */
static int check_router(const struct model_change *change, const char *uuid, struct err *err)
{
	struct l3_network network = { 0 };
	struct resource *range = change->is;
	int ret = model_load(change->model, &l3_network_type, uuid, &network, err);

	if (ret == 0)
		ret = network_apart_on_router(change->model, &network, err);
	model_clear(&l3_network_type, &network);
	return ret == -EPERM ? model_rule_failed(change->model, &ip_range_type, range->uuid,
						 "apart_on_router", err)
			     : ret;
}

static int addresses_unused(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ip_range *was = change->was;
	const struct used_address *use;

	if (model_find(change->model, &used_address_type, &rows, err, "ip_range",
		       was->resource.uuid) < 0)
		return err->code;
	if (!rows.n)
		return 0;
	use = db_row(&rows, 0);
	return model_refuse(err, "%zu of its addresses are used, %s among them", rows.n,
			    ip_text(&use->address).s);
}

/* A router has its gateway's address from it, which nobody else counts as used. */
static int routers_have_one(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows ranges = DB_ROWS_NONE, nics = DB_ROWS_NONE;
	const struct ip_range *was = change->was;

	if (model_find(change->model, &ip_range_type, &ranges, err, "l3_network", was->l3_network) <
		    0 ||
	    model_find(change->model, &router_nic_type, &nics, err, "l3_network", was->l3_network) <
		    0)
		return err->code;
	if (!nics.n || ranges.n > 1)
		return 0;
	return model_refuse(err, "it is the last one of a network that a router is on");
}

static const struct model_rule ip_range_rules[] = {
	{ "one_subnet",
	  "The ranges of a network have one gateway and one subnet, and do not overlap.",
	  MODEL_CREATE, one_subnet },
	{ "addresses_unused", "It is not deleted while one of its addresses is used.", MODEL_DELETE,
	  addresses_unused },
	{ "routers_have_one", "A network that a router is on has a range.", MODEL_DELETE,
	  routers_have_one },
	{ 0 },
};

static int written(const struct model_change *change, struct err *err)
{
	const struct ip_range *is = change->is, *was = change->was;
	int ret = is && !was ? check_router(change, is->l3_network, err) : 0;
	int64_t total = (is ? is->total_addresses : 0) - (was ? was->total_addresses : 0);

	if (ret < 0)
		return ret;
	return total ? l3_count(change->model, is ? is->l3_network : was->l3_network, total, 0, err)
		     : 0;
}

const struct model_type ip_range_type = {
	.table = { "ip_range", ip_range_fields, sizeof(struct ip_range), NULL,
		   .part_of = "l3_network" },
	.doc = "Addresses of an L3 network.",
	.rules = ip_range_rules,
	.complete = complete,
	.written = written,
};
