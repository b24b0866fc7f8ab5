/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip.c - a public address beside the router's own. */
#include <string.h>

#include "vrouter/compile/compile.h"
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

/* The router speaks as the VIP by itself where a tunnel is; that leaves by the VIP's interface,
 * though the default route is at another. */
static void say_way_out(const struct compiler *compiler, const struct vip *vip,
			const struct place *place)
{
	AUTO(free_ptr) char *mark = NULL;
	bool has_tunnel = false;

	for (size_t i = 0; i < document_user_count(&vip->object); i++)
		has_tunnel |=
			strcmp(document_user(&vip->object, i)->section->name, SECTION_IPSEC) == 0;
	if (!has_tunnel || place->interface->gateway.family != 4 ||
	    place->interface == router_default_interface(compiler->document) ||
	    router_publics(compiler->document, compiler->facts) <= 1)
		return;
	mark = mem_format("0x%x", public_mark(place->link, MARK_KIND_SOURCE));
	say_element(compiler, vip->object.uuid, "tunnel_link", mark, "%s",
		    ip_text(&vip->address).s);
}

/* A local route, where one would expect an address: there can be tens of thousands, and what the
 * kernel does with a link's addresses takes time with the number of those that are there. */
static void say_address(const struct compiler *compiler, const struct vip *vip,
			const struct place *place)
{
	AUTO(free_ptr) char *value = mem_format("local dev %s", place->link->name);

	say(compiler, vip->object.uuid, "route", value, "%d %s/32 %d", ROUTE_TABLE_LOCAL,
	    ip_text(&vip->address).s, ROUTE_METRIC_VIP);
	compile_arp_vip(compiler, vip, place);
}

void compile_vip(const struct compiler *compiler, const struct object *object)
{
	const struct vip *vip = (const void *)object;
	struct err why = ERR_NONE;
	struct place place;

	if (vip_place(compiler->document, compiler->facts, vip, &place, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	if (!interface_has_address(place.interface, &vip->address)) /* A system VIP is its. */
		say_address(compiler, vip, &place);
	say_way_out(compiler, vip, &place);
	compile_vip_qos(compiler, vip, &place);
	router_count_object(compiler->document, object, compiler->items);
}
