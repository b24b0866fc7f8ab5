/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/link/touch.h"

void touch_member(const struct touching *to, struct member *member, unsigned int parts, bool named)
{
	struct job *job;

	member_touch(member, parts);
	if (!member->watch && !member->held.sections && !named)
		return;
	job = jobs_current(to->agents->jobs, true);
	if (job)
		job_add_part(job, &member->parts, member->type, member->uuid, member->watch);
}

void touch_hosts(const struct touching *to, unsigned int parts)
{
	struct map_node *node, *after;

	map_for_each (&to->agents->members, node, after) {
		struct member *member = CONTAINER_OF(node, struct member, by_name);

		if (member->type == &host_type)
			touch_member(to, member, parts, false);
	}
}

void touch_routers(const struct touching *to)
{
	struct map_node *node, *after;

	map_for_each (&to->agents->members, node, after) {
		struct member *member = CONTAINER_OF(node, struct member, by_name);

		if (member->type != &host_type)
			member_touch(member, HOST_ALL);
	}
}

void touch_holders(const struct touching *to, const char *section, const char *uuid,
		   unsigned int parts)
{
	struct map_node *node, *after;

	map_for_each (&to->agents->members, node, after) {
		struct member *member = CONTAINER_OF(node, struct member, by_name);

		if (member->type == &host_type && report_is_held(member, section, uuid))
			touch_member(to, member, parts, false);
	}
}

void touch_list(const struct touching *to, enum list_kind kind, const char *uuid)
{
	const struct list_slot *slot = lists_touch(to->agents->lists, kind, uuid);
	struct map_node *node, *after;

	if (!slot)
		return;
	map_for_each (&to->agents->members, node, after) {
		struct member *member = CONTAINER_OF(node, struct member, by_name);

		if (held_has_list(&member->held, slot))
			touch_member(to, member, TOUCHED_LISTS, false);
	}
}

void touch_lists(const struct touching *to, enum list_kind kind)
{
	lists_touch_kind(to->agents->lists, kind);
	touch_hosts(to, TOUCHED_LISTS);
}

void touch_object(const struct touching *to, const struct model_type *type, const char *uuid,
		  unsigned int parts)
{
	struct member *member = uuid ? member_named(to->agents, type, uuid) : NULL;

	if (member)
		touch_member(to, member, parts, true);
}
