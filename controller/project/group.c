/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security groups: each is the same on every host, with all its members in the cloud. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

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
static int add_members(struct model *model, const char *group, json_t *json, struct err *err)
{
	struct security_group record = { 0 };
	json_t *members = json_array();
	char **nics;
	int ret = model_load(model, &security_group_type, group, &record, err);

	json_object_set_new(json, "members", members);
	nics = record.nics.items;
	for (size_t i = 0; ret == 0 && i < record.nics.n; i++) {
		AUTO(free_ptr) char *address = NULL;

		ret = part_nic_address(model, nics[i], &address, err);
		if (ret == 0)
			json_array_append_new(members, json_string(address));
	}
	model_clear(&security_group_type, &record);
	return ret;
}

static int make(struct model *model, const char *group, json_t *json, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *rules = json_array();

	json_object_set_new(json, "rules", rules);
	if (add_members(model, group, json, err) < 0 ||
	    model_find(model, &security_group_rule_type, &rows, err, "security_group", group) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++)
		json_array_append_new(rules, rule_json(db_row(&rows, i)));
	return 0;
}

static int shared_group(struct shared *shared, const char *uuid, json_t **group, struct err *err)
{
	json_t *made;

	*group = json_object_get(shared->groups, uuid);
	if (*group)
		return 0;
	made = json_pack("{s:s}", "uuid", uuid);
	if (make(shared->model, uuid, made, err) < 0) {
		json_decref(made);
		return err->code;
	}
	json_object_set_new(shared->groups, uuid, made);
	*group = made;
	return 0;
}

/* The group, and those that its rules name: their members have to be known as well. */
static int add_group(struct shared *shared, const char *uuid, json_t *seen, json_t *list,
		     struct err *err)
{
	json_t *group, *rule;
	size_t i;

	if (part_seen(seen, uuid))
		return 0;
	if (shared_group(shared, uuid, &group, err) < 0)
		return err->code;
	json_array_append(list, group);
	json_array_foreach (json_object_get(group, "rules"), i, rule) {
		const char *peer = json_string_value(json_object_get(rule, "peer_group"));

		if (peer && add_group(shared, peer, seen, list, err) < 0)
			return err->code;
	}
	return 0;
}

int group_project(struct shared *shared, json_t *document, struct err *err)
{
	json_t *seen = json_object(), *list = json_array(), *port, *group;
	size_t i, j;
	int ret = 0;

	json_array_foreach (json_object_get(document, "ports"), i, port)
		json_array_foreach (json_object_get(port, "security_groups"), j, group)
			if (ret == 0)
				ret = add_group(shared, json_string_value(group), seen, list, err);
	if (json_array_size(list))
		json_object_set(document, "security_groups", list);
	json_decref(seen);
	json_decref(list);
	return ret;
}
