/* SPDX-License-Identifier: GPL-2.0-or-later */
/* security_group: what may enter and leave its NICs. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"

#define AT(member) offsetof(struct security_group, member)

static const struct field network_element = {
	.type = FIELD_REFERENCE,
	.target = "l3_network",
	.at_end = FIELD_CLEARS,
};
static const struct field nic_element = {
	.type = FIELD_REFERENCE,
	.target = "nic",
	.at_end = FIELD_CLEARS,
};

static const struct field security_group_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "l3_networks", FIELD_LIST, AT(l3_networks), .element = &network_element, .required = true,
	  .immutable = true, .doc = "Whose NICs may be in it; see attach_network." },
	{ "nics", FIELD_LIST, AT(nics), .element = &nic_element, .immutable = true,
	  .doc = "Its members; see bind_nic." },
	{ "rules", FIELD_LIST, AT(rules), .fields = given_rule_fields,
	  .size = sizeof(struct security_group_rule), .transient = true,
	  .doc = "What it lets through from the start, beside its members' own." },
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	const struct security_group *group = change->is;

	return group->l3_networks.n ? 0 : model_wrong(err, "l3_networks", "is required");
}

/* A new group's members reach each other, both ways. */
static int add_default_rules(const struct model_change *change, struct err *err)
{
	const struct security_group *group = change->is;
	int ret = 0;

	for (int direction = RULE_INGRESS; ret == 0 && direction <= RULE_EGRESS; direction++) {
		struct security_group_rule rule = {
			.direction = direction,
			.protocol = RULE_ALL,
			.start_port = RULE_PORT_NONE,
			.end_port = RULE_PORT_NONE,
		};

		rule.security_group = rule.source_group = group->resource.uuid;
		ret = model_add(change->model, &security_group_rule_type, &rule, err);
		free(rule.resource.uuid);
	}
	return ret;
}

static int written(const struct model_change *change, struct err *err)
{
	const struct security_group *group = change->is;
	const struct security_group_rule *given;
	int ret;

	if (change->was || !group)
		return 0;
	given = group->rules.items;
	ret = add_default_rules(change, err);
	for (size_t i = 0; ret == 0 && i < group->rules.n; i++) {
		struct security_group_rule rule = given[i];

		rule.security_group = group->resource.uuid;
		ret = model_add(change->model, &security_group_rule_type, &rule, err);
		free(rule.resource.uuid);
		if (ret < 0)
			err_at(err, "rules[%zu]", i);
	}
	return ret;
}

static int nics_on_networks(const struct model_change *change, struct err *err)
{
	const struct security_group *group = change->is;
	char **nics = group->nics.items;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < group->nics.n; i++) {
		struct nic nic = { 0 };

		ret = model_load(change->model, &nic_type, nics[i], &nic, err);
		if (ret == 0 && !uuids_have(&group->l3_networks, nic.l3_network))
			ret = model_refuse(err, "nic %s is on a network that is not attached",
					   nics[i]);
		model_clear(&nic_type, &nic);
	}
	return ret;
}

static const struct model_rule security_group_rules[] = {
	{ "nics_on_networks", "Its NICs are on its networks.", MODEL_WRITE, nics_on_networks },
	{ 0 },
};

struct network_parameters {
	char *network;
};

struct nic_parameters {
	char *nic;
};

static int attach_network(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	const struct network_parameters *given = parameters;
	struct security_group *group = change->is;

	(void)err;
	if (!uuids_have(&group->l3_networks, given->network))
		uuids_add(&group->l3_networks, given->network);
	return 0;
}

/* Its members on that network leave. */
static int detach_network(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct network_parameters *given = parameters;
	struct security_group *group = change->is;

	if (!uuids_remove(&group->l3_networks, given->network))
		return model_wrong(err, "network", "it is not attached");
	if (model_find(change->model, &nic_type, &rows, err, "l3_network", given->network) < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++)
		uuids_remove(&group->nics, ((struct resource *)db_row(&rows, i))->uuid);
	return 0;
}

int bind_to_list(struct field_list *nics, const void *parameters)
{
	const struct nic_parameters *given = parameters;

	if (!uuids_have(nics, given->nic))
		uuids_add(nics, given->nic);
	return 0;
}

int unbind_from_list(struct field_list *nics, const void *parameters, struct err *err)
{
	const struct nic_parameters *given = parameters;

	if (!uuids_remove(nics, given->nic))
		return model_wrong(err, "nic", "it is not bound");
	return 0;
}

static int bind_nic(const struct model_change *change, const void *parameters, struct err *err)
{
	(void)err;
	return bind_to_list(&((struct security_group *)change->is)->nics, parameters);
}

static int unbind_nic(const struct model_change *change, const void *parameters, struct err *err)
{
	return unbind_from_list(&((struct security_group *)change->is)->nics, parameters, err);
}

static const struct field network_parameters[] = {
	{ "network", FIELD_REFERENCE, offsetof(struct network_parameters, network),
	  .required = true, .target = "l3_network", .doc = "Which." },
	{ 0 },
};

const struct field nic_parameters[] = {
	{ "nic", FIELD_REFERENCE, offsetof(struct nic_parameters, nic), .required = true,
	  .target = "nic", .doc = "Which." },
	{ 0 },
};

static const struct model_action security_group_actions[] = {
	{ "attach_network", "NICs there may be in it.", network_parameters,
	  sizeof(struct network_parameters), attach_network },
	{ "detach_network", "NICs there are in it no more.", network_parameters,
	  sizeof(struct network_parameters), detach_network },
	{ "bind_nic", "One more member.", nic_parameters, sizeof(struct nic_parameters), bind_nic },
	{ "unbind_nic", "One less.", nic_parameters, sizeof(struct nic_parameters), unbind_nic },
	{ 0 },
};

const struct model_type security_group_type = {
	.table = { "security_group", security_group_fields, sizeof(struct security_group), NULL,
		   .owner = "owner" },
	.doc = "What may enter and leave its NICs.",
	.rules = security_group_rules,
	.actions = security_group_actions,
	.complete = complete,
	.written = written,
};
