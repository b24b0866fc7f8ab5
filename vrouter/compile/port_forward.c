/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port_forward.c - ports of a VIP that lead to a guest.
 *
 * Where ports keep their numbers a range is one element, else each port is. A rule with an allowed
 * CIDR has a chain of its own that asks for the source first. */
#include "vrouter/compile/compile.h"
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

#define VIP_PORT "concat( ip daddr . meta l4proto . th dport )"

struct forward {
	const struct port_forward *object;
	const char *owner;
	const char *protocol;
	struct ip_text vip, target;
	struct port_range to; /* The target's ports, always given. */
	bool single, shifted;
};

static bool is_restricted(const struct forward *forward)
{
	return forward->object->allowed_cidr.length > 0;
}

void compile_dnat(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *order, *rule;
	} rules[] = {
		{ DNAT_MANAGEMENT, "meta iifname @management return" },
		{ DNAT_EIP, "dnat ip to ip daddr map @eip_in" },
		{ DNAT_PORT, "dnat ip to " VIP_PORT " map @pf" },
		{ DNAT_RANGE, "dnat ip to " VIP_PORT " map @pf_range" },
		{ DNAT_RESTRICTED, VIP_PORT " vmap @pf_restricted" },
		{ DNAT_RESTRICTED_RANGE, VIP_PORT " vmap @pf_restricted_range" },
	};

	say_chain(compiler, owner, "nat prerouting -100 accept", CHAIN_DNAT);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, CHAIN_DNAT, rules[i].order, "%s", rules[i].rule);
}

/* Port by port, each with the port that it becomes. */
static void say_ports(const struct compiler *compiler, const struct forward *forward,
		      const char *map)
{
	const struct port_range *from = &forward->object->vip_ports;

	for (unsigned int i = 0; i <= (unsigned int)(from->last - from->first); i++) {
		AUTO(free_ptr)
		char *data = mem_format("%s . %u", forward->target.s, forward->to.first + i);

		say_element(compiler, forward->owner, map, data, "%s . %s . %u", forward->vip.s,
			    forward->protocol, from->first + i);
	}
}

static void say_range(const struct compiler *compiler, const struct forward *forward,
		      const char *map, const char *data)
{
	say_element(compiler, forward->owner, map, data, "%s . %s . %s", forward->vip.s,
		    forward->protocol, port_range_text(&forward->object->vip_ports).s);
}

static void say_open(const struct compiler *compiler, const struct forward *forward)
{
	if (forward->single || forward->shifted)
		say_ports(compiler, forward, "pf");
	else
		say_range(compiler, forward, "pf_range", forward->target.s);
}

/* The chain's verdict for every port; a shifted range is a range all the same here. */
static void say_restricted(const struct compiler *compiler, const struct forward *forward)
{
	AUTO(free_ptr) char *chain = mem_format("pf-%s", forward->owner);
	AUTO(free_ptr) char *jump = mem_format("jump %s", chain);
	AUTO(free_ptr) char *to = NULL;

	if (forward->shifted && !forward->single) {
		say_ports(compiler, forward, "pf_shifted");
		to = mem_text(VIP_PORT " map @pf_shifted");
	} else if (forward->shifted) {
		to = mem_format("%s:%u", forward->target.s, forward->to.first);
	} else {
		to = mem_text(forward->target.s);
	}
	say_chain(compiler, forward->owner, "", "%s", chain);
	say_rule(compiler, forward->owner, chain, "0100", "ip saddr %s dnat ip to %s",
		 network_text(&forward->object->allowed_cidr).s, to);
	say_range(compiler, forward, forward->single ? "pf_restricted" : "pf_restricted_range",
		  jump);
}

/* A change of what the tracked connections were made by makes another key: they are cut then,
 * though ports and target in the value are the same. */
static void say_connections(const struct compiler *compiler, const struct forward *forward)
{
	const struct prefix *allowed = &forward->object->allowed_cidr;
	AUTO(free_ptr)
	char *value = mem_format("dnat %s %s %s to %s", forward->vip.s, forward->protocol,
				 port_range_text(&forward->object->vip_ports).s, forward->target.s);

	say(compiler, forward->owner, "connections", value, "%s/%s%s%s", forward->owner,
	    port_range_text(&forward->to).s, is_restricted(forward) ? "/" : "",
	    is_restricted(forward) ? network_text(allowed).s : "");
}

void compile_port_forward(const struct compiler *compiler, const struct object *object)
{
	const struct port_forward *wanted = (const void *)object;
	struct forward forward = { wanted, object->uuid, .to = wanted->target_ports };
	const struct port_range *from = &wanted->vip_ports;
	struct err why = ERR_NONE;
	struct place vip, guest;

	if (port_forward_place(compiler->document, compiler->facts, wanted, &vip, &guest, &why) <
	    0) {
		say_rest(compiler, object, &why);
		return;
	}
	forward.protocol = wanted->protocol == PROTOCOL_TCP ? "tcp" : "udp";
	forward.vip = ip_text(&router_vip(compiler->document, wanted->vip)->address);
	forward.target = ip_text(&wanted->target);
	if (!forward.to.first)
		forward.to = *from;
	forward.single = from->first == from->last;
	forward.shifted = forward.to.first != from->first;
	if (is_restricted(&forward))
		say_restricted(compiler, &forward);
	else
		say_open(compiler, &forward);
	say_connections(compiler, &forward);
	router_count_object(compiler->document, object, compiler->items);
}
