/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each rule of the router's table means to who reads the document. The places of the rules are
 * those of vrouter/compile/order.h. */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <string.h>

#include "lib/base/log.h"
#include "vrouter/compile/order.h"
#include "vrouter/trace/story.h"

const struct object *story_object(const struct story *story, const char *uuid)
{
	static const char *const sections[] = { SECTION_EIPS,       SECTION_PORT_FORWARDS,
						SECTION_ROUTES,     SECTION_LOAD_BALANCERS,
						SECTION_IPSEC,      SECTION_FIREWALL,
						SECTION_INTERFACES, SECTION_VIPS,
						SECTION_DHCP };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct object *object =
			document_find(story->walk.document, sections[i], uuid);

		if (object)
			return object;
	}
	return NULL;
}

const char *story_rule(const struct story *story, const char *chain, const char *order)
{
	AUTO(free_ptr) char *key = mem_format(TABLE " %s %s", chain, order);
	const struct item *item =
		item_set_find(engine_wanted(agent_engine(story->agent)), "nft.rule", key);

	return item ? item_value(item) : "";
}

const struct object *story_element(struct story *story, const char *rule, const char *set)
{
	struct item *element = NULL;
	struct err err = ERR_NONE;
	const struct object *object;

	if (nft_trace_element(agent_nft(story->agent), TABLE, rule, set, story->seen, &element,
			      &err) < 0)
		log_error("trace: rule \"%s\": %s", rule, err_text(&err));
	err_clear(&err);
	object = element ? story_object(story, item_owner(element)) : NULL;
	item_unref(element);
	return object;
}

static bool is_in(const struct object *object, const char *section)
{
	return object && strcmp(object->section->name, section) == 0;
}

static const struct object *router_object(const struct story *story)
{
	return &router_of(story->walk.document)->object;
}

/* Whom it is told of where the object is gone since. */
static const struct object *or_router(const struct story *story, const struct object *object)
{
	return object ? object : router_object(story);
}

/* ---- chains mark and dnat ---- */

static void way_of_eip(struct story *story, const struct met *met)
{
	const struct object *eip = story_element(story, met->text, "eip_link");

	if (eip && !story->marked_by)
		story->marked_by = mem_text(eip->uuid);
}

static void dnat_eip(struct story *story, const struct met *met)
{
	struct ip_text was = ip_text(&story->walk.packet.to);
	const struct object *eip = story_element(story, met->text, NULL);

	story_look_ahead(story);
	story->dnat_told = true;
	story->walk.translated = true;
	walk_say_eip(&story->walk, or_router(story, eip), &was);
}

static void forwarded_by(struct story *story, const struct object *forward)
{
	struct place_text was = walk_destination(&story->walk);

	story_look_ahead(story);
	story->dnat_told = true;
	story->walk.translated = true;
	walk_say_forwarded(&story->walk, or_router(story, forward), &was);
}

static void dnat_port(struct story *story, const struct met *met)
{
	forwarded_by(story, story_element(story, met->text, NULL));
}

/* ---- chain forward ---- */

/* Which of the tunnels' networks it is for. */
static void tunnel_out(struct story *story, const struct met *met)
{
	walk_say_no_local(&story->walk,
			  or_router(story, story_element(story, met->text, "ipsec_remote")));
}

static void tunnel_forged(struct story *story, const struct met *met)
{
	walk_say_in_clear(&story->walk, or_router(story, story_element(story, met->text, NULL)));
}

static void known(struct story *story, const struct met *met)
{
	(void)met;
	walk_step(&story->walk, router_object(story), "filter",
		  "belongs to a connection that is known already: the rules for new ones are not "
		  "asked");
}

static void known_local(struct story *story, const struct met *met)
{
	const struct object *balancer =
		story_element(story, story_rule(story, CHAIN_INPUT, INPUT_PUBLIC_SERVICES),
			      "services");

	(void)met;
	walk_say_heard(&story->walk, or_router(story, balancer),
		       "belongs to a connection that is known already: the rules for new ones are "
		       "not asked");
}

static void invalid(struct story *story, const struct met *met)
{
	(void)met;
	walk_end(&story->walk, "drop", "filter",
		 "connection tracking finds it invalid: it belongs to no connection and begins "
		 "none");
}

static void ipv6(struct story *story, const struct met *met)
{
	(void)met;
	walk_end(&story->walk, "drop", "filter", "IPv6 is closed");
}

static void management(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_management(&story->walk);
}

static void forged(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_forged(&story->walk);
}

