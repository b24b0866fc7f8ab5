/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that are known already are translated without any rule being asked. Whose translation
 * it is, is found where a new connection would find it; it may be another's by now, or nobody's. */
#include <string.h>

#include "vrouter/compile/order.h"
#include "vrouter/trace/story.h"

static const struct object *router_object(const struct story *story)
{
	return &router_of(story->walk.document)->object;
}

/* The packet as it came: the elements are asked for that. */
static const struct nft_trace_packet *first(const struct story *story)
{
	return &story->traced->packets[0];
}

static bool leads_to(const struct object *object, const struct ip *target)
{
	if (strcmp(object->section->name, SECTION_EIPS) == 0)
		return ip_equal(&((const struct eip *)(const void *)object)->target, target);
	if (strcmp(object->section->name, SECTION_PORT_FORWARDS) == 0)
		return ip_equal(&((const struct port_forward *)(const void *)object)->target,
				target);
	return false;
}

void story_tell_known_dnat(struct story *story, const struct packet *was)
{
	static const char *const orders[] = { DNAT_EIP, DNAT_PORT, DNAT_RANGE, DNAT_RESTRICTED,
					      DNAT_RESTRICTED_RANGE };
	const struct nft_trace_packet *seen = story->seen;
	const struct object *object = NULL;

	story->seen = first(story);
	for (size_t i = 0; i < ARRAY_SIZE(orders) && !object; i++) {
		object = story_element(story, story_rule(story, CHAIN_DNAT, orders[i]), NULL);
		if (object && !leads_to(object, &story->walk.packet.to))
			object = NULL;
	}
	story->seen = seen;
	story->walk.translated = true;
	walk_step(&story->walk, object ? object : router_object(story), "dnat",
		  "%s is translated to %s as when its connection began: connection tracking "
		  "remembers",
		  ip_text(&was->to).s, ip_text(&story->walk.packet.to).s);
}

void story_tell_known_snat(struct story *story, const struct packet *was)
{
	const struct nft_trace_packet *seen = story->seen;
	const struct object *object;

	/* As it came to the last chain of ours, with its own source still. */
	for (size_t i = story->traced->n_packets; i-- > 0;) {
		struct packet packet;

		story->seen = &story->traced->packets[i];
		if (story_read(story->seen, &packet) && ip_equal(&packet.from, &was->from) &&
		    story->seen->oif)
			break;
	}
	object = story_element(story, story_rule(story, CHAIN_SNAT, SNAT_EIP), "eip_out");
	if (!object)
		object = story_element(story, story_rule(story, CHAIN_SNAT, SNAT_SOURCE),
				       "snat_sources");
	story->seen = seen;
	walk_step(&story->walk, object ? object : router_object(story), "snat",
		  "%s leaves as %s as when its connection began: connection tracking remembers",
		  ip_text(&was->from).s, ip_text(&story->walk.packet.from).s);
}
