/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.c - who may pass, and who may speak to the router itself: both closed but for what stands
 * here and in the sets. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

static const char *const firewall_dispatch[] = {
	[FIREWALL_IN] = "meta iifname vmap @firewall_in",
	[FIREWALL_OUT] = "meta oifname vmap @firewall_out",
};
static const char *const firewall_states_dispatch[] = {
	[FIREWALL_IN] = "meta iifname vmap @firewall_in_states",
	[FIREWALL_OUT] = "meta oifname vmap @firewall_out_states",
};

/* A stage that no firewall rule is in costs no packet anything. */
static void say_firewall(const struct compiler *compiler, const char *owner)
{
	static const char *const orders[] = { FORWARD_FIREWALL_IN, FORWARD_FIREWALL_OUT };
	static const char *const states_orders[] = { FORWARD_FIREWALL_IN_STATES,
						     FORWARD_FIREWALL_OUT_STATES };
	static const char *const maps[] = { "firewall_in", "firewall_out" };
	struct firewall_stages stages = firewall_stages_of(compiler->document);

	for (int direction = FIREWALL_IN; direction <= FIREWALL_OUT; direction++) {
		if (stages.direction[direction]) {
			say_set(compiler, owner, "map ifname : verdict", "%s", maps[direction]);
			say_rule(compiler, owner, CHAIN_FORWARD, orders[direction], "%s",
				 firewall_dispatch[direction]);
		}
		if (stages.states[direction]) {
			say_set(compiler, owner, "map ifname : verdict", "%s_states",
				maps[direction]);
			say_rule(compiler, owner, CHAIN_FORWARD, states_orders[direction], "%s",
				 firewall_states_dispatch[direction]);
		}
	}
	if (stages.direction[FIREWALL_IN])
		say_rule(compiler, owner, CHAIN_INPUT, INPUT_FIREWALL, "%s",
			 firewall_dispatch[FIREWALL_IN]);
	if (stages.states[FIREWALL_IN])
		say_rule(compiler, owner, CHAIN_INPUT, INPUT_FIREWALL_STATES, "%s",
			 firewall_states_dispatch[FIREWALL_IN]);
}

void compile_forward(const struct compiler *compiler, const struct router *router)
{
	static const struct {
		const char *order, *rule;
	} rules[] = {
		{ FORWARD_ESTABLISHED, "ct state established,related accept" },
		{ FORWARD_INVALID, "ct state invalid drop" },
		{ FORWARD_IPV6, "meta nfproto ipv6 drop" },
		{ FORWARD_FROM_MANAGEMENT, "meta iifname @management drop" },
		{ FORWARD_TO_MANAGEMENT, "meta oifname @management drop" },
		{ FORWARD_FORGED, "meta iifname @public ip saddr @private_networks drop" },
		{ FORWARD_DNAT, "ct status dnat accept" },
		{ FORWARD_PRIVATE, "meta iifname @private meta oifname @private accept" },
		{ FORWARD_OUT, "meta iifname @private meta oifname @public accept" },
		{ FORWARD_ROUTED, "meta oifname @private"
				  " concat( meta iifname . ip saddr ) @routed accept" },
	};
	const char *owner = router->object.uuid;

	say_chain(compiler, owner, "filter forward 0 drop", CHAIN_FORWARD);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, CHAIN_FORWARD, rules[i].order, "%s", rules[i].rule);
	say_firewall(compiler, owner);
}

#define AT_SERVICE " concat( ip daddr . meta l4proto . th dport ) @services accept"

void compile_input(const struct compiler *compiler, const struct router *router)
{
	static const struct {
		const char *order, *rule;
	} rules[] = {
		{ INPUT_ESTABLISHED, "ct state established,related accept" },
		{ INPUT_LOCAL, "meta iifname lo accept" },
		{ INPUT_INVALID, "ct state invalid drop" },
		{ INPUT_NEIGHBOUR, "icmpv6 type nd-neighbor-solicit,nd-neighbor-advert accept" },
		{ INPUT_IPV6, "meta nfproto ipv6 drop" },
		{ INPUT_MANAGEMENT_ECHO, "meta iifname @management ip daddr @management_addresses"
					 " icmp type echo-request accept" },
		{ INPUT_MANAGEMENT_SSH, "meta iifname @management ip daddr @management_addresses"
					" tcp dport 22 accept" },
		{ INPUT_FORGED, "meta iifname @public ip saddr @private_networks drop" },
		{ INPUT_PUBLIC_ECHO, "meta iifname @public ip daddr @public_addresses"
				     " icmp type echo-request accept" },
		{ INPUT_PUBLIC_SERVICES, "meta iifname @public" AT_SERVICE },
		{ INPUT_PRIVATE_ECHO, "meta iifname @private ip daddr @private_addresses"
				      " icmp type echo-request accept" },
		{ INPUT_PRIVATE_DHCP, "meta iifname @dhcp udp dport 67 accept" },
	};
	const char *owner = router->object.uuid;

	say_chain(compiler, owner, "filter input 0 drop", CHAIN_INPUT);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, CHAIN_INPUT, rules[i].order, "%s", rules[i].rule);
	if (router->private_default == PRIVATE_ACCEPT)
		say_rule(compiler, owner, CHAIN_INPUT, INPUT_PRIVATE_SERVICES,
			 "meta iifname @private" AT_SERVICE);
}

void compile_dns_door(const struct compiler *compiler, const struct dns *dns)
{
	if (dns->forwarders.n > 0)
		say_rule(compiler, dns->object.uuid, CHAIN_INPUT, INPUT_PRIVATE_DNS,
			 "meta iifname @private ip daddr @private_addresses"
			 " meta l4proto tcp,udp th dport 53 accept");
}

void compile_dhcp_door(const struct compiler *compiler, const struct dhcp *dhcp,
		       const struct place *place)
{
	if (place->interface->role == ROLE_PRIVATE && interface_main_address(place->interface))
		say_element(compiler, dhcp->object.uuid, "dhcp", "", "%s", place->link->name);
}
