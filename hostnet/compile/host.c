/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.c - what stands on any host: few rules, which objects add elements for. */
#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

void compile_host(const struct compiler *compiler, const struct object *object)
{
	const char *owner = object->uuid;

	say(compiler, owner, "nft.table", "", TABLE);
	compile_guard(compiler, owner);
	compile_responder_chains(compiler, owner);
	compile_leg_chains(compiler, owner);
	compile_eip_chains(compiler, owner);
	compile_limit_chains(compiler, owner);
	compile_router_chains(compiler, owner);
	compile_group_chains(compiler, owner);
	say_set(compiler, owner, "set ifname", "closed");
	say_chain(compiler, owner, "filter input -300 accept", CHAIN_INPUT);
	say_rule(compiler, owner, CHAIN_INPUT, INPUT_CLOSED, "meta iifname @closed drop");
}
