/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nic: a guest's NIC on an L3 network. The first one on a network brings what serves it: the DHCP
 * server's address, of a vrouter network the router. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/parts.h"
#include "lib/base/name.h"

#define AT(member) offsetof(struct nic, member)

static const struct field nic_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "vm", FIELD_REFERENCE, AT(vm), .required = true, .target = "vm", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .required = true, .target = "l3_network",
	  .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Where it is." },
	{ "address", FIELD_IP, AT(address), .immutable = true, .indexed = true,
	  .doc = "A free one of the network when it is not given." },
	{ "mac", FIELD_MAC, AT(mac), .immutable = true, .unique = true,
	  .doc = "A new one when it is not given." },
	{ "hostname", FIELD_TEXT, AT(hostname), .nullable = true, .max = 63,
	  .doc = "What DHCP calls the guest; its address with dashes when it is not given." },
	{ "default", FIELD_BOOL, AT(is_default), .computed = true,
	  .doc = "Whether the guest's way out is here; see make_default." },
	{ "device_id", FIELD_NUMBER, AT(device_id), .max = 1000, .computed = true,
	  .doc = "Its number within the guest." },
	HEALTH_FIELDS(struct nic),
	{ 0 },
};

static const char *const nic_uniques[] = { "vm,device_id", NULL };

/* Its number, and whether it is the first one. */
static int complete_device(const struct model_change *change, struct nic *nic, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(change->model, &nic_type, &rows, err, "vm", nic->vm) < 0)
		return err->code;
	nic->is_default = rows.n == 0;
	for (size_t i = 0; i < rows.n; i++) {
		const struct nic *other = db_row(&rows, i);

		if (other->device_id >= nic->device_id)
			nic->device_id = other->device_id + 1;
	}
	return 0;
}

static int complete(const struct model_change *change, struct err *err)
{
	static const struct mac none;
	struct l3_network network = { 0 };
	struct nic *nic = change->is;
	int category, ret;

	ret = model_load(change->model, &l3_network_type, nic->l3_network, &network, err);
	if (ret == -ENOENT)
		return model_wrong(err, "l3_network", "there is no l3_network %s", nic->l3_network);
	if (ret < 0)
		return ret;
	category = network.category;
	model_clear(&l3_network_type, &network);
	if (category == L3_SYSTEM)
		return model_wrong(err, "l3_network", "guests are not on system networks");
	ret = complete_device(change, nic, err);
	if (ret == 0)
		ret = address_take(change->model, nic->l3_network, &nic->address, "address", err);
	if (ret == 0 && mac_equal(&nic->mac, &none))
		ret = mac_take(change->model, nic->device_id, &nic->mac, err);
	return ret;
}

