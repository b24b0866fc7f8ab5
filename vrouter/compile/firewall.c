/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall.c - the user's own rules of an interface and direction, in the order of their priority.
 *
 * New connections are judged behind the stage that lets known ones pass. A rule with states that
 * known (or invalid) packets have stands before that stage too, in a second chain, so that only who
 * has such rules pays for them. "accept" leaves the stage: the router's own filter comes behind. */
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

enum state { STATE_NEW, STATE_ESTABLISHED, STATE_RELATED, STATE_INVALID };

static const char *const state_names[] = { "new", "established", "related", "invalid" };
static const char *const direction_names[] = { "in", "out" };

static bool has_state(const struct firewall_rule *rule, int state)
{
	const int *states = rule->states.items;

	for (size_t i = 0; i < rule->states.n; i++)
		if (states[i] == state)
			return true;
	return false;
}

static bool judges_new(const struct firewall_rule *rule)
{
	return rule->states.n == 0 || has_state(rule, STATE_NEW);
}

static bool judges_known(const struct firewall_rule *rule)
{
	for (int state = STATE_ESTABLISHED; state <= STATE_INVALID; state++)
		if (has_state(rule, state))
			return true;
	return false;
}

struct firewall_stages firewall_stages_of(const struct document *document)
{
	struct firewall_stages stages = { 0 };
	const struct object *object;

	section_for_each (document, SECTION_FIREWALL, object) {
		const struct firewall_rule *rule = (const void *)object;

		stages.direction[rule->direction] |= judges_new(rule);
		stages.states[rule->direction] |= judges_known(rule);
	}
	return stages;
}

/* Of one interface and direction; 'states': the one that known packets go through. */
static char *chain_name(const char *interface, int direction, bool states)
{
	return mem_format("%s-%s-%s", states ? "states" : "firewall", direction_names[direction],
			  interface);
}

static void say_chain_of(const struct compiler *compiler, const struct place *place, int direction,
			 bool states)
{
	const char *owner = place->interface->object.uuid;
	AUTO(free_ptr) char *chain = chain_name(owner, direction, states);
	AUTO(free_ptr) char *jump = mem_format("jump %s", chain);
	AUTO(free_ptr)
	char *map =
		mem_format("firewall_%s%s", direction_names[direction], states ? "_states" : "");

	say_chain(compiler, owner, "", "%s", chain);
	say_element(compiler, owner, map, jump, "%s", place->link->name);
}

static bool is_firewall_rule(const struct object *object)
{
	return strcmp(object->section->name, SECTION_FIREWALL) == 0;
}

void compile_firewall_interface(const struct compiler *compiler, const struct place *place)
{
	const struct object *interface = &place->interface->object;
	struct firewall_stages stages = { 0 };

	for (size_t i = 0; i < document_user_count(interface); i++) {
		const struct firewall_rule *rule = (const void *)document_user(interface, i);

		if (!is_firewall_rule(document_user(interface, i)))
			continue;
		stages.direction[rule->direction] |= judges_new(rule);
		stages.states[rule->direction] |= judges_known(rule);
	}
	for (int direction = FIREWALL_IN; direction <= FIREWALL_OUT; direction++) {
		if (stages.direction[direction])
			say_chain_of(compiler, place, direction, false);
		if (stages.states[direction])
			say_chain_of(compiler, place, direction, true);
	}
}

static void add_addresses(const struct firewall_rule *rule, struct text *text)
{
	if (rule->source.length > 0)
		text_format(text, "ip saddr %s ", network_text(&rule->source).s);
	if (rule->destination.length > 0)
		text_format(text, "ip daddr %s ", network_text(&rule->destination).s);
}

/* Adds the ranges of a list to a set; those that overlap or touch become one. */
static void say_ports(const struct compiler *compiler, const char *owner, const char *set,
		      const struct field_list *list)
{
	const struct port_range *ranges = list->items;
	unsigned int from = 0;

	say_set(compiler, owner, "set inet_service interval", "%s", set);
	for (;;) {
		const struct port_range *first = NULL;
		struct port_range range;
		bool grew = true;

		for (size_t i = 0; i < list->n; i++)
			if (ranges[i].first >= from && (!first || ranges[i].first < first->first))
				first = &ranges[i];
		if (!first)
			return;
		range = *first;
		while (grew) {
			grew = false;
			for (size_t i = 0; i < list->n; i++)
				if (ranges[i].first >= range.first &&
				    ranges[i].first <= range.last + 1U &&
				    ranges[i].last > range.last) {
					range.last = ranges[i].last;
					grew = true;
				}
		}
		say_element(compiler, owner, set, "", "%s", port_range_text(&range).s);
		from = range.last + 1U;
	}
}

