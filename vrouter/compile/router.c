/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router.c - what there is in any router: the table with its sets and maps, the base chains, what
 * the kernel is told. Objects add elements; only few add rules. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

static void say_kernel(const struct compiler *compiler, const char *owner)
{
	say_sysctl(compiler, owner, "1", "net/ipv4/ip_forward");
	/* The larger of "all" and the link's own counts: the links decide. */
	say_sysctl(compiler, owner, "0", "net/ipv4/conf/all/rp_filter");
	say_sysctl(compiler, owner, "0", "net/ipv4/conf/all/arp_ignore");
	say_sysctl(compiler, owner, "2", "net/ipv4/conf/all/arp_announce");
	/* A subnet's first address can go without the others, and the routes through them. */
	say_sysctl(compiler, owner, "1", "net/ipv4/conf/all/promote_secondaries");
	say_sysctl(compiler, owner, "0", "net/ipv4/conf/all/send_redirects");
	say_sysctl(compiler, owner, "0", "net/ipv4/conf/all/accept_redirects");
	/* Seconds for which a closed connection is remembered, as long as one that was reset. The
	 * kernel's two minutes let 2,000 short connections a second fill its table, and then there
	 * is no room for new ones. */
	say_sysctl(compiler, owner, "10", "net/netfilter/nf_conntrack_tcp_timeout_time_wait");
}

#define VIP_PORT "ipv4_addr . inet_proto . inet_service"

static void say_sets(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *name, *type;
	} sets[] = {
		{ "public", "set ifname" },
		{ "private", "set ifname" },
		{ "management", "set ifname" },
		{ "public_addresses", "set ipv4_addr" },
		{ "private_addresses", "set ipv4_addr" },
		{ "management_addresses", "set ipv4_addr" },
		{ "private_networks", "set ipv4_addr interval" },
		{ "dhcp", "set ifname" },
		{ "services", "set " VIP_PORT },
		{ "eip_in", EIP_IN_TYPE },
		{ "eip_out", "map ifname . ipv4_addr : ipv4_addr" },
		{ "pf", "map " VIP_PORT " : ipv4_addr . inet_service" },
		{ "pf_range", "map " VIP_PORT " : ipv4_addr interval" },
		{ "pf_restricted", "map " VIP_PORT " : verdict" },
		{ "pf_restricted_range", "map " VIP_PORT " : verdict interval" },
		{ "pf_shifted", "map " VIP_PORT " : ipv4_addr . inet_service" },
		{ "routed", "set ifname . ipv4_addr interval" },
		{ "hairpin", "set ipv4_addr . ipv4_addr interval" },
		{ "snat_sources", "set ipv4_addr interval" },
		{ "snat_address", "map ifname : ipv4_addr" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		say_set(compiler, owner, sets[i].type, "%s", sets[i].name);
}

void compile_router(const struct compiler *compiler, const struct object *object)
{
	const char *owner = object->uuid;

	say(compiler, owner, "nft.table", "", TABLE);
	say_kernel(compiler, owner);
	say_sets(compiler, owner);
	if (router_publics(compiler->document, compiler->facts) > 1)
		compile_marks(compiler, owner);
	compile_dnat(compiler, owner);
	compile_forward(compiler, (const void *)object);
	compile_input(compiler, (const void *)object);
	compile_snat(compiler, owner);
	compile_tunnels(compiler, owner);
	compile_qos(compiler, owner);
	compile_count(compiler, owner);
	compile_arp(compiler, owner);
}
