/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip.c - a public address beside the router's own. */
#include "vrouter/compile/parts.h"

void compile_vip(const struct compiler *compiler, const struct object *object)
{
	const struct vip *vip = (const void *)object;
	struct err why = ERR_NONE;
	struct place place;

	if (vip_place(compiler->document, compiler->facts, vip, &place, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	if (vip->qos.n > 0) /* The address serves, its limits do not hold. */
		notes_say(compiler->notes, object->uuid, NOTE_NOT_SUPPORTED, "vip_qos");
	if (!interface_has_address(place.interface, &vip->address)) /* A system VIP is its. */
		say(compiler, object->uuid, "address", "", "%s %s/32", place.link->name,
		    ip_text(&vip->address).s);
}
