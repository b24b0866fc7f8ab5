/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eip.c - an elastic IP: a public address that stands for one guest.
 *
 * What comes to the VIP goes to the guest, whatever it is. What the guest sends out through the
 * VIP's interface leaves as the VIP, if it is the guest's first one there. */
#include "vrouter/compile/compile.h"
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

static void say_in(const struct compiler *compiler, const struct eip *eip, const char *vip,
		   const char *target)
{
	AUTO(free_ptr) char *tracked = mem_format("dnat %s to %s", vip, target);

	say_element(compiler, eip->object.uuid, "eip_in", target, "%s", vip);
	say(compiler, eip->object.uuid, "connections", tracked, "%s", eip->object.uuid);
}

static void say_out(const struct compiler *compiler, const struct eip *eip, const char *vip,
		    const char *target, const struct place *place)
{
	AUTO(free_ptr) char *tracked = mem_format("snat %s to %s", target, vip);

	say_element(compiler, eip->object.uuid, "eip_out", vip, "%s . %s", place->link->name,
		    target);
	/* By itself: a guest's second elastic IP may become its first without losing anyone. */
	say(compiler, eip->object.uuid, "connections", tracked, "%s/out", eip->object.uuid);
}

/* The guest leaves by this interface, though the default route is at another. */
static void say_way_out(const struct compiler *compiler, const struct eip *eip, const char *target,
			const struct place *place)
{
	AUTO(free_ptr) char *mark = mem_format("0x%x", public_mark(place->link, MARK_KIND_SOURCE));

	say_element(compiler, eip->object.uuid, "eip_link", mark, "%s", target);
}

void compile_eip(const struct compiler *compiler, const struct object *object)
{
	const struct document *document = compiler->document;
	const struct eip *eip = (const void *)object;
	struct place vip, guest;
	struct err why = ERR_NONE;
	struct ip_text address, target = ip_text(&eip->target);

	if (eip_place(document, compiler->facts, eip, &vip, &guest, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	address = ip_text(&router_vip(document, eip->vip)->address);
	say_in(compiler, eip, address.s, target.s);
	if (router_source_eip(document, compiler->facts, &eip->target, vip.interface) == eip)
		say_out(compiler, eip, address.s, target.s, &vip);
	if (vip.interface->gateway.family == 4 &&
	    vip.interface != router_default_interface(document) &&
	    router_publics(document, compiler->facts) > 1 &&
	    router_source_eip(document, compiler->facts, &eip->target, NULL) == eip)
		say_way_out(compiler, eip, target.s, &vip);
	router_count_object(compiler->document, object, compiler->items);
}
