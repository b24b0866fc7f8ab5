/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each rule of the bridges' table means to who reads the document. The places of the rules are
 * those of hostnet/compile/order.h. */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/trace/story.h"

/* A rule that the packet met. */
struct met {
	const struct nft_trace_step *step;
	const char *order, *owner;
};

static const struct object *host_object(const struct story *story)
{
	return &host_of(story->walk.document)->object;
}

/* Whose rules judge it where it is; the host, where the port is gone since. */
static const struct port *judging(const struct story *story)
{
	return story->to_guest ? story->walk.out : story->walk.in;
}

/* ---- what a port lets out ---- */

/* A port that is gone since has nothing to say. */
static void by_port(struct story *story, void (*say)(struct walk *walk))
{
	if (story->walk.in)
		say(&story->walk);
	else
		walk_step(&story->walk, host_object(story), "guard",
			  "by a port that is gone since");
}

static void own(struct story *story, const struct met *met)
{
	(void)met;
	by_port(story, walk_say_own);
}

static void no_server(struct story *story, const struct met *met)
{
	(void)met;
	by_port(story, walk_say_no_server);
}

static void no_router(struct story *story, const struct met *met)
{
	(void)met;
	walk_end(&story->walk, story->walk.in ? &story->walk.in->object : host_object(story),
		 "drop", "guard", "speaks as an IPv6 router, which no guest may: anti_spoofing");
}

static void forged(struct story *story, const struct met *met)
{
	(void)met;
	by_port(story, walk_say_forged);
}

static void asks_for_address(struct story *story, const struct met *met)
{
	(void)met;
	by_port(story, walk_say_asks_for_address);
}

static void tagged(struct story *story, const struct met *met)
{
	(void)met;
	walk_end(&story->walk, story->walk.in ? &story->walk.in->object : host_object(story),
		 "drop", "guard", "has a VLAN tag, which leads into other networks");
}

/* ---- where it is led ---- */

static void answers_by_eip(struct story *story, const struct met *met)
{
	(void)met;
	walk_step(&story->walk, host_object(story), "route",
		  "goes out by an elastic IP: its peer came by that, or nobody is the gateway");
}

/* ---- what stays between the responder and its guests ---- */

static void not_answered(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_not_answered(&story->walk, story->walk.in    ? &story->walk.in->object
					    : story->walk.out ? &story->walk.out->object
							      : host_object(story));
}

static void not_for_it(struct story *story, const struct met *met)
{
	if (met->step->verdict == NF_DROP)
		walk_end(&story->walk, host_object(story), "drop", "filter",
			 "is sent by or to an elastic IP's MAC by whom it is not for");
}

static void closed(struct story *story, const struct met *met)
{
	(void)met;
	walk_end(&story->walk, host_object(story), "drop", "filter",
		 "the machine itself has no address on this network, and hears nothing of it");
}

/* ---- security groups ---- */

static void any_rules(struct story *story, const struct met *met)
{
	(void)met;
	story->not_let_out = story->not_let_in = false;
	if (judging(story))
		walk_say_any_rules(&story->walk, judging(story));
}

static void all_may_leave(struct story *story, const struct met *met)
{
	if (met->step->verdict == NF_ACCEPT && judging(story))
		walk_say_free(&story->walk, judging(story));
}

/* Groups have refused it before, or there was nothing that they judge. */
static void refused(struct story *story, const struct met *met)
{
	const struct port *port = judging(story);

	(void)met;
	if (port && story->not_let_out)
		walk_say_not_let_out(&story->walk, port);
	else if (port && story->not_let_in)
		walk_say_not_let_in(&story->walk, port);
	if (!story->walk.verdict)
		walk_end(&story->walk, port ? &port->object : host_object(story), "drop", "filter",
			 "belongs to no connection and begins none, or is not IP");
}

