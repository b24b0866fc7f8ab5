/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's guests: ports, VMs, elastic IPs of flat networks. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

struct guests {
	struct model *model;
	struct shared *shared;
	json_t *reached; /* Names of L2 networks; borrowed. */
	json_t *document;
};

/* Whether the network's L2 network is on the host. 'facts' are the network's. */
static int reaches(const struct guests *to, const char *network, json_t **facts, struct err *err)
{
	if (shared_network(to->shared, network, facts, err) < 0)
		return err->code;
	return json_object_get(to->reached, json_string_value(json_object_get(*facts, "l2"))) !=
	       NULL;
}

static int add_groups(const struct guests *to, const char *nic, json_t *port, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &security_group_type, &rows, err, "nics", nic);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		json_array_append_new(part_section(port, "security_groups"),
				      json_string(((struct resource *)db_row(&rows, i))->uuid));
	return ret;
}

/* Those that no router does. */
static int add_eip(const struct guests *to, const struct eip *eip, const struct nic *nic,
		   struct err *err)
{
	struct vip vip = { 0 };
	json_t *qos, *facts;
	int ret = shared_network(to->shared, nic->l3_network, &facts, err);

	if (ret < 0 || !json_is_true(json_object_get(facts, "flat")))
		return ret;
	if (part_qos(to->model, eip->on.vip, false, &qos, err) < 0)
		return err->code;
	ret = model_load(to->model, &vip_type, eip->on.vip, &vip, err);
	if (ret == 0)
		ret = reaches(to, vip.network, &facts, err);
	if (ret > 0) {
		json_array_append_new(part_section(to->document, "eips"),
				      json_pack("{s:s, s:s, s:s, s:s, s:s, s:O}", "uuid",
						eip->resource.uuid, "address",
						ip_text(&vip.address).s, "l3", vip.network, "port",
						eip->nic, "target", ip_text(&nic->address).s, "qos",
						qos));
	}
	json_decref(qos);
	model_clear(&vip_type, &vip);
	return ret < 0 ? ret : 0;
}

static int add_eips(const struct guests *to, const struct nic *nic, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &eip_type, &rows, err, "nic", nic->resource.uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_eip(to, db_row(&rows, i), nic, err);
	return ret;
}

static int add_port(const struct guests *to, const struct vm *vm, const struct nic *nic,
		    struct err *err)
{
	static const char *const names[] = { "uuid", "mac", "vm", "hostname", "default", NULL };
	AUTO(free_ptr)
	char *device =
		mem_format("vnic%lld.%lld", (long long)vm->number, (long long)nic->device_id);
	json_t *port, *facts;
	int ret = reaches(to, nic->l3_network, &facts, err);

	if (ret <= 0)
		return ret;
	port = part_of(&nic_type, nic, false, names);
	json_array_append_new(part_section(to->document, "ports"), port);
	json_object_set_new(port, "device", json_string(device));
	json_object_set_new(port, "anti_spoofing", json_true());
	json_object_set_new(port, "addresses",
			    json_pack("[{s:s, s:s}]", "l3", nic->l3_network, "address",
				      ip_text(&nic->address).s));
	json_object_set(port, "l2", json_object_get(facts, "l2"));
	if (add_groups(to, nic->resource.uuid, port, err) < 0)
		return err->code;
	return add_eips(to, nic, err);
}

static int add_vm(const struct guests *to, const struct vm *vm, struct err *err)
{
	static const char *const names[] = { "uuid", "name", "user_data_b64=user_data", "ssh_keys",
					     NULL };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &nic_type, &rows, err, "vm", vm->resource.uuid);

	json_array_append_new(part_section(to->document, "vms"),
			      part_of(&vm_type, vm, false, names));
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_port(to, vm, db_row(&rows, i), err);
	return ret;
}

int guest_project(struct shared *shared, const struct host *host, json_t *document, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct guests to = { shared->model, shared, NULL, document };
	int ret = l2_reached(shared, host->cluster, &to.reached, err);

	if (ret == 0)
		ret = model_find(shared->model, &vm_type, &rows, err, "host", host->resource.uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_vm(&to, db_row(&rows, i), err);
	return ret;
}
