/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface.c - a link, its addresses, and what its role makes of it. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

static void say_link(const struct compiler *compiler, const struct interface *interface,
		     const char *link)
{
	const char *owner = interface->object.uuid;
	const struct prefix *address;

	if (interface->name)
		say(compiler, owner, "link.name", interface->name, "%s",
		    mac_text(&interface->mac).s);
	if (interface->mtu > 0) {
		AUTO(free_ptr) char *mtu = mem_format("%lld", (long long)interface->mtu);

		say(compiler, owner, "link.mtu", mtu, "%s", link);
	}
	say(compiler, owner, "link.up", "up", "%s", link);
	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		say(compiler, owner, "address", "", "%s %s", link, prefix_text(address).s);
}

/* From a private side only its own addresses may come. Outside, the way back need not be the way
 * that a packet came: several public interfaces, routes on one side only. */
static void say_kernel(const struct compiler *compiler, const struct interface *interface,
		       const char *link)
{
	const char *owner = interface->object.uuid;

	say_sysctl(compiler, owner, interface->role == ROLE_PRIVATE ? "1" : "0",
		   "net/ipv4/conf/%s/rp_filter", link);
	say_sysctl(compiler, owner, "0", "net/ipv4/conf/%s/send_redirects", link);
}

static void say_addresses(const struct compiler *compiler, const struct interface *interface,
			  const char *set)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (address->ip.family == 4)
			say_element(compiler, interface->object.uuid, set, "", "%s",
				    ip_text(&address->ip).s);
}

static void say_private(const struct compiler *compiler, const struct interface *interface)
{
	const struct prefix *address;

	say_addresses(compiler, interface, "private_addresses");
	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (address->ip.family == 4 && interface_is_outermost(interface, i))
			say_element(compiler, interface->object.uuid, "private_networks", "", "%s",
				    network_text(address).s);
}

void compile_interface(const struct compiler *compiler, const struct object *object)
{
	static const char *const roles[] = {
		[ROLE_PUBLIC] = "public",
		[ROLE_MANAGEMENT] = "management",
		[ROLE_PRIVATE] = "private",
	};
	const struct interface *interface = (const void *)object;
	struct err why = ERR_NONE;
	struct place place;

	if (interface_place(compiler->facts, interface, &place, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	say_link(compiler, interface, place.link->name);
	say_kernel(compiler, interface, place.link->name);
	compile_arp_interface(compiler, &place);
	say_element(compiler, object->uuid, roles[interface->role], "", "%s", place.link->name);
	if (interface->role == ROLE_PUBLIC) {
		say_addresses(compiler, interface, "public_addresses");
		compile_public(compiler, &place);
	} else if (interface->role == ROLE_PRIVATE) {
		say_private(compiler, interface);
	} else {
		say_addresses(compiler, interface, "management_addresses");
		compile_management(compiler, &place);
	}
	compile_snat_interface(compiler, &place);
	compile_firewall_interface(compiler, &place);
}
