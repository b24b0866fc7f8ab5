/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a link is to the document: a guest's port, a network's outside, its leg or its responder. */
#include <errno.h>
#include <string.h>

#include "hostnet/compile/parts.h"
#include "hostnet/trace/story.h"

static const char *link_name(const struct story *story, int index)
{
	const struct facts_link *link = facts_link_by_index(story->walk.facts, index);

	return link ? link->name : "a link that is gone";
}

static const struct object *host_object(const struct story *story)
{
	return &host_of(story->walk.document)->object;
}

static bool place_of(const struct document *document, const struct facts *facts,
		     const struct l2_network *l2, struct l2_place *place)
{
	struct err none = ERR_NONE;
	bool found = l2_place(document, facts, l2, place, &none) == 0;

	err_clear(&none);
	return found;
}

/* The network whose outside the link is; with 'leg' whose leg. */
static const struct l2_network *l2_of(const struct story *story, const char *link, bool leg)
{
	const struct walk *walk = &story->walk;
	const struct object *object;
	struct l2_place place;
	struct leg found;

	section_for_each (walk->document, SECTION_L2_NETWORKS, object) {
		const struct l2_network *l2 = (const void *)object;

		if (!place_of(walk->document, walk->facts, l2, &place))
			continue;
		if (leg ? leg_of(walk->facts, l2, &place, &found) && strcmp(found.outer, link) == 0
			: strcmp(place.lower, link) == 0)
			return l2;
	}
	return NULL;
}

static const struct l3_network *l3_of_responder(const struct story *story, const char *link)
{
	const struct object *object;
	char device[IFNAMSIZ];

	section_for_each (story->walk.document, SECTION_L3_NETWORKS, object) {
		responder_device((const void *)object, device);
		if (strcmp(device, link) == 0)
			return (const void *)object;
	}
	return NULL;
}

void story_tell_enter(struct story *story)
{
	struct walk *walk = &story->walk;
	const char *link = link_name(story, story->seen->iif);
	const struct l2_network *leg;

	if (!story->seen->iif) {
		walk_step(walk, host_object(story), "enter", "the machine itself sends it");
		return;
	}
	walk->in = host_port_of_device(walk->document, link);
	walk->l2 = walk->in ? host_l2(walk->document, walk->in->l2) : l2_of(story, link, false);
	leg = walk->l2 ? NULL : l2_of(story, link, true);
	if (walk->l2)
		walk_say_enter(walk);
	else if (leg)
		walk_step(walk, &leg->object, "enter",
			  "comes out of the leg of %s: from another network of this host",
			  leg->object.uuid);
	else
		walk_step(walk, host_object(story), "enter",
			  "comes in by %s, which is none of the document's", link);
	if (leg)
		walk->l2 = leg;
}

void story_note_out(struct story *story, int index)
{
	struct walk *walk = &story->walk;

	walk->out = host_port_of_device(walk->document, link_name(story, index));
}

void story_tell_leave(struct story *story)
{
	struct walk *walk = &story->walk;
	const char *link = link_name(story, story->seen->oif);
	const struct l3_network *responder = l3_of_responder(story, link);
	const struct l2_network *l2 = l2_of(story, link, false), *leg = l2_of(story, link, true);

	walk->next_hop = walk->packet.to;
	if (walk->out || l2) {
		walk->l2 = l2;
		walk_say_leave(walk);
	} else if (responder) {
		walk_say_answered(walk, responder);
	} else if (leg) {
		walk_end(walk, &leg->object, "accept", "leave",
			 "is led into the leg of %s: to another network of this host",
			 leg->object.uuid);
	} else {
		walk_end(walk, host_object(story), "accept", "leave",
			 "leaves by %s, which is none of the document's", link);
	}
}

static int find_link(const struct agent *agent, const char *interface, const char **link,
		     struct err *err)
{
	const struct document *document = agent_document(agent);
	const struct facts *facts = agent_facts((struct agent *)agent);
	const struct port *port = host_port(document, interface);
	const struct l2_network *l2 = host_l2(document, interface);
	const struct facts_link *found;
	struct l2_place place;

	if (port)
		interface = port->device;
	else if (l2 && place_of(document, facts, l2, &place))
		interface = place.lower;
	found = facts_link_by_name(facts, interface);
	if (!found)
		return err_set(err, -EINVAL, "there is no port, device or l2_network \"%s\"",
			       interface);
	*link = found->name;
	return 0;
}

int host_trace_check(const struct agent *agent, const char *interface, const char **link,
		     struct err *err)
{
	if (!host_of(agent_document(agent)))
		return err_set(err, -EINVAL, "the document has no section host");
	if (!interface || find_link(agent, interface, link, err) == 0)
		return 0;
	return err_at(err, "packet.interface");
}
