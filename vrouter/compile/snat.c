/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snat.c - as whom guests are seen outside, and by each other when they speak through a VIP. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

void compile_snat(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *order, *rule;
	} rules[] = {
		{ SNAT_ROUTED, "concat( meta oifname . ip daddr ) @routed return" },
		/* Or the target would answer its neighbour directly, from the wrong address. */
		{ SNAT_HAIRPIN,
		  "ct status dnat concat( ip saddr . ip daddr ) @hairpin masquerade" },
		{ SNAT_EIP, "snat ip to concat( meta oifname . ip saddr ) map @eip_out" },
		{ SNAT_SOURCE, "ip saddr @snat_sources snat ip to meta oifname map @snat_address" },
	};

	say_chain(compiler, owner, "nat postrouting 100 accept", CHAIN_SNAT);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, CHAIN_SNAT, rules[i].order, "%s", rules[i].rule);
}

static void say_private(const struct compiler *compiler, const struct interface *interface)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++) {
		struct prefix_text network = network_text(address);

		if (address->ip.family != 4 || !interface_is_outermost(interface, i))
			continue;
		say_element(compiler, interface->object.uuid, "hairpin", "", "%s . %s", network.s,
			    network.s);
		if (interface->snat)
			say_element(compiler, interface->object.uuid, "snat_sources", "", "%s",
				    network.s);
	}
}

void compile_snat_interface(const struct compiler *compiler, const struct place *place)
{
	const struct interface *interface = place->interface;
	const struct prefix *address = interface_main_address(interface);

	if (interface->role == ROLE_PRIVATE)
		say_private(compiler, interface);
	else if (interface->role == ROLE_PUBLIC && address)
		say_element(compiler, interface->object.uuid, "snat_address",
			    ip_text(&address->ip).s, "%s", place->link->name);
}
