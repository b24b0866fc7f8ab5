/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group.c - a security group: its members as sets, its rules as chains, which the ports that are in
 * it go through.
 *
 * Rules look at how a connection was begun (ct original), not at the packet: packets of both
 * directions find the same rule. One that goes away ends its connections with that, and there is
 * nothing to be looked for and cut. A change of a group is seen nowhere but in its own items. */
#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"
#include "lib/base/text.h"

bool has_groups(const struct compiler *compiler)
{
	return facts_supports(compiler->facts, "bridge_conntrack", NULL);
}

static void add_protocol(struct text *text, const struct group_rule *rule, int family)
{
	switch ((enum rule_protocol)rule->protocol) {
	case RULE_ALL:
		return;
	case RULE_TCP:
		text_add(text, "ct original protocol tcp ");
		break;
	case RULE_UDP:
		text_add(text, "ct original protocol udp ");
		break;
	case RULE_ICMP:
		text_format(text, "ct original protocol %s ",
			    family == 4   ? "icmp"
			    : family == 6 ? "ipv6-icmp"
					  : "icmp,ipv6-icmp");
		break;
	}
	if (rule->ports.first)
		text_format(text, "ct original proto-dst %s ", port_range_text(&rule->ports).s);
}

/* 'family' 0: of both, which a rule without peers is. */
static void say_allowed(const struct compiler *compiler, const struct security_group *group,
			const struct group_rule *rule, int family, const char *order)
{
	const char *ip = family == 6 ? "ip6" : "ip";
	bool ingress = rule->direction == RULE_INGRESS;
	const char *peer = ingress ? "saddr" : "daddr";
	AUTO(text_clear) struct text text = TEXT_NONE;
	AUTO(free_ptr)
	char *chain = mem_format("%s.%s", ingress ? "ingress" : "egress", group->object.uuid);
	AUTO(free_ptr) char *place = mem_format("%s%s", order, rule->uuid);

	add_protocol(&text, rule, family);
	if (rule->peer_cidr.ip.family)
		text_format(&text, "ct original %s %s %s ", ip, peer,
			    network_text(&rule->peer_cidr).s);
	if (rule->peer_group)
		text_format(&text, "ct original %s %s @members%s.%s ", ip, peer,
			    family == 6 ? "6" : "", rule->peer_group);
	say_rule(compiler, group->object.uuid, chain, place, "%saccept", text_view(&text));
}

static void say_group_rule(const struct compiler *compiler, const struct security_group *group,
			   const struct group_rule *rule)
{
	if (rule->peer_group && !rule->peer_cidr.ip.family) {
		say_allowed(compiler, group, rule, 4, GROUP_RULE);
		say_allowed(compiler, group, rule, 6, GROUP_RULE_6);
	} else {
		say_allowed(compiler, group, rule, rule->peer_cidr.ip.family, GROUP_RULE);
	}
}

void say_member(const struct compiler *compiler, const char *group, const struct ip *address)
{
	AUTO(free_ptr)
	char *set = mem_format("members%s.%s", address->family == 6 ? "6" : "", group);

	say_element(compiler, group, set, "", "%s", ip_text(address).s);
}

static void say_members(const struct compiler *compiler, const struct security_group *group)
{
	const struct ip *members = group->members.items;
	const char *owner = group->object.uuid;

	say_set(compiler, owner, "set ipv4_addr", "members.%s", owner);
	say_set(compiler, owner, "set ipv6_addr", "members6.%s", owner);
	for (size_t i = 0; i < group->members.n; i++)
		say_member(compiler, owner, &members[i]);
}

void compile_group_member(const struct compiler *compiler, const struct object *object)
{
	const struct group_member *member = (const void *)object;

	if (has_groups(compiler))
		say_member(compiler, member->group, &member->address);
}

void compile_group(const struct compiler *compiler, const struct object *object)
{
	const struct security_group *group = (const void *)object;
	const struct group_rule *rules = group->rules.items;
	const char *owner = object->uuid;

	if (!has_groups(compiler)) {
		notes_say(compiler->notes, owner, NOTE_NOT_SUPPORTED, "bridge_conntrack");
		return;
	}
	say_members(compiler, group);
	say_chain(compiler, owner, "", "ingress.%s", owner);
	say_chain(compiler, owner, "", "egress.%s", owner);
	for (size_t i = 0; i < group->rules.n; i++)
		say_group_rule(compiler, group, &rules[i]);
}