#define ANY NULL
static const struct {
	const char *chain, *order;
	void (*tell)(struct story *story, const struct met *met);
} meanings[] = {
	{ CHAIN_PREROUTING, PREROUTING_TAGGED, tagged },
	{ CHAIN_OWN, OWN_DHCP, no_server },
	{ CHAIN_OWN6, OWN6_DHCP, no_server },
	{ CHAIN_GUARD, GUARD_DHCP, no_server },
	{ CHAIN_GUARD, GUARD_DHCP6, no_server },
	{ CHAIN_GUARD, GUARD_ROUTER, no_router },
	{ CHAIN_GUARD, GUARD_IPV6, own },
	{ CHAIN_GUARD, GUARD_DHCP_CLIENT, asks_for_address },
	{ CHAIN_GUARD, GUARD_IPV6_PROBE, asks_for_address },
	{ CHAIN_GUARD, ANY, forged },
	{ CHAIN_EIP_WAY, ANY, answers_by_eip },
	{ CHAIN_TO_RESPONDER, ANY, not_answered },
	{ CHAIN_FROM_RESPONDER, ANY, not_answered },
	{ CHAIN_ARP, ARP_RESPONDER, not_answered },
	{ CHAIN_ARP, ARP_RESPONDER_OUT, not_answered },
	{ CHAIN_FORWARD, FORWARD_QUESTION, not_answered },
	{ CHAIN_FORWARD, FORWARD_ANSWER, not_answered },
	{ CHAIN_FORWARD, FORWARD_ASTRAY, not_answered },
	{ CHAIN_FORWARD, FORWARD_FORGED, not_answered },
	{ CHAIN_FROM_LEG, FROM_LEG_IN, not_for_it },
	{ CHAIN_FORWARD, FORWARD_EIP_OUT, not_for_it },
	{ CHAIN_INPUT, INPUT_CLOSED, closed },
	{ CHAIN_GROUPS_FROM, GROUPS_ORIGINAL, all_may_leave },
	{ CHAIN_GROUPS_TO, GROUPS_REPLY, all_may_leave },
	{ CHAIN_ANYWAY, ANYWAY_REST, refused },
	{ CHAIN_ANYWAY, ANYWAY_ASKS, any_rules },
	{ CHAIN_ANYWAY, ANYWAY_TOLD, any_rules },
	{ CHAIN_ANYWAY, ANYWAY_ASKS6, any_rules },
	{ CHAIN_ANYWAY, ANYWAY_TOLD6, any_rules },
	{ CHAIN_ANYWAY, ANYWAY_SERVES, any_rules },
	{ CHAIN_ANYWAY, ANYWAY_SERVED, any_rules },
};

/* ---- chains that are an object's own ---- */

static const struct group_rule *rule_of(const struct security_group *group, const char *order)
{
	const struct group_rule *rules = group->rules.items;
	const char *uuid = strchr(order, '.');

	for (size_t i = 0; uuid && i < group->rules.n; i++)
		if (strcmp(rules[i].uuid, uuid + 1) == 0)
			return &rules[i];
	return NULL;
}

static void of_group(struct story *story, const struct met *met, bool is_egress)
{
	const struct security_group *group = host_group(story->walk.document, met->owner);
	const struct group_rule *rule = group ? rule_of(group, met->order) : NULL;

	if (rule)
		walk_say_rule(&story->walk, group, rule, is_egress == story->to_guest);
	else
		walk_step(&story->walk, group ? &group->object : host_object(story),
			  is_egress ? "egress" : "ingress", "a rule that is gone since allows it");
}

/* On to its groups, or past them all. */
static void of_combination(struct story *story, const struct met *met, bool is_egress)
{
	if (strcmp(met->order, COMBINED_REST) == 0)
		*(is_egress ? &story->not_let_out : &story->not_let_in) = true;
}

static void of_router(struct story *story, const struct met *met)
{
	const struct object *router =
		document_find(story->walk.document, SECTION_ROUTERS, met->owner);
	const struct host_router_interface *interfaces;

	if (!router || strcmp(met->order, ROUTED_NEAR) != 0)
		return; /* To the router itself. */
	interfaces = ((const struct host_router *)(const void *)router)->interfaces.items;
	for (size_t i = 0; i < ((const struct host_router *)(const void *)router)->interfaces.n;
	     i++)
		if (prefix_contains(&host_l3(story->walk.document, interfaces[i].l3)->cidr,
				    &story->walk.packet.to)) {
			walk_say_routed(&story->walk, router, interfaces[i].l3);
			return;
		}
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void tell_own_chain(struct story *story, const struct met *met)
{
	const char *chain = met->step->chain;

	if (begins(chain, "egress.") || begins(chain, "ingress."))
		of_group(story, met, *chain == 'e');
	else if (begins(chain, "outof.") || begins(chain, "into."))
		of_combination(story, met, *chain == 'o');
	else if (begins(chain, "routed-"))
		of_router(story, met);
}

void story_tell_rule(struct story *story, const struct nft_trace_step *step)
{
	AUTO(free_ptr) char *chain = mem_format("%s %s", step->table, step->chain);
	struct met met = { .step = step, .owner = "" };

	met.order = nft_rule_at(agent_nft(story->agent), chain, step->handle, &met.owner);
	if (!met.order)
		return; /* It is gone since. */
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (strcmp(meanings[i].chain, step->chain) != 0 ||
		    (meanings[i].order && strcmp(meanings[i].order, met.order) != 0))
			continue;
		meanings[i].tell(story, &met);
		return;
	}
	tell_own_chain(story, &met);
}
