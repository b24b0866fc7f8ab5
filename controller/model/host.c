/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host: a machine that runs guests. Which links it has is told here; L2 networks and VXLAN pools of
 * its cluster are held against that, from both sides. */
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/parts.h"
#include "lib/base/name.h"

#define AT(member) offsetof(struct host, member)

static const struct field address_element = { .type = FIELD_PREFIX };

static const struct field device_fields[] = {
	{ "name", FIELD_TEXT, offsetof(struct host_device, name), .required = true, .min = 1,
	  .max = 15, .doc = "The link's name on the host." },
	{ "addresses", FIELD_LIST, offsetof(struct host_device, addresses),
	  .element = &address_element, .doc = "With their lengths." },
	{ 0 },
};

static const struct field host_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "cluster", FIELD_REFERENCE, AT(cluster), .required = true, .target = "cluster",
	  .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Whose host it is." },
	{ "address", FIELD_IP, AT(address), .required = true, .unique = true,
	  .doc = "On the management network." },
	{ "devices", FIELD_LIST, AT(devices), .fields = device_fields,
	  .size = sizeof(struct host_device), .doc = "The links that it has." },
	STATE_FIELD(struct host),
	CONNECTION_FIELD(struct host),
	{ 0 },
};

static bool has_device(const struct host *host, const char *name)
{
	const struct host_device *devices = host->devices.items;

	for (size_t i = 0; i < host->devices.n; i++)
		if (strcmp(devices[i].name, name) == 0)
			return true;
	return false;
}

static bool has_address(const struct host *host, const struct prefix *cidr)
{
	const struct host_device *devices = host->devices.items;

	for (size_t i = 0; i < host->devices.n; i++) {
		const struct prefix *addresses = devices[i].addresses.items;

		for (size_t j = 0; j < devices[i].addresses.n; j++)
			if (prefix_contains(cidr, &addresses[j].ip))
				return true;
	}
	return false;
}

static int check_device(const struct host *host, const char *device, struct err *err)
{
	return has_device(host, device) ? 0
					: model_refuse(err, "%s has no device %s",
						       model_text(&host_type, host).s, device);
}

static int check_address(const struct host *host, const struct prefix *cidr, struct err *err)
{
	return has_address(host, cidr)
		       ? 0
		       : model_refuse(err, "%s has no address in %s",
				      model_text(&host_type, host).s, prefix_text(cidr).s);
}

int hosts_have_device(struct model *model, const char *cluster, const char *device, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &host_type, &rows, err, "cluster", cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = check_device(db_row(&rows, i), device, err);
	return ret;
}

int hosts_have_address(struct model *model, const char *cluster, const struct prefix *cidr,
		       struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &host_type, &rows, err, "cluster", cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = check_address(db_row(&rows, i), cidr, err);
	return ret;
}

static int has_devices_of_networks(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct host *host = change->is;
	int ret =
		model_find(change->model, &l2_network_type, &rows, err, "clusters", host->cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct l2_network *network = db_row(&rows, i);

		ret = check_device(host, network->device, err);
		if (ret < 0)
			err_in(err, "%s", model_text(&l2_network_type, network).s);
	}
	return ret;
}

static int has_vteps(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct host *host = change->is;
	int ret = model_find(change->model, &vxlan_pool_cluster_type, &rows, err, "cluster",
			     host->cluster);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct vxlan_pool_cluster *attached = db_row(&rows, i);

		ret = check_address(host, &attached->vtep_cidr, err);
		if (ret < 0)
			err_in(err, "vxlan_pool %s", attached->vxlan_pool);
	}
	return ret;
}

static int check_names(const struct model_change *change, struct err *err)
{
	const struct host *host = change->is;
	const struct host_device *devices = host->devices.items;

	for (size_t i = 0; i < host->devices.n; i++) {
		if (name_is_link(devices[i].name))
			continue;
		model_wrong(err, "name", "\"%s\" cannot be the name of a link", devices[i].name);
		return err_at(err, "devices[%zu]", i);
	}
	return 0;
}

static const struct model_rule host_rules[] = {
	{ "device_names", "Its devices have names that links can have.", MODEL_WRITE, check_names },
	{ "device_on_hosts", "It has the device of each L2 network of its cluster.", MODEL_WRITE,
	  has_devices_of_networks },
	{ "vtep_on_hosts", "It has an address in the VTEP CIDR of each VXLAN pool of its cluster.",
	  MODEL_WRITE, has_vteps },
	{ 0 },
};

static const struct model_action host_actions[] = {
	STATE_ENABLE,
	{ "disable", "No new guest is put there.", NULL, 0, state_disable },
	{ 0 },
};

const struct model_type host_type = {
	.table = { "host", host_fields, sizeof(struct host), NULL, .owner = "owner" },
	.by_admin = true,
	.doc = "A machine that runs guests.",
	.rules = host_rules,
	.actions = host_actions,
};
