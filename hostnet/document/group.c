/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of a security group are together. */
#include <string.h>

#include "hostnet/document/host.h"

/* One of the two that a new group has: its members among themselves, which makes it strict towards
 * nobody. */
static bool is_among_members(const struct security_group *group, const struct group_rule *rule)
{
	return rule->protocol == RULE_ALL && rule->peer_group && !rule->peer_cidr.ip.family &&
	       strcmp(rule->peer_group, group->object.uuid) == 0;
}

bool group_is_strict(const struct security_group *group)
{
	const struct group_rule *rules = group->rules.items;

	for (size_t i = 0; i < group->rules.n; i++)
		if (rules[i].direction == RULE_EGRESS && !is_among_members(group, &rules[i]))
			return true;
	return false;
}

const struct security_group *combination_strict(const struct document *document,
						const struct combination *combination)
{
	for (size_t i = 0; i < combination->n; i++) {
		const struct security_group *group = host_group(document, combination->groups[i]);

		if (group_is_strict(group))
			return group;
	}
	return NULL;
}
