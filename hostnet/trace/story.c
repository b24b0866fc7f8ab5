/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a traced packet, one after another. */
#include "hostnet/trace/story.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>

#include "hostnet/compile/order.h"

static const struct object *host_object(const struct story *story)
{
	return &host_of(story->walk.document)->object;
}

static void look(struct story *story, const struct nft_trace_packet *seen)
{
	story->seen = seen;
	packet_read(&story->walk.packet, seen->network, seen->n_network, seen->transport,
		    seen->n_transport);
}

/* Of tables that are not ours only what ends the way is told. */
static void tell_foreign(struct story *story, const struct nft_trace_step *step)
{
	if (step->verdict != NF_DROP || step->kind == NFT_TRACE_RETURN ||
	    step != &story->traced->steps[story->traced->n - 1])
		return;
	walk_end(&story->walk, host_object(story), "drop", "filter",
		 "chain %s of table %s, which is not the agent's, drops it", step->chain,
		 step->table);
}

/* Who is guarded comes to the end of this chain by its own MAC and address alone. */
static void tell_guarded(struct story *story)
{
	if (story->walk.in && story->walk.in->anti_spoofing)
		walk_say_own(&story->walk);
	else if (story->walk.in)
		walk_say_unguarded(&story->walk);
}

static void tell_step(struct story *story, const struct nft_trace_step *step)
{
	const struct nft_trace_packet *seen = &story->traced->packets[step->packet];

	if (seen != story->seen)
		look(story, seen);
	if (strcmp(step->chain, CHAIN_GROUPS_TO) == 0)
		story->to_guest = true;
	if (seen->oif)
		story_note_out(story, seen->oif);
	if (strcmp(step->table, TABLE) != 0)
		tell_foreign(story, step);
	else if (step->kind == NFT_TRACE_RULE)
		story_tell_rule(story, step);
	else if (step->kind == NFT_TRACE_POLICY && strcmp(step->chain, CHAIN_PREROUTING) == 0)
		tell_guarded(story);
}

static void tell_end(struct story *story)
{
	struct walk *walk = &story->walk;
	const struct nft_trace_step *last = &story->traced->steps[story->traced->n - 1];

	switch (story->traced->end) {
	case NFT_TRACE_LEFT:
		story_tell_leave(story);
		break;
	case NFT_TRACE_DELIVERED:
		walk_end(walk, host_object(story), "accept", "answer",
			 "the machine itself hears it");
		break;
	case NFT_TRACE_DROPPED:
		if (!walk->verdict)
			walk_end(walk, host_object(story), "drop", "filter", "chain %s drops it",
				 last->chain);
		break;
	case NFT_TRACE_VANISHED:
		walk_end(walk, host_object(story), "drop", "find",
			 "the bridge took it away where no rule is asked: it has no port for it");
		break;
	}
}

json_t *host_traced(struct agent *agent, const struct nft_traced *traced)
{
	struct story story = { .agent = agent, .traced = traced };
	struct walk *walk = &story.walk;

	*walk = (struct walk){ .document = agent_document(agent), .facts = agent_facts(agent) };
	walk->steps = json_array();
	look(&story, &traced->packets[0]);
	if (!host_of(walk->document)) { /* It went while packets were followed. */
		walk->verdict = traced->end == NFT_TRACE_LEFT ? "accept" : "drop";
	} else {
		story_tell_enter(&story);
		for (size_t i = 0; i < traced->n; i++)
			tell_step(&story, &traced->steps[i]);
		tell_end(&story);
	}
	return json_pack("{s:o, s:s, s:o}", "steps", walk->steps, "verdict", walk->verdict,
			 "packet", packet_json(&walk->packet));
}
