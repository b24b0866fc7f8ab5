/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_status.c - how the load balancers are, for those who ask. */
#include <string.h>

#include "vrouter/service/haproxy_sync.h"

void haproxy_child_status(const struct haproxy *haproxy, struct child_status *status)
{
	child_process_status(haproxy->process, status);
}

bool haproxy_serves(const struct haproxy *haproxy, const char *owner)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after)
		if (strcmp(item_owner(CONTAINER_OF(node, struct haproxy_listener, by_uuid)->item),
			   owner) == 0)
			return true;
	return false;
}

const char *haproxy_failure(const struct haproxy *haproxy, const char *owner)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after) {
		const struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		if (listener->failure && strcmp(item_owner(listener->item), owner) == 0)
			return listener->failure;
	}
	return NULL;
}

static json_t *member_json(const struct haproxy_member *member)
{
	json_t *json = json_pack("{s:s, s:s}", "uuid", member->uuid, "health",
				 member->health.down ? "down" : "up");

	if (member->health.down)
		json_object_set_new(json, "reason", json_string(member->health.reason));
	return json;
}

static json_t *listener_json(const struct haproxy_listener *listener)
{
	json_t *members = json_array();
	json_t *json = json_pack("{s:s, s:s, s:o}", "listener", listener->uuid, "owner",
				 item_owner(listener->item), "members", members);

	for (const struct haproxy_member *member = listener->members; member; member = member->next)
		json_array_append_new(members, member_json(member));
	if (listener->failure)
		json_object_set_new(json, "failure", json_string(listener->failure));
	return json;
}

void haproxy_status(const struct haproxy *haproxy, json_t *listeners)
{
	AUTO(free_ptr) struct haproxy_listener **list = haproxy_model_sorted(&haproxy->model);

	for (size_t i = 0; list[i]; i++)
		json_array_append_new(listeners, listener_json(list[i]));
}

bool haproxy_traffic(const struct haproxy *haproxy, const char *listener, const char *member,
		     struct haproxy_traffic *traffic)
{
	struct haproxy_listener *found = haproxy_model_listener(&haproxy->model, listener);
	const struct haproxy_member *one =
		found && member ? *haproxy_listener_find(found, member) : NULL;
	const struct haproxy_count *before, *now;

	if (!found || (member && !one))
		return false;
	before = one ? &one->counter.before : &found->counter.before;
	now = one ? &one->counter.now : &found->counter.now;
	*traffic = (struct haproxy_traffic){ before->bytes_in + now->bytes_in,
					     before->bytes_out + now->bytes_out, now->sessions,
					     before->sessions_total + now->sessions_total };
	return true;
}
