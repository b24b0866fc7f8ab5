/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a packet: its stages, one after another, until one ends it. */
#include "vrouter/explain/explain.h"

#include <errno.h>
#include <stdio.h>

#include "vrouter/explain/walk.h"

PRINTF(5, 0)
static void step(struct walk *walk, const char *object, const char *section, const char *action,
		 const char *format, va_list args)
{
	AUTO(free_ptr) char *text = mem_vformat(format, args);

	json_array_append_new(walk->steps, json_pack("{s:s, s:s, s:s, s:s, s:o}", "object", object,
						     "section", section, "action", action, "text",
						     text, "packet", packet_json(&walk->packet)));
}

void walk_step(struct walk *walk, const struct object *object, const char *action,
	       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	step(walk, object->uuid, object->section->name, action, format, args);
	va_end(args);
}

void walk_end(struct walk *walk, const char *verdict, const char *action, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	step(walk, router_of(walk->document)->object.uuid, SECTION_ROUTER, action, format, args);
	va_end(args);
	walk->verdict = verdict;
}

struct place_text walk_destination(const struct walk *walk)
{
	const struct packet *packet = &walk->packet;
	struct place_text text;

	if (packet->to_port)
		snprintf(text.s, sizeof(text.s), "%s port %lld of %s", packet_protocol_name(packet),
			 (long long)packet->to_port, ip_text(&packet->to).s);
	else
		snprintf(text.s, sizeof(text.s), "%s to %s", packet_protocol_name(packet),
			 ip_text(&packet->to).s);
	return text;
}

static void walk_on(struct walk *walk)
{
	void (*const stages[])(struct walk *) = { walk_translate, walk_route,   walk_tunnel,
						  walk_firewall,  walk_forward, walk_local,
						  walk_leave };

	for (size_t i = 0; i < ARRAY_SIZE(stages) && !walk->verdict; i++)
		stages[i](walk);
}

json_t *router_explain(const struct document *document, const struct facts *facts,
		       const struct packet *packet, struct err *err)
{
	struct walk walk = { .document = document, .facts = facts, .packet = *packet };
	json_t *explained;

	if (!router_of(document)) {
		err_set(err, -EINVAL, "there is no router yet");
		return NULL;
	}
	if (!packet->from.family) {
		err_set(err, -EINVAL, "is required");
		err_at(err, "packet.from");
		return NULL;
	}
	if (packet->from.family != packet->to.family) {
		err_set(err, -EINVAL, "source and destination are of two address families");
		return NULL;
	}
	walk.steps = json_array();
	if (walk_enter(&walk, err) < 0) {
		json_decref(walk.steps);
		return NULL;
	}
	walk_on(&walk);
	explained = json_pack("{s:o, s:s, s:o}", "steps", walk.steps, "verdict", walk.verdict,
			      "packet", packet_json(&walk.packet));
	return explained;
}
