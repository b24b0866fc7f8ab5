/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From sections to those who compile them. */
#include "vrouter/compile/compile.h"

#include <errno.h>
#include <string.h>

#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"
#include "vrouter/compile/services.h"

static void compile_dns_section(const struct compiler *compiler, const struct object *object)
{
	compile_dns(compiler->document, compiler->facts, compiler->items, compiler->notes);
	compile_dns_door(compiler, (const void *)object);
}

static void compile_dhcp_section(const struct compiler *compiler, const struct object *object)
{
	const struct dhcp *dhcp = (const void *)object;
	const struct interface *interface = router_network(compiler->document, dhcp->network);
	struct err why = ERR_NONE;
	struct place place;

	if (interface && interface_place(compiler->facts, interface, &place, &why) < 0) {
		err_in(&why, "interface %s", interface->object.uuid);
		say_rest(compiler, object, &why);
		return;
	}
	compile_dhcp(compiler->document, compiler->facts, object, compiler->items, compiler->notes);
	if (interface)
		compile_dhcp_door(compiler, dhcp, &place);
}

static void compile_load_balancer_section(const struct compiler *compiler,
					  const struct object *object)
{
	const struct load_balancer *balancer = (const void *)object;
	const struct vip *vip = router_vip(compiler->document, balancer->vip);
	struct err why = ERR_NONE;
	struct place place;

	if (vip && vip_place(compiler->document, compiler->facts, vip, &place, &why) < 0) {
		if (why.code != -EOPNOTSUPP)
			err_in(&why, "vip %s", vip->object.uuid);
		say_rest(compiler, object, &why);
		return;
	}
	compile_load_balancer(compiler->document, compiler->facts, object, compiler->items,
			      compiler->notes);
	router_count_object(compiler->document, object, compiler->items);
}

static void compile_certificate_section(const struct compiler *compiler,
					const struct object *object)
{
	compile_certificate(compiler->document, compiler->facts, object, compiler->items,
			    compiler->notes);
}

static const struct {
	const char *section;
	compile_fn *compile;
	bool local;
} compilers[] = {
	{ SECTION_ROUTER, compile_router, false },
	{ SECTION_INTERFACES, compile_interface, false },
	{ SECTION_DNS, compile_dns_section, false },
	{ SECTION_DHCP, compile_dhcp_section, true },
	{ SECTION_VIPS, compile_vip, true },
	{ SECTION_EIPS, compile_eip, true },
	{ SECTION_PORT_FORWARDS, compile_port_forward, true },
	{ SECTION_LOAD_BALANCERS, compile_load_balancer_section, true },
	{ SECTION_CERTIFICATES, compile_certificate_section, true },
	{ SECTION_IPSEC, compile_ipsec, true },
	{ SECTION_ROUTES, compile_route, true },
	{ SECTION_FIREWALL, compile_firewall, true },
};

bool router_compile_local(const struct section_type *section)
{
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++)
		if (strcmp(compilers[i].section, section->name) == 0)
			return compilers[i].local;
	return false;
}

void router_compile_object(const struct document *document, const struct facts *facts,
			   const struct object *object, struct item_set *items, struct notes *notes)
{
	const struct compiler compiler = { TABLE, document, facts, items, notes };

	if (!router_of(document))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++)
		if (strcmp(compilers[i].section, object->section->name) == 0)
			compilers[i].compile(&compiler, object);
}

void router_compile(const struct document *document, const struct facts *facts,
		    struct item_set *items, struct notes *notes)
{
	const struct section_type *section = router_document.sections;
	const struct object *object;

	for (; section->name; section++)
		section_for_each (document, section->name, object)
			router_compile_object(document, facts, object, items, notes);
}
