/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arp.c - who may ask for which address: each is answered for on its own link only.
 *
 * VIPs are local routes, and for those the kernel answers on every link that answers for more than
 * its own addresses (arp_ignore). That are the public links, and here they are told apart. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

#define ANSWERED "answered"

static struct compiler arp_compiler(const struct compiler *compiler)
{
	struct compiler arp = *compiler;

	arp.table = TABLE_ARP;
	return arp;
}

void compile_arp(const struct compiler *compiler, const char *owner)
{
	const struct compiler arp = arp_compiler(compiler);

	say(&arp, owner, "nft.table", "", TABLE_ARP);
	say_set(&arp, owner, "map ipv4_addr : verdict", ANSWERED);
	say_chain(&arp, owner, "filter input 0 accept", CHAIN_ARP);
	say_rule(&arp, owner, CHAIN_ARP, ARP_ANSWERED,
		 "arp operation request arp daddr ip vmap @" ANSWERED);
}

static void say_answered(const struct compiler *arp, const char *owner, const struct ip *ip,
			 const struct place *place)
{
	AUTO(free_ptr) char *verdict = mem_format("goto at-%s", place->link->name);

	if (ip->family == 4)
		say_element(arp, owner, ANSWERED, verdict, "%s", ip_text(ip).s);
}

void compile_arp_interface(const struct compiler *compiler, const struct place *place)
{
	const struct compiler arp = arp_compiler(compiler);
	const struct interface *interface = place->interface;
	const char *owner = interface->object.uuid, *link = place->link->name;
	AUTO(free_ptr) char *chain = mem_format("at-%s", link);
	const struct prefix *address;

	say_sysctl(compiler, owner, interface->role == ROLE_PUBLIC ? "0" : "1",
		   "net/ipv4/conf/%s/arp_ignore", link);
	say_chain(&arp, owner, "", "%s", chain);
	say_rule(&arp, owner, chain, ARP_ELSEWHERE, "meta iifname != %s drop", link);
	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		say_answered(&arp, owner, &address->ip, place);
}

void compile_arp_vip(const struct compiler *compiler, const struct vip *vip,
		     const struct place *place)
{
	const struct compiler arp = arp_compiler(compiler);

	/* No other link answers for it. */
	if (router_publics(compiler->document, compiler->facts) > 1)
		say_answered(&arp, vip->object.uuid, &vip->address, place);
}
