/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cluster: hosts that are alike, in one zone. */
#include <string.h>

#include "controller/model/parts.h"

static const char *const hypervisors[] = { "kvm", NULL };

#define AT(member) offsetof(struct cluster, member)

static const struct field cluster_fields[] = {
	RESOURCE_FIELDS,
	SHARED_FIELDS,
	{ "zone", FIELD_REFERENCE, AT(zone), .required = true, .target = "zone", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Where it is." },
	{ "vdi_network", FIELD_PREFIX, AT(vdi_network), .nullable = true,
	  .doc = "The hosts' addresses within carry consoles; absent: the management network." },
	{ "migration_network", FIELD_PREFIX, AT(migration_network), .nullable = true,
	  .doc = "The hosts' addresses within carry migrations; absent: the management network." },
	{ "cpu_model", FIELD_TEXT, AT(cpu_model), .nullable = true, .max = 64,
	  .doc = "The CPU that its guests see." },
	{ "hypervisor", FIELD_CHOICE, AT(hypervisor), .choices = hypervisors, .immutable = true,
	  .doc = "What runs guests." },
	STATE_FIELD(struct cluster),
	{ 0 },
};

static const struct model_action cluster_actions[] = {
	STATE_ENABLE,
	{ "disable", "It is not used for what is new, nor are its hosts.", NULL, 0, state_disable },
	{ 0 },
};

const struct model_type cluster_type = {
	.table = { "cluster", cluster_fields, sizeof(struct cluster), NULL, .owner = "owner",
		   .shared = true },
	.by_admin = true,
	.doc = "Hosts that are alike, normally one rack.",
	.actions = cluster_actions,
};

int cluster_in_zone(struct model *model, const char *uuid, const char *zone, struct err *err)
{
	struct cluster cluster = { 0 };
	int ret = model_load(model, &cluster_type, uuid, &cluster, err);

	if (ret < 0)
		return ret;
	if (strcmp(cluster.zone, zone) != 0)
		ret = model_refuse(err, "%s is in another zone",
				   model_text(&cluster_type, &cluster).s);
	model_clear(&cluster_type, &cluster);
	return ret;
}
