/* SPDX-License-Identifier: GPL-2.0-or-later */
/* used_address: that an address of an L3 network is taken, and by whom. The table has it once: two
 * callers never get the same. */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"

static const char *const uses[] = { "vip", "nic", "router", "dhcp", NULL };

#define AT(member) offsetof(struct used_address, member)

static const struct field used_address_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .required = true, .target = "l3_network",
	  .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	{ "ip_range", FIELD_REFERENCE, AT(ip_range), .required = true, .target = "ip_range",
	  .at_end = FIELD_FOLLOWS, .doc = "In which range." },
	{ "address", FIELD_IP, AT(address), .required = true, .indexed = true, .doc = "Which." },
	{ "used_for", FIELD_CHOICE, AT(used_for), .choices = uses, .required = true,
	  .doc = "What has it." },
	{ "vip", FIELD_REFERENCE, AT(vip), .target = "vip", .at_end = FIELD_FOLLOWS,
	  .doc = "Where that is a VIP: which." },
	{ "nic", FIELD_REFERENCE, AT(nic), .target = "nic", .at_end = FIELD_FOLLOWS,
	  .doc = "Where that is a NIC: which." },
	{ "router_nic", FIELD_REFERENCE, AT(router_nic), .target = "router_nic",
	  .at_end = FIELD_FOLLOWS, .doc = "Where that is a router's NIC: which." },
	{ 0 },
};

static int written(const struct model_change *change, struct err *err)
{
	const struct used_address *is = change->is, *was = change->was;

	if (is && was)
		return 0;
	return l3_count(change->model, is ? is->l3_network : was->l3_network, 0, is ? 1 : -1, err);
}

static const char *const used_address_uniques[] = { "l3_network,address", NULL };

const struct model_type used_address_type = {
	.table = { "used_address", used_address_fields, sizeof(struct used_address),
		   used_address_uniques, .part_of = "vip,nic,router_nic" },
	.doc = "An address that is in use.",
	.internal = true,
	.written = written,
};

/* ---- taking one ---- */

static bool range_has(const struct ip_range *range, uint32_t address)
{
	return address >= ip_number(&range->given.start) &&
	       address <= ip_number(&range->given.end) &&
	       address != ip_number(&range->given.gateway);
}

static const struct ip_range *range_of(const struct db_rows *ranges, uint32_t address)
{
	for (size_t i = 0; i < ranges->n; i++)
		if (range_has(db_row(ranges, i), address))
			return db_row(ranges, i);
	return NULL;
}

static uint64_t range_size(const struct ip_range *range)
{
	return (uint64_t)ip_number(&range->given.end) - ip_number(&range->given.start) + 1;
}

/* The n-th address of all ranges, from 0, gateways among them. */
static uint32_t nth_address(const struct db_rows *ranges, uint64_t n)
{
	for (size_t i = 0; i < ranges->n; i++) {
		const struct ip_range *range = db_row(ranges, i);

		if (n < range_size(range))
			return ip_number(&range->given.start) + (uint32_t)n;
		n -= range_size(range);
	}
	return 0;
}

/* 1: somebody has it, 0: nobody. */
static int is_used(struct model *model, const char *network, const struct ip *address,
		   struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &used_address_type, &rows, err, "l3_network", network,
			     "address", ip_text(address).s);

	return ret < 0 ? ret : rows.n > 0;
}

/* The first free one from a random one on. */
static int draw(struct model *model, const char *network, const struct db_rows *ranges,
		struct ip *address, struct err *err)
{
	uint64_t random, n = 0;

	if (RAND_bytes((uint8_t *)&random, sizeof(random)) != 1)
		return err_set(err, -EIO, "there is no randomness");
	for (size_t i = 0; i < ranges->n; i++)
		n += range_size(db_row(ranges, i));
	for (uint64_t i = 0; i < n; i++) {
		uint32_t number = nth_address(ranges, (random % n + i) % n);
		struct ip candidate = ip_of_number(number);
		int used = range_of(ranges, number) ? is_used(model, network, &candidate, err) : 1;

		if (used < 0)
			return used;
		if (used)
			continue;
		*address = candidate;
		return 0;
	}
	return -ENOSPC;
}

static int check_requested(struct model *model, const char *network, const struct db_rows *ranges,
			   const struct ip *address, const char *field, struct err *err)
{
	int used;

	if (address->family != 4 || !range_of(ranges, ip_number(address)))
		return model_wrong(err, field, "%s is in no range of the network",
				   ip_text(address).s);
	used = is_used(model, network, address, err);
	if (used > 0)
		return model_wrong(err, field, "%s is in use", ip_text(address).s);
	return used;
}

int address_take(struct model *model, const char *network, struct ip *address, const char *field,
		 struct err *err)
{
	AUTO(db_rows_clear) struct db_rows ranges = DB_ROWS_NONE;
	int ret = model_find(model, &ip_range_type, &ranges, err, "l3_network", network);

	if (ret < 0)
		return ret;
	if (address->family)
		return check_requested(model, network, &ranges, address, field, err);
	ret = draw(model, network, &ranges, address, err);
	if (ret == -ENOSPC)
		return model_wrong(err, field, "the network has no free address");
	return ret;
}

int address_use(struct model *model, struct used_address *use, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows ranges = DB_ROWS_NONE;
	const struct ip_range *range;
	int ret = model_find(model, &ip_range_type, &ranges, err, "l3_network", use->l3_network);

	if (ret < 0)
		return ret;
	range = range_of(&ranges, ip_number(&use->address));
	if (!range)
		return model_refuse(err, "%s is in no range", ip_text(&use->address).s);
	use->ip_range = range->resource.uuid;
	ret = model_add(model, &used_address_type, use, err);
	use->ip_range = NULL;
	free(use->resource.uuid);
	use->resource.uuid = NULL;
	return ret;
}
