/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a packet: its stages, one after another, until one ends it. */
#include "hostnet/explain/explain.h"

#include <errno.h>
#include <stdio.h>

#include "hostnet/explain/walk.h"

PRINTF(4, 0)
static void step(struct walk *walk, const struct object *object, const char *action,
		 const char *format, va_list args)
{
	AUTO(free_ptr) char *text = mem_vformat(format, args);

	json_array_append_new(walk->steps,
			      json_pack("{s:s, s:s, s:s, s:s, s:o}", "object", object->uuid,
					"section", object->section->name, "action", action, "text",
					text, "packet", packet_json(&walk->packet)));
}

void walk_step(struct walk *walk, const struct object *object, const char *action,
	       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	step(walk, object, action, format, args);
	va_end(args);
}

void walk_end(struct walk *walk, const struct object *object, const char *verdict,
	      const char *action, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	step(walk, object, action, format, args);
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

const char *walk_rests(const struct walk *walk, const struct object *object)
{
	const struct note *note = walk->notes ? notes_find(walk->notes, object->uuid) : NULL;

	return note ? note->reason : NULL;
}

static void walk_on(struct walk *walk)
{
	void (*const stages[])(struct walk *) = { walk_guard, walk_route,   walk_egress, walk_find,
						  walk_serve, walk_ingress, walk_leave };

	for (size_t i = 0; i < ARRAY_SIZE(stages) && !walk->verdict; i++)
		stages[i](walk);
}

json_t *host_explain(const struct document *document, const struct facts *facts,
		     const struct notes *notes, const struct packet *packet, struct err *err)
{
	struct walk walk = {
		.document = document, .facts = facts, .notes = notes, .packet = *packet
	};

	if (!host_of(document)) {
		err_set(err, -EINVAL, "the document has no section host");
		return NULL;
	}
	walk.steps = json_array();
	if (walk_enter(&walk, err) < 0) {
		json_decref(walk.steps);
		return NULL;
	}
	walk_on(&walk);
	return json_pack("{s:o, s:s, s:o}", "steps", walk.steps, "verdict", walk.verdict, "packet",
			 packet_json(&walk.packet));
}
