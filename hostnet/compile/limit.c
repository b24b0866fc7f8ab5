/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limit.c - how fast elastic IPs are: a class of traffic control for each rule and direction.
 *
 * Packets wait where they leave a leg's inner end: up at the public network's, down at the guest's.
 * The legs' table says a packet's class, first that of all the address carries, then the port's. A
 * port that has a rule is that rule's, also where it has no limit. */
#include "lib/compile/limit.h"

#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

#define PORT_TYPE "map ether_addr . inet_proto . inet_service : classid"
#define UP_PORT   "concat( ether daddr . meta l4proto . th sport )"
#define DOWN_PORT "concat( ether saddr . meta l4proto . th dport )"

void compile_limit_chains(const struct compiler *compiler, const char *owner)
{
	struct compiler legs = leg_compiler(compiler);

	say_set(&legs, owner, "map ether_addr : classid", "limit_up");
	say_set(&legs, owner, "map ether_addr : classid", "limit_down");
	say_set(&legs, owner, PORT_TYPE, "limit_up_port");
	say_set(&legs, owner, PORT_TYPE, "limit_down_port");
	say_rule(&legs, owner, CHAIN_LEG, LEG_LIMIT, "meta priority set ether daddr map @limit_up");
	say_rule(&legs, owner, CHAIN_LEG, LEG_LIMITS,
		 "meta priority set " UP_PORT " map @limit_up_port");
	say_rule(&legs, owner, CHAIN_EIP_IN, EIP_ANEW, "meta priority set 0:0");
	say_rule(&legs, owner, CHAIN_EIP_IN, EIP_LIMIT,
		 "meta priority set ether saddr map @limit_down");
	say_rule(&legs, owner, CHAIN_EIP_IN, EIP_LIMITS,
		 "meta priority set " DOWN_PORT " map @limit_down_port");
}

/* Which directions any of its rules limits. */
struct use {
	bool up, down;
};

static struct use use_of(const struct host_eip *eip)
{
	const struct host_eip_qos *rules = eip->qos.items;
	struct use use = { false, false };

	for (size_t i = 0; i < eip->qos.n; i++) {
		use.up |= rules[i].up_mbps > 0;
		use.down |= rules[i].down_mbps > 0;
	}
	return use;
}

static struct use use_by(const struct object *object)
{
	struct use use = { false, false };

	for (size_t i = 0; i < document_user_count(object) && !(use.up && use.down); i++) {
		const struct object *user = document_user(object, i);

		if (strcmp(user->section->name, SECTION_EIPS) == 0) {
			struct use other = use_of((const void *)user);

			use.up |= other.up;
			use.down |= other.down;
		}
	}
	return use;
}

void compile_leg_limits(const struct compiler *compiler, const struct l2_network *l2,
			const struct leg *leg)
{
	bool used = false;

	for (size_t i = 0; i < document_user_count(&l2->object) && !used; i++) {
		const struct object *user = document_user(&l2->object, i);

		if (strcmp(user->section->name, SECTION_L3_NETWORKS) == 0)
			used = use_by(user).up;
		else
			used = use_by(user).down;
	}
	if (used && facts_supports(compiler->facts, "htb", NULL))
		say_limit_root(compiler, l2->object.uuid, leg->inner, 0);
}

static void say_class(const struct compiler *legs, const struct host_eip *eip,
		      const struct host_eip_qos *rule, const struct mac *mac, const char *set,
		      int64_t mbps)
{
	AUTO(free_ptr) char *class = mem_format(LIMIT_ROOT "%x", mbps ? rule->minor : 0);
	const char *owner = eip->object.uuid;

	if (!rule->port.first && mbps)
		say_element(legs, owner, set, class, "%s", mac_text(mac).s);
	if (!rule->port.first)
		return;
	/* A port is meant of both protocols that have ports. */
	for (size_t i = 0; i < 2; i++) {
		AUTO(free_ptr) char *of_port = mem_format("%s_port", set);

		say_element(legs, owner, of_port, class, "%s . %s . %u", mac_text(mac).s,
			    i ? "udp" : "tcp", rule->port.first);
	}
}

void compile_eip_limits(const struct compiler *compiler, const struct host_eip *eip,
			const struct mac *mac, const struct leg *public, const struct leg *private)
{
	const struct host_eip_qos *rules = eip->qos.items;
	struct compiler legs = leg_compiler(compiler);
	const char *owner = eip->object.uuid;

	if (eip->qos.n && !facts_supports(compiler->facts, "htb", NULL)) {
		/* The address serves, its limits do not hold. */
		notes_say(compiler->notes, owner, NOTE_NOT_SUPPORTED, "qos");
		return;
	}
	for (size_t i = 0; i < eip->qos.n; i++) {
		if (rules[i].up_mbps)
			say_limit(compiler, owner, public->inner, rules[i].minor,
				  (uint64_t)rules[i].up_mbps * LIMIT_KBIT_IN_MBIT);
		if (rules[i].down_mbps)
			say_limit(compiler, owner, private->inner, rules[i].minor,
				  (uint64_t)rules[i].down_mbps * LIMIT_KBIT_IN_MBIT);
		say_class(&legs, eip, &rules[i], mac, "limit_up", rules[i].up_mbps);
		say_class(&legs, eip, &rules[i], mac, "limit_down", rules[i].down_mbps);
	}
}
