/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing, which nftables does not see: the kernel is asked which route it takes for the packet,
 * and where one vanished, why it takes none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/rtnl.h"
#include "vrouter/compile/order.h"
#include "vrouter/trace/story.h"

static struct rtnl_asked asked_of(const struct story *story)
{
	return (struct rtnl_asked){ .from = story->walk.packet.from,
				    .to = story->walk.packet.to,
				    .iif = story->own ? 0 : story->seen->iif,
				    .mark = story->seen->mark };
}

static const struct object *owner_of(const struct story *story, const struct rtnl_way *way)
{
	AUTO(free_ptr)
	char *key =
		mem_format("%u %s %u", way->table, prefix_text(&way->destination).s, way->metric);
	const struct item *item =
		item_set_find(engine_wanted(agent_engine(story->agent)), "route", key);

	return item ? story_object(story, item_owner(item)) : NULL;
}

void story_tell_route(struct story *story)
{
	struct walk *walk = &story->walk;
	const struct rtnl_asked asked = asked_of(story);
	const struct object *object = NULL;
	struct rtnl_way way;
	int code = rtnl_way(agent_rtnl(story->agent), &asked, &way);

	if (!walk->out)
		return;
	if (code == 0 && way.oif == story->seen->oif) {
		walk->next_hop = way.gateway;
		object = owner_of(story, &way);
		if (story->marked_by && way.table != ROUTE_TABLE_MAIN &&
		    story_object(story, story->marked_by))
			walk_say_route_of_eip(walk, story_object(story, story->marked_by));
		else if (object && strcmp(object->section->name, SECTION_ROUTES) == 0)
			walk_say_route(walk, object);
		else
			walk_say_route(walk, &walk->out->object);
	} else {
		walk_step(walk, &walk->out->object, "route",
			  "%s went out by %s, where the routes do not lead any more",
			  ip_text(&walk->packet.to).s, walk->out->object.uuid);
	}
	story->n_routed = json_array_size(walk->steps);
}

/* The longest blackhole around the destination that is wanted. */
static const struct object *blackhole_of(const struct story *story)
{
	const struct object *best = NULL, *object;

	section_for_each (story->walk.document, SECTION_ROUTES, object) {
		const struct route *route = (const void *)object;
		const struct route *held = (const void *)best;

		if (route->type == ROUTE_BLACKHOLE &&
		    prefix_contains(&route->destination, &story->walk.packet.to) &&
		    (!held || route->destination.length > held->destination.length ||
		     (route->destination.length == held->destination.length &&
		      route->priority < held->priority)))
			best = object;
	}
	return best;
}

/* Whether the destination is in a blackhole whoever asks, and not the source at fault. */
static bool is_blackhole(const struct story *story)
{
	struct rtnl_asked asked = asked_of(story);
	struct rtnl_way way;

	asked.iif = 0;
	asked.from = (struct ip){ 0 };
	return rtnl_way(agent_rtnl(story->agent), &asked, &way) == -EINVAL;
}

/* What a router does not pass on although it knows the way. */
static void tell_not_passed(struct story *story, const struct rtnl_way *way)
{
	const struct nft_trace_packet *seen = story->seen;
	const struct facts_link *link = facts_link_by_index(story->walk.facts, way->oif);
	uint32_t length = (uint32_t)seen->network[2] << 8 | seen->network[3];
	bool whole = seen->network[6] & 0x40;

	if (seen->network[8] <= 1)
		walk_end(&story->walk, "reject", "route",
			 "its time to live ends here: the sender is told so");
	else if (link && link->mtu && length > link->mtu && whole)
		walk_end(&story->walk, "reject", "route",
			 "its %u bytes are too many for %s, which takes %u, and it may not be cut: "
			 "the sender is told so",
			 length, link->name, link->mtu);
	else
		walk_end(&story->walk, "drop", "route",
			 "the kernel took it away where no rule is asked");
}

void story_tell_vanished(struct story *story)
{
	struct walk *walk = &story->walk;
	const struct rtnl_asked asked = asked_of(story);
	struct rtnl_way way;
	int code;

	if (!story->traced->routed || story->routed) {
		walk_end(walk, "drop", "filter", "the kernel took it away where no rule is asked");
		return;
	}
	code = rtnl_way(agent_rtnl(story->agent), &asked, &way);
	if (code == 0)
		tell_not_passed(story, &way);
	else if (code == -EINVAL && is_blackhole(story) && blackhole_of(story))
		walk_say_blackhole(walk, blackhole_of(story));
	else if (code != -EINVAL && code != -EXDEV)
		walk_say_no_route(walk);
	else if (walk_is_own_address(walk, &walk->packet.from))
		walk_say_own_source(walk);
	else if (walk->in && walk->in->role == ROLE_PRIVATE)
		walk_say_not_reached(walk);
	else
		walk_end(walk, "drop", "route", "the kernel takes no packet from %s here",
			 ip_text(&walk->packet.from).s);
}
