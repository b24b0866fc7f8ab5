/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port.c - a guest's NIC: plugged into its network as soon as its device is there. */
#include "hostnet/compile/parts.h"

/* The network itself may rest: its guests stay together as long as its bridge is there. */
static bool find_place(const struct compiler *compiler, const struct port *port,
		       struct l2_place *place)
{
	const struct l2_network *l2 = host_l2(compiler->document, port->l2);
	struct err why = ERR_NONE;

	if (l2_place(compiler->document, compiler->facts, l2, place, &why) < 0) {
		err_in(&why, "l2_network %s", port->l2);
		say_rest(compiler, &port->object, &why);
	}
	return *place->bridge;
}

void compile_port(const struct compiler *compiler, const struct object *object)
{
	const struct port *port = (const void *)object;
	struct l2_place place;

	/* Before its device is there, so that it is guarded from its first frame on. */
	compile_port_guard(compiler, port);
	compile_port_service(compiler, port);
	compile_port_router(compiler, port);
	compile_port_groups(compiler, port);
	if (!find_place(compiler, port, &place))
		return;
	/* What cannot be guarded as the document says stays outside. */
	if (port->security_groups.n && !has_groups(compiler)) {
		notes_say(compiler->notes, object->uuid, NOTE_NOT_SUPPORTED, "bridge_conntrack");
		return;
	}
	compile_port_qos(compiler, port);
	if (place.closed)
		say_element(compiler, object->uuid, "closed", "", "%s", port->device);
	if (!facts_link_by_name(compiler->facts, port->device)) {
		notes_say(compiler->notes, object->uuid, NOTE_INACTIVE, "device %s is not there",
			  port->device);
		return;
	}
	say_mtu(compiler, object->uuid, port->device, place.mtu);
	say(compiler, object->uuid, "link.up", "up", "%s", port->device);
	say(compiler, object->uuid, "plug", place.bridge, "%s", port->device);
}