/* "tcp sport" or "tcp dport" with what it is compared with. */
static void add_ports(const struct compiler *compiler, const struct firewall_rule *rule,
		      const struct field_list *list, const char *side, struct text *text)
{
	const char *protocol = rule->protocol == FIREWALL_TCP ? "tcp" : "udp";
	const struct port_range *ranges = list->items;
	AUTO(free_ptr) char *set = NULL;

	if (list->n == 0)
		return;
	if (list->n == 1) {
		text_format(text, "%s %s %s ", protocol, side, port_range_text(ranges).s);
		return;
	}
	set = mem_format("firewall-%s-%s", side, rule->object.uuid);
	say_ports(compiler, rule->object.uuid, set, list);
	text_format(text, "%s %s @%s ", protocol, side, set);
}

static void add_protocol(const struct compiler *compiler, const struct firewall_rule *rule,
			 struct text *text)
{
	static const char *const names[] = {
		[FIREWALL_TCP] = "tcp",
		[FIREWALL_UDP] = "udp",
		[FIREWALL_ICMP] = "icmp",
	};

	if (rule->protocol == FIREWALL_ALL)
		return;
	if (rule->source_ports.n == 0 && rule->destination_ports.n == 0)
		text_format(text, "meta l4proto %s ", names[rule->protocol]);
	add_ports(compiler, rule, &rule->source_ports, "sport", text);
	add_ports(compiler, rule, &rule->destination_ports, "dport", text);
}

static void add_states(const struct firewall_rule *rule, struct text *text)
{
	const char *separator = "ct state ";

	for (int state = STATE_ESTABLISHED; state <= STATE_INVALID; state++)
		if (has_state(rule, state)) {
			text_format(text, "%s%s", separator, state_names[state]);
			separator = ",";
		}
	text_add(text, " ");
}

static const char *verdict_of(const struct firewall_rule *rule)
{
	if (rule->action == FIREWALL_ACCEPT)
		return "return";
	if (rule->action == FIREWALL_DROP)
		return "drop";
	return rule->protocol == FIREWALL_TCP ? "reject tcp-reset" : "reject";
}

static void say_in_chain(const struct compiler *compiler, const struct firewall_rule *rule,
			 const char *match, bool states)
{
	AUTO(free_ptr) char *chain = chain_name(rule->interface, rule->direction, states);
	AUTO(text_clear) struct text text = TEXT_NONE;
	char order[24];

	if (states)
		add_states(rule, &text);
	snprintf(order, sizeof(order), "%04lld", (long long)rule->priority);
	say_rule(compiler, rule->object.uuid, chain, order, "%s%s%s", text_view(&text), match,
		 verdict_of(rule));
}

void compile_firewall(const struct compiler *compiler, const struct object *object)
{
	const struct firewall_rule *rule = (const void *)object;
	const struct interface *interface =
		(const void *)document_find(compiler->document, SECTION_INTERFACES,
					    rule->interface);
	AUTO(text_clear) struct text match = TEXT_NONE;
	struct err why = ERR_NONE;
	struct place place;

	if (rule->source.ip.family == 6 || rule->destination.ip.family == 6) {
		notes_say(compiler->notes, object->uuid, NOTE_NOT_SUPPORTED, "ipv6_routing");
		return;
	}
	if (!interface || interface_place(compiler->facts, interface, &place, &why) < 0) {
		err_in(&why, "interface %s", rule->interface);
		say_rest(compiler, object, &why);
		return;
	}
	add_addresses(rule, &match);
	add_protocol(compiler, rule, &match);
	if (judges_new(rule))
		say_in_chain(compiler, rule, text_view(&match), false);
	if (judges_known(rule))
		say_in_chain(compiler, rule, text_view(&match), true);
}