/* That it came through the tunnel was known when it was routed. */
static void out_of_tunnel(struct story *story, const struct met *met)
{
	const struct object *tunnel = story_element(story, met->text, "ipsec_networks");
	json_t *step;
	size_t last;

	if (!is_in(tunnel, SECTION_IPSEC)) {
		walk_say_out_of_tunnel(&story->walk, or_router(story, tunnel));
		return;
	}
	walk_say_came_through(&story->walk, (const void *)tunnel);
	last = json_array_size(story->walk.steps) - 1;
	step = json_incref(json_array_get(story->walk.steps, last));
	json_array_remove(story->walk.steps, last);
	json_array_insert_new(story->walk.steps, story->n_routed, step);
	walk_say_out_of_tunnel(&story->walk, tunnel);
}

static void translated(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_translated(&story->walk);
}

static void between(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_between(&story->walk);
}

static void out(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_out(&story->walk);
}

static void admitted(struct story *story, const struct met *met)
{
	walk_say_admitted(&story->walk,
			  or_router(story, story_element(story, met->text, "routed")));
}

/* ---- chain input ---- */

static void own_echo(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_heard(&story->walk,
		       story->walk.in ? &story->walk.in->object : router_object(story),
		       "the router answers");
}

static void management_ssh(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_heard(&story->walk,
		       story->walk.in ? &story->walk.in->object : router_object(story),
		       "management reaches SSH");
}

static void loopback(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_heard(&story->walk, router_object(story), "the router speaks to itself");
}

static void neighbour(struct story *story, const struct met *met)
{
	(void)met;
	walk_say_heard(&story->walk, router_object(story), "IPv6 neighbour discovery");
}

static void tunnel_keys(struct story *story, const struct met *met)
{
	walk_say_heard(&story->walk, or_router(story, story_element(story, met->text, NULL)),
		       "the tunnel's peer agrees on keys");
}

static void sealed(struct story *story, const struct met *met)
{
	walk_say_heard(&story->walk, or_router(story, story_element(story, met->text, NULL)),
		       "comes sealed from the tunnel's peer");
}

static void service(struct story *story, const struct met *met)
{
	const struct object *balancer = story_element(story, met->text, "services");

	if (is_in(balancer, SECTION_LOAD_BALANCERS))
		walk_say_listener(&story->walk, balancer);
	else
		walk_say_heard(&story->walk, or_router(story, balancer), "a service hears it");
}

static void dns(struct story *story, const struct met *met)
{
	const struct dns *section = router_dns(story->walk.document);

	(void)met;
	walk_say_heard(&story->walk, section ? &section->object : router_object(story),
		       "DNS is forwarded");
}

static void dhcp(struct story *story, const struct met *met)
{
	walk_say_heard(&story->walk, or_router(story, story_element(story, met->text, "dhcp")),
		       "DHCP is served here");
}

/* ---- chain snat ---- */

static void into_tunnel(struct story *story, const struct met *met)
{
	const struct object *tunnel = story_element(story, met->text, NULL);

	if (is_in(tunnel, SECTION_IPSEC))
		story->walk.into_tunnel = (const void *)tunnel;
}

static void real_source(struct story *story, const struct met *met)
{
	walk_say_real_source(&story->walk, or_router(story, story_element(story, met->text, NULL)));
}

static struct ip_text translated_source(struct story *story)
{
	struct ip_text was = ip_text(&story->walk.packet.from);

	story_look_ahead(story);
	story->snat_told = true;
	return was;
}

static void hairpin(struct story *story, const struct met *met)
{
	struct ip_text was = translated_source(story);

	(void)met;
	if (story->walk.out)
		walk_say_hairpin(&story->walk, &was);
}

static void leaves_as_eip(struct story *story, const struct met *met)
{
	const struct object *eip = story_element(story, met->text, "eip_out");
	struct ip_text was = translated_source(story);

	walk_say_leaves_as_eip(&story->walk, or_router(story, eip), &was);
}

static void leaves_translated(struct story *story, const struct met *met)
{
	const struct object *home = story_element(story, met->text, "snat_sources");
	struct ip_text was = translated_source(story);

	walk_say_leaves_translated(&story->walk, or_router(story, home), &was);
}

/* ---- */

