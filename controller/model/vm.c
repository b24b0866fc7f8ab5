/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm: a guest, as far as its networks are concerned. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"

#define AT(member) offsetof(struct vm, member)

static const struct field network_element = { .type = FIELD_REFERENCE, .target = "l3_network" };
static const struct field key_element = { .type = FIELD_TEXT, .min = 1, .max = 16384 };

static const struct field vm_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "cluster", FIELD_REFERENCE, AT(cluster), .required = true, .target = "cluster",
	  .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Where it may run." },
	{ "host", FIELD_REFERENCE, AT(host), .nullable = true, .target = "host",
	  .at_end = FIELD_CLEARS, .doc = "Where it runs." },
	{ "number", FIELD_NUMBER, AT(number), .min = 1, .max = 99999999, .computed = true,
	  .unique = true, .doc = "Its links on its host are vnicNUMBER.DEVICE." },
	{ "networks", FIELD_LIST, AT(networks), .element = &network_element, .transient = true,
	  .doc = "It gets a NIC on each; the first is the default one. See nic." },
	{ "nics", FIELD_LIST, AT(nics), .fields = given_nic_fields, .size = sizeof(struct nic),
	  .transient = true, .doc = "NICs of which more is said than their networks." },
	{ "count", FIELD_NUMBER, AT(count), .min = 1, .max = 100, .fallback = 1, .transient = true,
	  .doc = "So many alike are made, called NAME-1, NAME-2 and so on." },
	{ "user_data", FIELD_BASE64, AT(user_data), .max = 65536,
	  .doc = "What cloud-init is given." },
	{ "ssh_keys", FIELD_LIST, AT(ssh_keys), .element = &key_element, .doc = "Who may log in." },
	{ 0 },
};

static int host_in_cluster(const struct model_change *change, struct err *err)
{
	const struct vm *vm = change->is;
	struct host host = { 0 };
	int ret;

	if (!vm->host)
		return 0;
	ret = model_load(change->model, &host_type, vm->host, &host, err);
	if (ret == 0 && strcmp(host.cluster, vm->cluster) != 0)
		ret = model_refuse(err, "%s is in another cluster",
				   model_text(&host_type, &host).s);
	model_clear(&host_type, &host);
	return ret;
}

static const struct model_rule vm_rules[] = {
	{ "host_in_cluster", "Its host is one of its cluster.", MODEL_WRITE, host_in_cluster },
	{ 0 },
};

enum { NAME_MAX_BYTES = 255 };

/* The first of several. */
static int complete_name(struct vm *vm, struct err *err)
{
	char *name;

	if (vm->count <= 1)
		return 0;
	/* "-100" is the longest that is put behind it. */
	if (strlen(vm->resource.name) > NAME_MAX_BYTES - 4)
		return model_wrong(err, "name", "is too long to be numbered");
	name = mem_format("%s-1", vm->resource.name);
	free(vm->resource.name);
	vm->resource.name = name;
	return 0;
}

/* Several guests have neither an address nor a MAC together, nor a guest two ways out. */
static int check_nics(const struct vm *vm, struct err *err)
{
	static const struct mac none;
	const struct nic *nics = vm->nics.items;
	bool found = false;

	for (size_t i = 0; i < vm->nics.n; i++) {
		int ret = 0;

		if (vm->count > 1 && nics[i].address.family)
			ret = model_wrong(err, "address", "is for one guest");
		else if (vm->count > 1 && !mac_equal(&nics[i].mac, &none))
			ret = model_wrong(err, "mac", "is for one guest");
		else if (nics[i].is_default && found)
			ret = model_wrong(err, "default", "another is the way out");
		if (ret < 0)
			return err_at(err, "nics[%zu]", i);
		found |= nics[i].is_default;
	}
	return 0;
}

