/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port_qos.c - limits of a NIC, whatever it sends and receives.
 *
 * Towards the guest packets wait at its device. Away from it they are led through an ifb link of
 * its own as soon as they are in, and come back from there as if nothing had been. */
#include "hostnet/compile/parts.h"
#include "lib/compile/limit.h"

#define MINOR 1 /* Of the one class that a device has. */

static bool can(const struct compiler *compiler, const struct port *port)
{
	const char *missing = NULL;

	if (!facts_supports(compiler->facts, "htb", NULL))
		missing = "htb";
	else if (port->qos.up_kbps && !facts_supports(compiler->facts, "ifb", NULL))
		missing = "ifb";
	if (missing) /* The guest is served, its limits do not hold. */
		notes_say(compiler->notes, port->object.uuid, NOTE_NOT_SUPPORTED, "%s", missing);
	return !missing;
}

static void say_one_class(const struct compiler *compiler, const char *owner, const char *link,
			  int64_t kbps)
{
	say_limit_root(compiler, owner, link, MINOR);
	say_limit(compiler, owner, link, MINOR, (uint64_t)kbps);
}

static void say_up(const struct compiler *compiler, const struct port *port,
		   const struct facts_link *link)
{
	const char *owner = port->object.uuid;
	/* By its index: a name made of the device's might be too long. */
	AUTO(free_ptr) char *ifb = mem_format("qos%d", link->index);
	AUTO(free_ptr) char *way = mem_format("protocol all u32 match-all redirect %s", ifb);

	say(compiler, owner, "link", "ifb", "%s", ifb);
	say(compiler, owner, "link.up", "up", "%s", ifb);
	say_one_class(compiler, owner, ifb, port->qos.up_kbps);
	say(compiler, owner, "tc.qdisc", "ingress", "%s ingress", link->name);
	say(compiler, owner, "tc.filter", way, "%s ingress 1 800", link->name);
}

void compile_port_qos(const struct compiler *compiler, const struct port *port)
{
	const struct facts_link *link = facts_link_by_name(compiler->facts, port->device);

	if ((!port->qos.up_kbps && !port->qos.down_kbps) || !can(compiler, port) || !link)
		return;
	if (port->qos.down_kbps)
		say_one_class(compiler, port->object.uuid, link->name, port->qos.down_kbps);
	if (port->qos.up_kbps)
		say_up(compiler, port, link);
}