static const struct {
	const char *chain, *order;
	void (*tell)(struct story *story, const struct met *met);
} meanings[] = {
	{ CHAIN_MARK, MARK_SOURCE, way_of_eip },
	{ CHAIN_DNAT, DNAT_EIP, dnat_eip },
	{ CHAIN_DNAT, DNAT_PORT, dnat_port },
	{ CHAIN_DNAT, DNAT_RANGE, dnat_port },
	{ CHAIN_FORWARD, FORWARD_TUNNEL_OUT, tunnel_out },
	{ CHAIN_FORWARD, FORWARD_TUNNEL_FORGED, tunnel_forged },
	{ CHAIN_FORWARD, FORWARD_ESTABLISHED, known },
	{ CHAIN_FORWARD, FORWARD_INVALID, invalid },
	{ CHAIN_FORWARD, FORWARD_IPV6, ipv6 },
	{ CHAIN_FORWARD, FORWARD_FROM_MANAGEMENT, management },
	{ CHAIN_FORWARD, FORWARD_TO_MANAGEMENT, management },
	{ CHAIN_FORWARD, FORWARD_TUNNEL, out_of_tunnel },
	{ CHAIN_FORWARD, FORWARD_FORGED, forged },
	{ CHAIN_FORWARD, FORWARD_DNAT, translated },
	{ CHAIN_FORWARD, FORWARD_PRIVATE, between },
	{ CHAIN_FORWARD, FORWARD_OUT, out },
	{ CHAIN_FORWARD, FORWARD_ROUTED, admitted },
	{ CHAIN_INPUT, INPUT_ESTABLISHED, known_local },
	{ CHAIN_INPUT, INPUT_LOCAL, loopback },
	{ CHAIN_INPUT, INPUT_INVALID, invalid },
	{ CHAIN_INPUT, INPUT_NEIGHBOUR, neighbour },
	{ CHAIN_INPUT, INPUT_IPV6, ipv6 },
	{ CHAIN_INPUT, INPUT_MANAGEMENT_ECHO, own_echo },
	{ CHAIN_INPUT, INPUT_MANAGEMENT_SSH, management_ssh },
	{ CHAIN_INPUT, INPUT_TUNNEL_IKE, tunnel_keys },
	{ CHAIN_INPUT, INPUT_TUNNEL_ESP, sealed },
	{ CHAIN_INPUT, INPUT_FORGED, forged },
	{ CHAIN_INPUT, INPUT_PUBLIC_ECHO, own_echo },
	{ CHAIN_INPUT, INPUT_PUBLIC_SERVICES, service },
	{ CHAIN_INPUT, INPUT_PRIVATE_ECHO, own_echo },
	{ CHAIN_INPUT, INPUT_PRIVATE_DNS, dns },
	{ CHAIN_INPUT, INPUT_PRIVATE_DHCP, dhcp },
	{ CHAIN_INPUT, INPUT_PRIVATE_SERVICES, service },
	{ CHAIN_SNAT, SNAT_TUNNEL, into_tunnel },
	{ CHAIN_SNAT, SNAT_ROUTED, real_source },
	{ CHAIN_SNAT, SNAT_HAIRPIN, hairpin },
	{ CHAIN_SNAT, SNAT_EIP, leaves_as_eip },
	{ CHAIN_SNAT, SNAT_SOURCE, leaves_translated },
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Chains that are an object's own: of a port forward with an allowed CIDR, and of a direction of an
 * interface with its firewall rules. */
static void tell_own_chain(struct story *story, const struct nft_trace_step *step,
			   const struct met *met)
{
	const struct object *owner = story_object(story, met->owner);

	if (begins(step->chain, "pf-"))
		forwarded_by(story, owner);
	else if (is_in(owner, SECTION_FIREWALL))
		walk_say_firewall(&story->walk, (const void *)owner);
	else if (step->verdict == NF_DROP)
		walk_end(&story->walk, "drop", "filter", "%s, a rule that is gone since, drops it",
			 *met->owner ? met->owner : step->chain);
}

void story_tell_rule(struct story *story, const struct nft_trace_step *step)
{
	AUTO(free_ptr) char *chain = mem_format("%s %s", step->table, step->chain);
	struct met met = { .owner = "" };

	met.order = nft_rule_at(agent_nft(story->agent), chain, step->handle, &met.owner);
	met.text = met.order ? story_rule(story, step->chain, met.order) : "";
	for (size_t i = 0; met.order && i < ARRAY_SIZE(meanings); i++) {
		if (strcmp(meanings[i].chain, step->chain) != 0 ||
		    strcmp(meanings[i].order, met.order) != 0)
			continue;
		meanings[i].tell(story, &met);
		return;
	}
	if (begins(step->chain, "pf-") || begins(step->chain, "firewall-") ||
	    begins(step->chain, "states-"))
		tell_own_chain(story, step, &met);
}

/* The end of a port forward's own chain: its source is not allowed. */
void story_tell_return(struct story *story, const struct nft_trace_step *step)
{
	const struct object *forward;

	if (!begins(step->chain, "pf-"))
		return;
	forward = document_find(story->walk.document, SECTION_PORT_FORWARDS, step->chain + 3);
	if (forward)
		walk_say_missed(&story->walk, (const void *)forward);
}

void story_tell_policy(struct story *story, const struct nft_trace_step *step)
{
	if (step->verdict != NF_DROP)
		return;
	if (strcmp(step->chain, CHAIN_FORWARD) == 0)
		walk_say_closed(&story->walk);
	else if (strcmp(step->chain, CHAIN_INPUT) == 0)
		walk_say_unheard(&story->walk);
}