/* The number behind the largest; those of guests that are gone come back. */
static int complete(const struct model_change *change, struct err *err)
{
	static const struct db_sort order = { "number", true };
	struct db_query query = { .sort = &order, .n_sort = 1, .limit = 1 };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct vm *vm = change->is;

	if (complete_name(vm, err) < 0 || check_nics(vm, err) < 0)
		return err->code;
	if (db_query(model_db(change->model), &vm_type.table, &query, &rows, err) < 0)
		return err->code;
	vm->number = rows.n ? ((struct vm *)db_row(&rows, 0))->number + 1 : 1;
	return 0;
}

static int give(const struct model_change *change, const struct model_type *type, const char *uuid,
		const char *owner, struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(type->table.size);
	struct resource *resource = record;
	int ret = model_load(change->model, type, uuid, record, err);

	if (ret == 0) {
		free(resource->owner);
		resource->owner = mem_text(owner);
		ret = model_change(change->model, type, record, err);
	}
	model_clear(type, record);
	return ret;
}

/* Its elastic IPs, and the VIPs that they are, go with it to another owner. */
static int give_eips(const struct model_change *change, const struct vm *vm, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows eips = DB_ROWS_NONE;
	json_t *uuid = json_string(vm->resource.uuid);
	struct db_condition condition = { "nic.vm", "=", uuid };
	struct db_query query = { .conditions = &condition, .n_conditions = 1 };
	int ret = db_query(model_db(change->model), &eip_type.table, &query, &eips, err);

	json_decref(uuid);
	for (size_t i = 0; ret == 0 && i < eips.n; i++) {
		const struct eip *eip = db_row(&eips, i);

		ret = give(change, &eip_type, eip->resource.uuid, vm->resource.owner, err);
		if (ret == 0)
			ret = give(change, &vip_type, eip->on.vip, vm->resource.owner, err);
	}
	return ret;
}

static int add_nics(const struct model_change *change, const struct vm *vm, struct err *err)
{
	const struct nic *given = vm->nics.items;
	char **networks = vm->networks.items;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < vm->networks.n; i++) {
		struct nic nic = { 0 };

		nic.l3_network = networks[i];
		ret = nic_add_given(change->model, vm->resource.uuid, &nic, err);
		if (ret < 0)
			err_at(err, "networks[%zu]", i);
	}
	for (size_t i = 0; ret == 0 && i < vm->nics.n; i++) {
		ret = nic_add_given(change->model, vm->resource.uuid, &given[i], err);
		if (ret < 0)
			err_at(err, "nics[%zu]", i);
	}
	return ret;
}

/* Those behind the first of several. */
static int add_others(const struct model_change *change, const struct vm *first, struct err *err)
{
	size_t length = strlen(first->resource.name) - strlen("-1");
	int ret = 0;

	for (int64_t n = 2; ret == 0 && n <= first->count; n++) {
		AUTO(free_ptr)
		char *name =
			mem_format("%.*s-%lld", (int)length, first->resource.name, (long long)n);
		struct vm vm = *first;

		vm.resource = (struct resource){ .name = name };
		vm.resource.description = first->resource.description;
		vm.resource.owner = first->resource.owner;
		vm.count = 1;
		ret = model_add(change->model, &vm_type, &vm, err);
		free(vm.resource.uuid);
	}
	return ret;
}

static int written(const struct model_change *change, struct err *err)
{
	const struct vm *vm = change->is, *was = change->was;

	if (vm && was && strcmp(vm->resource.owner, was->resource.owner) != 0)
		return give_eips(change, vm, err);
	if (was || !vm)
		return 0;
	if (add_nics(change, vm, err) < 0)
		return err->code;
	return vm->count > 1 ? add_others(change, vm, err) : 0;
}

const struct model_type vm_type = {
	.table = { "vm", vm_fields, sizeof(struct vm), NULL, .owner = "owner" },
	.doc = "A guest.",
	.rules = vm_rules,
	.complete = complete,
	.written = written,
};
