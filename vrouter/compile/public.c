/* SPDX-License-Identifier: GPL-2.0-or-later */
/* public.c - the ways out: the default route, and with several public interfaces the memory of the
 * one that a connection came in by.
 *
 * With one public interface there are neither marks nor routing rules for it. Without any rule (see
 * management.c too) the kernel's short way of looking up routes stays open. */
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"

unsigned int public_mark(const struct facts_link *link, unsigned int kind)
{
	return kind | ((unsigned int)link->index & MARK_INDEX);
}

void compile_marks(const struct compiler *compiler, const char *owner)
{
	say_set(compiler, owner, "map ifname : mark", "mark_of");
	say_set(compiler, owner, "map ipv4_addr : mark", "eip_link");
	say_set(compiler, owner, "map ipv4_addr : mark", "tunnel_link");
	say_chain(compiler, owner, "filter prerouting -150 accept", CHAIN_MARK);
	say_rule(compiler, owner, CHAIN_MARK, MARK_NEW,
		 "ct state new ct mark set meta iifname map @mark_of");
	say_rule(compiler, owner, CHAIN_MARK, MARK_REPLY,
		 "ct direction reply ct mark & 0x%x 0x%x meta mark set ct mark", MARK_KIND,
		 MARK_KIND_REPLY);
	say_rule(compiler, owner, CHAIN_MARK, MARK_SOURCE,
		 "ct direction original meta iifname @private meta mark set ip saddr map "
		 "@eip_link");
	say_chain(compiler, owner, "route output -150 accept", CHAIN_MARK_OUTPUT);
	say_rule(compiler, owner, CHAIN_MARK_OUTPUT, MARK_OUTPUT_REPLY,
		 "ct direction reply ct mark & 0x%x 0x%x meta mark set ct mark", MARK_KIND,
		 MARK_KIND_REPLY);
	say_rule(compiler, owner, CHAIN_MARK_OUTPUT, MARK_OUTPUT_TUNNEL,
		 "ct direction original meta mark set ip saddr map @tunnel_link");
	say(compiler, owner, "rule",
	    "fwmark 0x2000000/0xff000000 table 254 suppress_prefixlength 0", "%d ip", RULE_MAIN);
}

/* Which of the public interfaces it is: the priorities of their rules follow one another. */
static int ordinal_of(const struct document *document, const struct interface *which)
{
	const struct object *object;
	int n = 0;

	section_for_each (document, SECTION_INTERFACES, object) {
		if (object == &which->object)
			break;
		n += ((const struct interface *)(const void *)object)->role == ROLE_PUBLIC;
	}
	return n;
}

static void say_lookup(const struct compiler *compiler, const struct place *place, int first,
		       unsigned int kind)
{
	AUTO(free_ptr)
	char *value = mem_format("fwmark 0x%x/0xffffffff table %u", public_mark(place->link, kind),
				 table_number(place->link));

	say(compiler, place->interface->object.uuid, "rule", value, "%d ip",
	    first + ordinal_of(compiler->document, place->interface));
}

void compile_public(const struct compiler *compiler, const struct place *place)
{
	AUTO(free_ptr) char *mark = NULL;

	if (router_default_interface(compiler->document) == place->interface)
		say_gateway(compiler, place, ROUTE_TABLE_MAIN);
	if (!has_table(compiler, place->interface))
		return;
	mark = mem_format("0x%x", public_mark(place->link, MARK_KIND_REPLY));
	say_element(compiler, place->interface->object.uuid, "mark_of", mark, "%s",
		    place->link->name);
	say_lookup(compiler, place, RULE_REPLY, MARK_KIND_REPLY);
	say_lookup(compiler, place, RULE_SOURCE, MARK_KIND_SOURCE);
	compile_table(compiler, place);
}
