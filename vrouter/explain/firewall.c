/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's firewall rules that a new connection meets. */
#include <string.h>

#include "vrouter/explain/walk.h"

/* STATE_NEW is the first of the choices. */
static bool judges_new(const struct firewall_rule *rule)
{
	const int *states = rule->states.items;

	for (size_t i = 0; i < rule->states.n; i++)
		if (states[i] == 0)
			return true;
	return rule->states.n == 0;
}

static bool has_port(const struct field_list *list, int64_t port)
{
	const struct port_range *ranges = list->items;

	for (size_t i = 0; i < list->n; i++)
		if (port >= ranges[i].first && port <= ranges[i].last)
			return true;
	return list->n == 0;
}

static bool has_address(const struct prefix *prefix, const struct ip *ip)
{
	return !prefix->ip.family || prefix_contains(prefix, ip);
}

static bool matches(const struct firewall_rule *rule, const struct packet *packet)
{
	static const int protocols[] = {
		[FIREWALL_TCP] = PACKET_TCP,
		[FIREWALL_UDP] = PACKET_UDP,
		[FIREWALL_ICMP] = PACKET_ICMP,
	};

	return judges_new(rule) &&
	       (rule->protocol == FIREWALL_ALL || protocols[rule->protocol] == packet->protocol) &&
	       has_address(&rule->source, &packet->from) &&
	       has_address(&rule->destination, &packet->to) &&
	       has_port(&rule->source_ports, packet->from_port) &&
	       has_port(&rule->destination_ports, packet->to_port);
}

static const struct firewall_rule *first_match(const struct walk *walk,
					       const struct interface *interface, int direction)
{
	const struct firewall_rule *first = NULL;

	for (size_t i = 0; i < document_user_count(&interface->object); i++) {
		const struct object *user = document_user(&interface->object, i);
		const struct firewall_rule *rule = (const void *)user;

		if (strcmp(user->section->name, SECTION_FIREWALL) == 0 &&
		    rule->direction == direction && matches(rule, &walk->packet) &&
		    (!first || rule->priority < first->priority))
			first = rule;
	}
	return first;
}

void walk_say_firewall(struct walk *walk, const struct firewall_rule *rule)
{
	static const char *const verdicts[] = { "accept", "drop", "reject" };

	walk_step(walk, &rule->object, "firewall", "%s %s of %s, priority %lld: %s",
		  rule->object.uuid, rule->direction == FIREWALL_IN ? "in" : "out", rule->interface,
		  (long long)rule->priority, verdicts[rule->action]);
	if (rule->action != FIREWALL_ACCEPT)
		walk->verdict = verdicts[rule->action];
}

static void judge(struct walk *walk, const struct interface *interface, int direction)
{
	const struct firewall_rule *rule = first_match(walk, interface, direction);

	if (rule)
		walk_say_firewall(walk, rule);
}

void walk_firewall(struct walk *walk)
{
	if (walk->in)
		judge(walk, walk->in, FIREWALL_IN);
	if (walk->in && walk->out && !walk->verdict)
		judge(walk, walk->out, FIREWALL_OUT);
}
