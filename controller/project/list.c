/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists that are the same for all hosts, and grow with the cloud. Each object is one entry: the
 * VTEP of a host, a guest of a VXLAN, a member of a group. */
#include <string.h>

#include "controller/project/part.h"

const char *project_list_section(enum list_kind kind)
{
	static const char *const names[N_LISTS] = { "vteps", "l2_remotes",
						    "security_group_members" };

	return names[kind];
}

/* The L2 networks that something on the host is on. */
static json_t *used_networks(const json_t *document)
{
	json_t *used = json_object(), *object;
	size_t i;

	json_array_foreach (json_object_get(document, "l3_networks"), i, object)
		part_seen(used, json_string_value(json_object_get(object, "l2")));
	return used;
}

void project_host_lists(const json_t *document, project_list_fn *each, void *data)
{
	json_t *pools = json_object(), *used = used_networks(document), *object;
	size_t i;

	json_array_foreach (json_object_get(document, "l2_networks"), i, object) {
		const char *pool = json_string_value(json_object_get(object, "pool"));
		const char *uuid = json_string_value(json_object_get(object, "uuid"));

		if (pool && json_object_get(used, uuid))
			each(data, LIST_GUESTS, uuid);
		if (pool && !part_seen(pools, pool))
			each(data, LIST_VTEPS, pool);
	}
	json_array_foreach (json_object_get(document, "security_groups"), i, object)
		each(data, LIST_MEMBERS, json_string_value(json_object_get(object, "uuid")));
	json_decref(pools);
	json_decref(used);
}

/* Two hosts of one address are one. */
static int list_vteps(struct shared *shared, const char *pool, json_t *list, struct err *err)
{
	json_t *hosts, *vtep, *seen = json_object();
	const char *host;
	int ret = l2_pool(shared, pool, &hosts, err);

	if (ret == 0)
		json_object_foreach (hosts, host, vtep)
			if (!part_seen(seen, json_string_value(vtep)))
				json_array_append_new(list,
						      json_pack("{s:o, s:s, s:O}", "uuid",
								part_name(pool,
									  json_string_value(vtep)),
								"pool", pool, "address", vtep));
	json_decref(seen);
	return ret;
}

/* NULL: it is on none. */
static int host_of(struct model *model, const char *uuid, char **host, struct err *err)
{
	struct vm vm = { 0 };
	int ret = model_load(model, &vm_type, uuid, &vm, err);

	*host = STEAL(vm.host);
	model_clear(&vm_type, &vm);
	return ret;
}

/* Of an address that two guests have nothing can be answered in their stead: where the network has
 * several subnets, these may overlap. */
static void drop_ambiguous(json_t *list)
{
	json_t *first = json_object(), *guest;
	size_t i;

	json_array_foreach (list, i, guest) {
		AUTO(free_ptr)
		char *address = mem_text(json_string_value(json_object_get(guest, "address")));
		json_t *other = json_object_get(first, address);

		if (!other) {
			json_object_set(first, address, guest);
			continue;
		}
		json_object_del(other, "address");
		json_object_del(guest, "address");
	}
	json_decref(first);
}

static int add_guest(struct model *model, const char *l2, const struct nic *nic,
		     const json_t *vteps, json_t *list, struct err *err)
{
	static const char *const names[] = { "uuid", "mac", "address", NULL };
	AUTO(free_ptr) char *host = NULL;
	json_t *vtep, *guest;

	if (host_of(model, nic->vm, &host, err) < 0)
		return err->code;
	vtep = host ? json_object_get(vteps, host) : NULL;
	if (!vtep)
		return 0;
	guest = part_of(&nic_type, nic, false, names);
	json_object_set_new(guest, "l2", json_string(l2));
	json_object_set(guest, "vtep", vtep);
	json_array_append_new(list, guest);
	return 0;
}

static int list_of_pool(struct shared *shared, const struct l2_network *l2, json_t *list,
			struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const char *uuid = l2->resource.uuid;
	json_t *vteps;
	int ret = l2_pool(shared, l2->vxlan_pool, &vteps, err);

	if (ret == 0)
		ret = model_find(shared->model, &nic_type, &rows, err, "l3_network.l2_network",
				 uuid);
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = add_guest(shared->model, uuid, db_row(&rows, i), vteps, list, err);
	if (ret == 0)
		drop_ambiguous(list);
	return ret;
}

static int list_guests(struct shared *shared, const char *uuid, json_t *list, struct err *err)
{
	struct l2_network l2 = { 0 };
	int ret = model_load(shared->model, &l2_network_type, uuid, &l2, err);

	if (ret == 0 && l2.vxlan_pool)
		ret = list_of_pool(shared, &l2, list, err);
	model_clear(&l2_network_type, &l2);
	return ret;
}

/* Two NICs of one address, in networks that know nothing of each other, are one member. */
static int list_members(struct shared *shared, const char *uuid, json_t *list, struct err *err)
{
	struct security_group group = { 0 };
	json_t *seen = json_object();
	int ret = model_load(shared->model, &security_group_type, uuid, &group, err);
	char **nics = group.nics.items;

	for (size_t i = 0; ret == 0 && i < group.nics.n; i++) {
		AUTO(free_ptr) char *address = NULL;

		ret = part_nic_address(shared->model, nics[i], &address, err);
		if (ret == 0 && !part_seen(seen, address))
			json_array_append_new(list, json_pack("{s:o, s:s, s:s}", "uuid",
							      part_name(uuid, address), "group",
							      uuid, "address", address));
	}
	json_decref(seen);
	model_clear(&security_group_type, &group);
	return ret;
}

int project_list(struct shared *shared, enum list_kind kind, const char *uuid, json_t **ret,
		 struct err *err)
{
	static const struct {
		const struct model_type *type;
		int (*list)(struct shared *shared, const char *uuid, json_t *list, struct err *err);
	} kinds[N_LISTS] = {
		[LIST_VTEPS] = { &vxlan_pool_type, list_vteps },
		[LIST_GUESTS] = { &l2_network_type, list_guests },
		[LIST_MEMBERS] = { &security_group_type, list_members },
	};
	json_t *list = json_array();
	int done = db_has(model_db(shared->model), &kinds[kind].type->table, uuid, err);

	if (done > 0)
		done = kinds[kind].list(shared, uuid, list, err);
	if (done < 0)
		json_decref(list);
	else
		*ret = list;
	return done < 0 ? done : 0;
}