/* "vrouter.l3.<network>.<6 hex digits>". */
static int make_router(struct model *model, const struct l3_network *network, struct err *err)
{
	struct router router = { 0 };
	int ret;

	if (!network->router_offering)
		return model_refuse(err, "%s has no router offering",
				    model_text(&l3_network_type, network).s);
	router.resource.uuid = model_uuid();
	router.resource.name =
		mem_format("vrouter.l3.%.200s.%.6s", network->resource.name, router.resource.uuid);
	for (char *at = router.resource.name; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	/* It serves whoever is on the network. */
	router.resource.owner = mem_text(network->resource.owner);
	router.l3_network = mem_text(network->resource.uuid);
	router.offering = mem_text(network->router_offering);
	ret = model_add(model, &router_type, &router, err);
	model_clear(&router_type, &router);
	return ret;
}

static int bring_router(struct model *model, const struct l3_network *network, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (network->architecture != L3_VROUTER)
		return 0;
	if (model_find(model, &router_type, &rows, err, "l3_network", network->resource.uuid) < 0)
		return err->code;
	return rows.n ? 0 : make_router(model, network, err);
}

/* A free one that no other network on the L2 network has for its own, whose addresses may be the
 * same: a host has both. */
static int take_dhcp_address(struct model *model, struct l3_network *network, struct err *err)
{
	enum { TRIES = 64 };

	for (int i = 0; i < TRIES; i++) {
		AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
		struct ip address = { 0 };

		if (address_take(model, network->resource.uuid, &address, "l3_network", err) < 0 ||
		    model_find(model, &l3_network_type, &rows, err, "l2_network",
			       network->l2_network, "dhcp_address", ip_text(&address).s) < 0)
			return err->code;
		network->dhcp_address = address;
		if (!rows.n)
			return 0;
	}
	return model_wrong(err, "l3_network",
			   "all its free addresses are DHCP servers of other networks on its L2 "
			   "network");
}

/* One address for all hosts' DHCP servers. */
static int bring_dhcp(struct model *model, struct l3_network *network, struct err *err)
{
	struct used_address use = { .used_for = ADDRESS_OF_DHCP };
	int ret;

	if (!network->dhcp || network->dhcp_address.family)
		return 0;
	ret = take_dhcp_address(model, network, err);
	if (ret == 0)
		ret = model_change(model, &l3_network_type, network, err);
	use.l3_network = network->resource.uuid;
	use.address = network->dhcp_address;
	return ret == 0 ? address_use(model, &use, err) : ret;
}

static int written(const struct model_change *change, struct err *err)
{
	struct used_address use = { .used_for = ADDRESS_OF_NIC };
	const struct nic *nic = change->is;
	struct l3_network network = { 0 };
	int ret;

	if (change->was)
		return 0;
	use.l3_network = nic->l3_network;
	use.address = nic->address;
	use.nic = nic->resource.uuid;
	ret = address_use(change->model, &use, err);
	if (ret == 0)
		ret = model_load(change->model, &l3_network_type, nic->l3_network, &network, err);
	if (ret == 0)
		ret = bring_dhcp(change->model, &network, err);
	if (ret == 0)
		ret = bring_router(change->model, &network, err);
	model_clear(&l3_network_type, &network);
	return ret;
}

static int check_hostname(const struct model_change *change, struct err *err)
{
	const struct nic *nic = change->is;

	return !nic->hostname || name_is_host(nic->hostname)
		       ? 0
		       : model_wrong(err, "hostname", "\"%s\" is no host's name", nic->hostname);
}

static const struct model_rule nic_rules[] = {
	{ "hostname", "Its host name is one label of a domain name.", MODEL_WRITE, check_hostname },
	{ 0 },
};

static int make_default(const struct model_change *change, const void *parameters, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct nic *nic = change->is;
	int ret = model_find(change->model, &nic_type, &rows, err, "vm", nic->vm);

	(void)parameters;
	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		struct nic *other = db_row(&rows, i);

		if (!other->is_default || strcmp(other->resource.uuid, nic->resource.uuid) == 0)
			continue;
		other->is_default = false;
		ret = model_change(change->model, &nic_type, other, err);
	}
	nic->is_default = true;
	return ret;
}

const struct field given_nic_fields[] = {
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .required = true, .target = "l3_network",
	  .doc = "Where it is." },
	{ "address", FIELD_IP, AT(address), .doc = "A free one when it is not given." },
	{ "mac", FIELD_MAC, AT(mac), .doc = "A new one when it is not given." },
	{ "hostname", FIELD_TEXT, AT(hostname), .max = 63, .doc = "What DHCP calls the guest." },
	{ "default", FIELD_BOOL, AT(is_default), .doc = "Whether the guest's way out is here." },
	{ 0 },
};

int nic_add_given(struct model *model, const char *vm, const struct nic *given, struct err *err)
{
	struct nic nic = *given, added = { 0 };
	struct model_change change = { model, &nic_type, NULL, &added };
	int ret;

	nic.vm = (char *)(uintptr_t)vm;
	nic.resource.uuid = model_uuid();
	ret = model_add(model, &nic_type, &nic, err);
	if (ret == 0 && given->is_default) {
		ret = model_load(model, &nic_type, nic.resource.uuid, &added, err);
		if (ret == 0)
			ret = make_default(&change, NULL, err);
		if (ret == 0)
			ret = model_change(model, &nic_type, &added, err);
		model_clear(&nic_type, &added);
	}
	free(nic.resource.uuid);
	return ret;
}

static const struct model_action nic_actions[] = {
	{ "make_default", "The guest's way out is here from now on, and nowhere else.", NULL, 0,
	  make_default },
	{ 0 },
};

const struct model_type nic_type = {
	.table = { "nic", nic_fields, sizeof(struct nic), nic_uniques, .part_of = "vm" },
	.counted = true,
	.doc = "A guest's NIC.",
	.rules = nic_rules,
	.actions = nic_actions,
	.complete = complete,
	.written = written,
};
