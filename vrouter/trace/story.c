/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a traced packet, one after another. */
#include "vrouter/trace/story.h"

#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>

#include "lib/base/text.h"
#include "vrouter/compile/order.h"

bool story_read(const struct nft_trace_packet *seen, struct packet *packet)
{
	return packet_read(packet, seen->network, seen->n_network, seen->transport,
			   seen->n_transport);
}

void story_look(struct story *story, const struct nft_trace_packet *seen)
{
	story->seen = seen;
	story_read(seen, &story->walk.packet);
}

void story_look_ahead(struct story *story)
{
	size_t next = story->traced->steps[story->at].packet + 1;

	if (next < story->traced->n_packets)
		story_read(&story->traced->packets[next], &story->walk.packet);
}

const struct interface *story_interface(const struct story *story, int index)
{
	const struct object *object;
	struct place place;

	section_for_each (story->walk.document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface_place(story->walk.facts, interface, &place, NULL) == 0 &&
		    place.link->index == index)
			return interface;
	}
	return NULL;
}

static const char *link_name(const struct story *story, int index)
{
	const struct facts_link *link = facts_link_by_index(story->walk.facts, index);

	return link ? link->name : "a link that is gone";
}

static const struct object *router_object(const struct story *story)
{
	return &router_of(story->walk.document)->object;
}

static void tell_enter(struct story *story)
{
	struct walk *walk = &story->walk;
	struct place place;

	story->own = !story->seen->iif;
	if (story->own) {
		walk_say_own(walk);
		return;
	}
	walk->in = story_interface(story, story->seen->iif);
	if (walk->in && interface_place(walk->facts, walk->in, &place, NULL) == 0)
		walk_say_enter(walk, &place);
	else
		walk_step(walk, router_object(story), "enter",
			  "comes in by %s, which is no interface of the document",
			  link_name(story, story->seen->iif));
}

static void tell_leave(struct story *story)
{
	struct walk *walk = &story->walk;

	if (!walk->into_tunnel)
		walk->into_tunnel = walk->in ? router_tunnel(walk->document, walk->facts,
							     &walk->packet.from, &walk->packet.to)
					     : NULL;
	if (walk->into_tunnel) {
		walk_say_sealed(walk, walk->into_tunnel);
	} else if (walk->out) {
		walk_say_leave(walk);
	} else {
		walk_step(walk, router_object(story), "leave",
			  "leaves by %s, which is no interface of the document",
			  link_name(story, story->seen->oif));
		walk->verdict = "accept";
	}
}

/* What is translated without a rule being asked was translated when its connection began. */
static void look_behind(struct story *story, const struct nft_trace_packet *seen)
{
	struct packet was = story->walk.packet;

	story_look(story, seen);
	if (!story->dnat_told && (!ip_equal(&was.to, &story->walk.packet.to) ||
				  was.to_port != story->walk.packet.to_port)) {
		story->dnat_told = true;
		story_tell_known_dnat(story, &was);
	}
	if (!story->snat_told && !ip_equal(&was.from, &story->walk.packet.from)) {
		story->snat_told = true;
		story_tell_known_snat(story, &was);
	}
}

/* Of tables that are not ours only what ends the way is told. */
static void tell_foreign(struct story *story, const struct nft_trace_step *step)
{
	if (step->verdict != NF_DROP || step->kind == NFT_TRACE_RETURN ||
	    story->traced->end != NFT_TRACE_DROPPED || story->at + 1 < story->traced->n)
		return;
	walk_end(&story->walk, "drop", "filter",
		 "chain %s of table %s, which is not the router's own, drops it", step->chain,
		 step->table);
}

static void tell_step(struct story *story, const struct nft_trace_step *step)
{
	const struct nft_trace_packet *seen = &story->traced->packets[step->packet];

	if (seen != story->seen)
		look_behind(story, seen);
	if (seen->oif && !story->routed) {
		story->routed = true;
		story->walk.out = story_interface(story, seen->oif);
		story_tell_route(story);
	}
	if (strcmp(step->table, TABLE) != 0)
		tell_foreign(story, step);
	else if (step->kind == NFT_TRACE_RULE)
		story_tell_rule(story, step);
	else if (step->kind == NFT_TRACE_RETURN)
		story_tell_return(story, step);
	else
		story_tell_policy(story, step);
}

static void tell_end(struct story *story)
{
	struct walk *walk = &story->walk;

	switch (story->traced->end) {
	case NFT_TRACE_LEFT:
		tell_leave(story);
		break;
	case NFT_TRACE_DELIVERED:
		if (!walk->verdict)
			walk_say_heard(walk, router_object(story), "the router hears it");
		break;
	case NFT_TRACE_DROPPED:
		if (!walk->verdict || strcmp(walk->verdict, "accept") == 0)
			walk_end(walk, "drop", "filter", "chain %s drops it",
				 story->traced->steps[story->traced->n - 1].chain);
		break;
	case NFT_TRACE_VANISHED:
		story_tell_vanished(story);
		break;
	}
}

json_t *router_traced(struct agent *agent, const struct nft_traced *traced)
{
	struct story story = { .agent = agent, .traced = traced };
	struct walk *walk = &story.walk;

	*walk = (struct walk){ .document = agent_document(agent), .facts = agent_facts(agent) };
	walk->steps = json_array();
	story_look(&story, &traced->packets[0]);
	if (!router_of(walk->document)) /* It went while packets were followed. */
		return json_pack("{s:o, s:s, s:o}", "steps", walk->steps, "verdict",
				 traced->end == NFT_TRACE_LEFT || traced->end == NFT_TRACE_DELIVERED
					 ? "accept"
					 : "drop",
				 "packet", packet_json(&walk->packet));
	tell_enter(&story);
	for (; story.at < traced->n; story.at++)
		tell_step(&story, &traced->steps[story.at]);
	story.at = traced->n - 1;
	tell_end(&story);
	free_ptr(&story.marked_by);
	return json_pack("{s:o, s:s, s:o}", "steps", walk->steps, "verdict", walk->verdict,
			 "packet", packet_json(&walk->packet));
}

static int find_link(const struct agent *agent, const char *interface, const char **link,
		     struct err *err)
{
	const struct facts *facts = agent_facts((struct agent *)agent);
	const struct object *object =
		document_find(agent_document(agent), SECTION_INTERFACES, interface);
	const struct facts_link *found = facts_link_by_name(facts, interface);
	struct place place;

	if (object) {
		if (interface_place(facts, (const void *)object, &place, err) < 0)
			return err->code;
		found = place.link;
	}
	if (!found)
		return err_set(err, -EINVAL, "there is no interface \"%s\"", interface);
	*link = found->name;
	return 0;
}

int router_trace_check(const struct agent *agent, const char *interface, const char **link,
		       struct err *err)
{
	if (!router_of(agent_document(agent)))
		return err_set(err, -EINVAL, "there is no router yet");
	if (!interface || find_link(agent, interface, link, err) == 0)
		return 0;
	return err_at(err, "packet.interface");
}
