/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security groups and their rules: each is the same on every host. Its members are a list. */
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

static int make(struct shared *shared, const char *group, json_t **made, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *rules;

	if (model_find(shared->model, &security_group_rule_type, &rows, err, "security_group",
		       group) < 0)
		return err->code;
	rules = json_array();
	for (size_t i = 0; i < rows.n; i++)
		json_array_append_new(rules, rule_json(db_row(&rows, i)));
	*made = json_pack("{s:s, s:o}", "uuid", group, "rules", rules);
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
	if (shared_get(shared, SHARED_GROUPS, uuid, make, &group, err) < 0)
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
