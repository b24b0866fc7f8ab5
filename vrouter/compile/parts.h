/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts.h - the compiler's files for one another: one function for each section, and what several
 * of them share. */
#ifndef WEFT_VROUTER_COMPILE_PARTS_H
#define WEFT_VROUTER_COMPILE_PARTS_H

#include "lib/compile/say.h"
#include "vrouter/document/place.h"

typedef void compile_fn(const struct compiler *compiler, const struct object *object);

/* What there is in any router, whatever else its document has: table, sets, base chains. */
compile_fn compile_router;
compile_fn compile_interface;
compile_fn compile_vip;
compile_fn compile_eip;
compile_fn compile_port_forward;
compile_fn compile_ipsec;
compile_fn compile_route;
compile_fn compile_firewall;

/* Of compile_router(), a stage each. */
void compile_marks(const struct compiler *compiler, const char *owner);
void compile_dnat(const struct compiler *compiler, const char *owner);
void compile_forward(const struct compiler *compiler, const struct router *router);
void compile_input(const struct compiler *compiler, const struct router *router);
void compile_snat(const struct compiler *compiler, const char *owner);
/* What all tunnels share; nothing if there is none. */
void compile_tunnels(const struct compiler *compiler, const char *owner);
void compile_count(const struct compiler *compiler, const char *owner);
void compile_qos(const struct compiler *compiler, const char *owner);
void compile_arp(const struct compiler *compiler, const char *owner);

/* Of compile_vip(): its limits, and who may ask for it. */
void compile_vip_qos(const struct compiler *compiler, const struct vip *vip,
		     const struct place *place);
void compile_arp_vip(const struct compiler *compiler, const struct vip *vip,
		     const struct place *place);

/* Of compile_interface(). */
void compile_arp_interface(const struct compiler *compiler, const struct place *place);
void compile_public(const struct compiler *compiler, const struct place *place);
void compile_management(const struct compiler *compiler, const struct place *place);
void compile_snat_interface(const struct compiler *compiler, const struct place *place);
void compile_firewall_interface(const struct compiler *compiler, const struct place *place);

/* The doors of services in the input filter. */
void compile_dns_door(const struct compiler *compiler, const struct dns *dns);
void compile_dhcp_door(const struct compiler *compiler, const struct dhcp *dhcp,
		       const struct place *place);

/* Which stages any firewall rule of the document is in: of new connections, and of packets whose
 * connection is known or invalid ("states"). */
struct firewall_stages {
	bool direction[2], states[2]; /* By enum firewall_direction. */
};
struct firewall_stages firewall_stages_of(const struct document *document);

/* Routing tables of interfaces of their own (table.c). */
unsigned int table_number(const struct facts_link *link);
bool has_table(const struct compiler *compiler, const struct interface *interface);
void compile_table(const struct compiler *compiler, const struct place *place);
/* The route by the interface's gateway, in any table. */
void say_gateway(const struct compiler *compiler, const struct place *place, unsigned int table);

unsigned int public_mark(const struct facts_link *link, unsigned int kind);

#endif
