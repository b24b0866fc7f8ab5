/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status: how each object is doing, and the machine under it; once, or as a stream. */
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_link.h"
#include "lib/base/clock.h"

/* Streams hear of a change after this long: what comes in a bunch is told once. */
#define SETTLE_MS 50

struct status_stream {
	struct agent *agent;
	struct wire_call *call;
	struct status_stream *next;
};

/* One failure of each owner, found once for all objects: the first by kind and key, so that it is
 * the same each time, and a listener's own before "its listener is not there" of its members. */
struct owner_failure {
	struct map_node by_owner;
	const char *owner;
	char *text;
};

static bool is_owner(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct owner_failure, by_owner)->owner, key) == 0;
}

static void collect(void *data, const struct engine_failure *failure)
{
	struct map *owners = data;
	const char *owner = item_owner(failure->item);
	struct map_node *node = map_find(owners, map_hash_text(owner), is_owner, owner);
	AUTO(free_ptr)
	char *text = mem_format("%s %s: %s", item_kind(failure->item), item_key(failure->item),
				failure->text);
	struct owner_failure *entry;

	if (node) {
		entry = CONTAINER_OF(node, struct owner_failure, by_owner);
		if (strcmp(text, entry->text) >= 0)
			return;
		free(entry->text);
	} else {
		entry = mem_alloc(sizeof(*entry));
		entry->owner = owner;
		map_add(owners, &entry->by_owner, map_hash_text(owner));
	}
	entry->text = STEAL(text);
}

static json_t *object_status(const struct agent *agent, const struct map *owners,
			     const struct object *object)
{
	json_t *json =
		json_pack("{s:s, s:s}", "uuid", object->uuid, "section", object->section->name);
	const struct note *note = notes_find(&agent->notes, object->uuid);
	struct map_node *node =
		map_find(owners, map_hash_text(object->uuid), is_owner, object->uuid);
	const char *health = "ready", *reason = NULL;

	if (note) {
		health = note->health == NOTE_INACTIVE ? "inactive" : "failed";
		reason = note->reason;
	} else if (node) {
		health = "failed";
		reason = CONTAINER_OF(node, struct owner_failure, by_owner)->text;
	} else if (agent->type->failure) {
		reason = agent->type->failure(agent, object->uuid);
		if (reason)
			health = "failed";
	}
	json_object_set_new(json, "health", json_string(health));
	if (reason)
		json_object_set_new(json, "reason", json_string(reason));
	return json;
}

json_t *agent_status_objects(const struct agent *agent)
{
	const struct section_type *section = agent->type->document->sections;
	struct map owners = MAP_NONE;
	struct map_node *node, *after;
	json_t *list = json_array();
	struct object *object;

	engine_failures(agent->engine, collect, &owners);
	for (; agent->document && section->name; section++) {
		if (section->entries)
			continue;
		section_for_each (agent->document, section->name, object)
			json_array_append_new(list, object_status(agent, &owners, object));
	}
	map_for_each (&owners, node, after) {
		struct owner_failure *entry = CONTAINER_OF(node, struct owner_failure, by_owner);

		map_remove(&owners, node);
		free(entry->text);
		free(entry);
	}
	map_clear(&owners);
	return list;
}

static json_t *capabilities_json(const struct agent *agent)
{
	json_t *list = json_array();

	for (size_t i = 0; i < agent->facts.n_capabilities; i++) {
		const struct facts_capability *capability = &agent->facts.capabilities[i];
		json_t *json = json_pack("{s:s, s:b}", "name", capability->name, "supported",
					 capability->supported);

		if (capability->reason)
			json_object_set_new(json, "reason", json_string(capability->reason));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *status_json(struct agent *agent)
{
	json_t *services = json_array();

	if (agent->type->status)
		agent->type->status(agent, services);
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:s}", "revision",
			 (json_int_t)(agent->document ? document_revision(agent->document) : 0),
			 "objects", agent_status_objects(agent), "services", services,
			 "capabilities", capabilities_json(agent), "drift",
			 drift_json(&agent->drift), "version", WEFT_VERSION);
}

static void stream_gone(struct wire_call *call, void *data)
{
	struct status_stream *stream = data, **at = &stream->agent->streams;

	(void)call;
	while (*at != stream)
		at = &(*at)->next;
	*at = stream->next;
	free(stream);
}

void agent_status_method(struct wire_call *call, json_t *parameters, void *data)
{
	struct agent *agent = data;
	struct status_stream *stream;

	(void)parameters;
	if (!wire_call_wants_more(call)) {
		wire_reply(call, status_json(agent));
		return;
	}
	stream = mem_alloc(sizeof(*stream));
	*stream = (struct status_stream){ agent, call, agent->streams };
	agent->streams = stream;
	wire_call_on_gone(call, stream_gone, stream);
	wire_reply_more(call, status_json(agent));
}

static void tell_streams(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct status_stream *stream, *next;
	json_t *status;

	(void)fd;
	(void)what;
	if (!agent->streams)
		return;
	status = status_json(agent);
	for (stream = agent->streams; stream; stream = next) {
		next = stream->next;
		wire_reply_more(stream->call, json_incref(status));
	}
	json_decref(status);
}

void agent_status_changed(struct agent *agent)
{
	struct timeval wait = { 0, SETTLE_MS * 1000 };

	agent_link_changed(agent);
	if (!agent->streams)
		return;
	if (!agent->status_timer)
		agent->status_timer = evtimer_new(agent->base, tell_streams, agent);
	if (!evtimer_pending(agent->status_timer, NULL))
		evtimer_add(agent->status_timer, &wait);
}

void agent_status_close(struct agent *agent)
{
	if (agent->status_timer)
		event_free(agent->status_timer);
}
