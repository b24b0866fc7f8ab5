/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's guests: ports, VMs, the security groups that they are in, elastic IPs of flat networks.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

struct guests {
	struct model *model;
	json_t *document;
	json_t *used;   /* L3 networks. */
	json_t *groups; /* Seen already. */
};

static json_t *rule_json(const struct security_group_rule *rule)
{
	static const char *const names[] = { "uuid",           "direction",
					     "protocol",       "peer_group=source_group",
					     "peer_cidr=cidr", NULL };
	json_t *json = part_of(&security_group_rule_type, rule, false, names);
	struct port_range ports = { (uint16_t)rule->start_port, (uint16_t)rule->end_port };

	if (rule->protocol == RULE_TCP || rule->protocol == RULE_UDP)
		json_object_set_new(json, "ports", json_string(port_range_text(&ports).s));
	return json;
}

/* The addresses of its members, wherever they are. */
static int add_members(const struct guests *to, const char *group, json_t *json, struct err *err)
{
	struct security_group record = { 0 };
	json_t *members = json_array();
	char **nics;
	int ret = model_load(to->model, &security_group_type, group, &record, err);

	json_object_set_new(json, "members", members);
	nics = record.nics.items;
	for (size_t i = 0; ret == 0 && i < record.nics.n; i++) {
		AUTO(free_ptr) char *address = NULL;

		ret = part_nic_address(to->model, nics[i], &address, err);
		if (ret == 0)
			json_array_append_new(members, json_string(address));
	}
	model_clear(&security_group_type, &record);
	return ret;
}

/* The group, and those that its rules name: their members have to be known as well. */
static int add_group(const struct guests *to, const char *group, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *json, *rules;
	int ret;

	if (part_seen(to->groups, group))
		return 0;
	json = json_pack("{s:s}", "uuid", group);
	rules = json_array();
	json_object_set_new(json, "rules", rules);
	json_array_append_new(part_section(to->document, "security_groups"), json);
	ret = add_members(to, group, json, err);
	if (ret == 0)
		ret = model_find(to->model, &security_group_rule_type, &rows, err, "security_group",
				 group);
	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct security_group_rule *rule = db_row(&rows, i);

		json_array_append_new(rules, rule_json(rule));
		if (rule->source_group)
			ret = add_group(to, rule->source_group, err);
	}
	return ret;
}

static int add_groups(const struct guests *to, const char *nic, json_t *port, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &security_group_type, &rows, err, "nics", nic);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const char *group = ((struct resource *)db_row(&rows, i))->uuid;

		json_array_append_new(part_section(port, "security_groups"), json_string(group));
		ret = add_group(to, group, err);
	}
	return ret;
}

/* Those that no router does. */
static int add_eip(const struct guests *to, const struct eip *eip, const struct nic *nic,
		   struct err *err)
{
	struct l3_network network = { 0 };
	struct vip vip = { 0 };
	bool flat;
	json_t *qos;
	int ret = model_load(to->model, &l3_network_type, nic->l3_network, &network, err);

	flat = ret == 0 && network.architecture == L3_FLAT;
	model_clear(&l3_network_type, &network);
	if (!flat)
		return ret;
	if (part_qos(to->model, eip->on.vip, false, &qos, err) < 0)
		return err->code;
	ret = model_load(to->model, &vip_type, eip->on.vip, &vip, err);
	if (ret == 0) {
		part_seen(to->used, vip.network);
		json_array_append_new(part_section(to->document, "eips"),
				      json_pack("{s:s, s:s, s:s, s:s, s:s, s:O}", "uuid",
						eip->resource.uuid, "address",
						ip_text(&vip.address).s, "l3", vip.network, "port",
						eip->nic, "target", ip_text(&nic->address).s, "qos",
						qos));
	}
	json_decref(qos);
	model_clear(&vip_type, &vip);
	return ret;
}

static int add_eips(const struct guests *to, const struct nic *nic, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &eip_type, &rows, err, "nic", nic->resource.uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_eip(to, db_row(&rows, i), nic, err);
	return ret;
}

static int network_l2(const struct guests *to, const char *network, json_t *port, struct err *err)
{
	struct l3_network record = { 0 };
	int ret = model_load(to->model, &l3_network_type, network, &record, err);

	if (ret == 0)
		json_object_set_new(port, "l2", json_string(record.l2_network));
	model_clear(&l3_network_type, &record);
	return ret;
}

static int add_port(const struct guests *to, const struct vm *vm, const struct nic *nic,
		    struct err *err)
{
	static const char *const names[] = { "uuid", "mac", "vm", "hostname", "default", NULL };
	json_t *port = part_of(&nic_type, nic, false, names);
	AUTO(free_ptr)
	char *device =
		mem_format("vnic%lld.%lld", (long long)vm->number, (long long)nic->device_id);

	json_array_append_new(part_section(to->document, "ports"), port);
	json_object_set_new(port, "device", json_string(device));
	json_object_set_new(port, "anti_spoofing", json_true());
	json_object_set_new(port, "addresses",
			    json_pack("[{s:s, s:s}]", "l3", nic->l3_network, "address",
				      ip_text(&nic->address).s));
	part_seen(to->used, nic->l3_network);
	if (network_l2(to, nic->l3_network, port, err) < 0 ||
	    add_groups(to, nic->resource.uuid, port, err) < 0)
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

int guest_project(struct model *model, const char *host, json_t *used, json_t *document,
		  struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct guests to = { model, document, used, json_object() };
	int ret = model_find(model, &vm_type, &rows, err, "host", host);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_vm(&to, db_row(&rows, i), err);
	json_decref(to.groups);
	return ret;
}
