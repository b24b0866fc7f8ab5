/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What security groups say of a connection: those of who begins it, and of whom it is begun with.
 */
#include <stdio.h>
#include <string.h>

#include "hostnet/explain/walk.h"
#include "lib/base/text.h"

static bool matches(const struct walk *walk, const struct group_rule *rule, const struct ip *peer)
{
	static const int protocols[] = {
		[RULE_TCP] = PACKET_TCP, [RULE_UDP] = PACKET_UDP, [RULE_ICMP] = PACKET_ICMP
	};
	const struct packet *packet = &walk->packet;

	return (rule->protocol == RULE_ALL || protocols[rule->protocol] == packet->protocol) &&
	       (!rule->ports.first ||
		(packet->to_port >= rule->ports.first && packet->to_port <= rule->ports.last)) &&
	       (!rule->peer_cidr.ip.family || prefix_contains(&rule->peer_cidr, peer)) &&
	       (!rule->peer_group ||
		host_has_member(walk->document, host_group(walk->document, rule->peer_group),
				peer));
}

/* Of several that match, the one that the kernel finds first: by their names, IPv6's that are half
 * of a rule last. */
static int order(const struct group_rule *a, const struct group_rule *b, int family)
{
	bool a_last = family == 6 && a->peer_group && !a->peer_cidr.ip.family;
	bool b_last = family == 6 && b->peer_group && !b->peer_cidr.ip.family;

	return a_last != b_last ? a_last - b_last : strcmp(a->uuid, b->uuid);
}

static const struct group_rule *first_match(const struct walk *walk,
					    const struct security_group *group, int direction,
					    const struct ip *peer)
{
	const struct group_rule *rules = group->rules.items, *first = NULL;

	for (size_t i = 0; i < group->rules.n; i++)
		if (rules[i].direction == direction && matches(walk, &rules[i], peer) &&
		    (!first || order(&rules[i], first, peer->family) < 0))
			first = &rules[i];
	return first;
}

/* In the order in which the kernel asks them. */
static const struct security_group *group_at(const struct walk *walk, const struct port *port,
					     size_t i)
{
	const struct combination *combination = port->combination;

	return combination && i < combination->n
		       ? host_group(walk->document, combination->groups[i])
		       : NULL;
}

static struct text names_of(const struct port *port)
{
	char *const *groups = port->security_groups.items;
	struct text text = TEXT_NONE;

	for (size_t i = 0; i < port->security_groups.n; i++)
		text_format(&text, "%s%s", i ? ", " : "", groups[i]);
	return text;
}

/* "tcp 20-100 from 10.0.0.0/8 in group web" */
static struct text rule_text(const struct group_rule *rule)
{
	static const char *const protocols[] = { "all", "tcp", "udp", "icmp" };
	const char *side = rule->direction == RULE_INGRESS ? "from" : "to";
	struct text text = TEXT_NONE;

	text_format(&text, "%s %s", rule->direction == RULE_INGRESS ? "ingress" : "egress",
		    protocols[rule->protocol]);
	if (rule->ports.first)
		text_format(&text, " %s", port_range_text(&rule->ports).s);
	if (rule->peer_cidr.ip.family)
		text_format(&text, " %s %s", side, prefix_text(&rule->peer_cidr).s);
	if (rule->peer_group)
		text_format(&text, " %s members of %s",
			    rule->peer_cidr.ip.family ? "that are" : side, rule->peer_group);
	return text;
}

void walk_say_rule(struct walk *walk, const struct security_group *group,
		   const struct group_rule *rule, bool answers)
{
	AUTO(text_clear) struct text text = rule_text(rule);

	walk_step(walk, &group->object, rule->direction == RULE_INGRESS ? "ingress" : "egress",
		  answers ? "%s of %s allowed what it answers: %s" : "%s of %s allows it: %s",
		  rule->uuid, group->object.uuid, text_view(&text));
}

void walk_say_not_let_out(struct walk *walk, const struct port *port)
{
	const struct security_group *strict =
		port->combination ? combination_strict(walk->document, port->combination) : NULL;

	if (strict)
		walk_end(walk, &strict->object, "drop", "egress",
			 "%s has egress rules, and none of the port's groups has one for %s",
			 strict->object.uuid, walk_destination(walk).s);
}

void walk_say_free(struct walk *walk, const struct port *port)
{
	AUTO(text_clear) struct text names = names_of(port);

	walk_step(walk, &port->object, "egress",
		  "none of its groups (%s) has an egress rule of its own: all goes out",
		  text_view(&names));
}

void walk_say_not_let_in(struct walk *walk, const struct port *port)
{
	AUTO(text_clear) struct text names = names_of(port);

	walk_end(walk, &port->object, "drop", "ingress",
		 "none of its groups (%s) has an ingress rule for %s from %s", text_view(&names),
		 walk_destination(walk).s, ip_text(&walk->packet.from).s);
}

void walk_say_any_rules(struct walk *walk, const struct port *port)
{
	walk_step(walk, &port->object, "filter",
		  "DHCP, and the responder of its network, pass under any rules of its groups");
}

static bool is_dhcp(const struct packet *packet, int64_t from, int64_t to)
{
	int64_t more = packet->to.family == 6 ? 546 - 68 : 0; /* 546 is the client there. */

	if (more) {
		from = from == 68 ? 546 : 547;
		to = to == 68 ? 546 : 547;
	}
	return packet->protocol == PACKET_UDP && packet->from_port == from && packet->to_port == to;
}

void walk_egress(struct walk *walk)
{
	const struct port *port = walk->in;
	const struct security_group *group;

	if (!port || !port->security_groups.n)
		return;
	if (!combination_strict(walk->document, port->combination)) {
		walk_say_free(walk, port);
		return;
	}
	for (size_t i = 0; (group = group_at(walk, port, i)); i++) {
		const struct group_rule *rule =
			first_match(walk, group, RULE_EGRESS, &walk->packet.to);

		if (rule) {
			walk_say_rule(walk, group, rule, false);
			return;
		}
	}
	if (is_dhcp(&walk->packet, 68, 67) || port_served(walk->document, port, &walk->packet.to))
		walk_say_any_rules(walk, port);
	else
		walk_say_not_let_out(walk, port);
}

void walk_ingress(struct walk *walk)
{
	const struct port *port = walk->out;
	const struct security_group *group;

	if (!port || !port->security_groups.n)
		return;
	for (size_t i = 0; (group = group_at(walk, port, i)); i++) {
		const struct group_rule *rule =
			first_match(walk, group, RULE_INGRESS, &walk->packet.from);

		if (rule) {
			walk_say_rule(walk, group, rule, false);
			return;
		}
	}
	if (is_dhcp(&walk->packet, 67, 68) || port_served(walk->document, port, &walk->packet.from))
		walk_say_any_rules(walk, port);
	else
		walk_say_not_let_in(walk, port);
}
