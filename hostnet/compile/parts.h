/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts.h - the compiler's files for one another: one function for each section, and what several
 * of them share. */
#ifndef WEFT_HOSTNET_COMPILE_PARTS_H
#define WEFT_HOSTNET_COMPILE_PARTS_H

#include <net/if.h>

#include "hostnet/document/host.h"
#include "lib/compile/say.h"

typedef void compile_fn(const struct compiler *compiler, const struct object *object);

/* What there is on any host, whatever else its document has: table, sets, base chains. */
compile_fn compile_host;
compile_fn compile_l2;
compile_fn compile_l3;
compile_fn compile_port;
compile_fn compile_eip;
compile_fn compile_router;

compile_fn compile_group;
/* Of no section: what is said once for all ports that are in the same groups. */
compile_fn compile_combination;

/* Entries of the above that are objects of their own: each says what it says in a list. */
compile_fn compile_vtep;
compile_fn compile_l2_guest;
compile_fn compile_group_member;

void say_mtu(const struct compiler *compiler, const char *owner, const char *link, int64_t mtu);

/* Of compile_host() and compile_port(). */
void compile_guard(const struct compiler *compiler, const char *owner);
void compile_port_guard(const struct compiler *compiler, const struct port *port);

/* Likewise, of what answers guests on this host. */
void compile_responder_chains(const struct compiler *compiler, const char *owner);
/* The responder's port in its network's bridge. */
void responder_device(const struct l3_network *l3, char name[IFNAMSIZ]);
void compile_port_service(const struct compiler *compiler, const struct port *port);

/* Likewise, of the ways that lead out of a network on this host. */
void compile_leg_chains(const struct compiler *compiler, const char *owner);
void compile_eip_chains(const struct compiler *compiler, const char *owner);
void compile_router_chains(const struct compiler *compiler, const char *owner);
void compile_port_router(const struct compiler *compiler, const struct port *port);

/* Of compile_port(): its limits. */
void compile_port_qos(const struct compiler *compiler, const struct port *port);

/* Likewise, of what security groups allow; of compile_l2(): where its connections are tracked. */
struct l2_place;
void compile_group_chains(const struct compiler *compiler, const char *owner);
void compile_port_groups(const struct compiler *compiler, const struct port *port);
void compile_zone(const struct compiler *compiler, const struct l2_network *l2,
		  const struct l2_place *place);
/* Whether this kernel tracks the connections of bridges. */
bool has_groups(const struct compiler *compiler);

/* Names of links between a network and who answers its guests, and of a leg's two ends, begin so.
 */
#define LINK_RESPONDER "dh-"
#define LINK_OUTER_LEG "lg-"
#define LINK_INNER_LEG "li-"

/* A MAC for what the text names, of those that nobody was given. */
struct mac digest_mac(const char *text);

/* Where an L2 network is on this machine. */
struct l2_place {
	char bridge[IFNAMSIZ];
	char lower[IFNAMSIZ]; /* The link that leads outside; "": it is not there now. */
	bool adopted;         /* The bridge was there before us: it stays as it is. */
	bool closed;          /* The machine itself is no part of the network. */
	int64_t mtu;
	const struct facts_link *device; /* VLAN and NoVLAN: the document's; VXLAN: the VTEP's. */
};

/* -ENODEV and the like with the reason, where the network has to rest; its bridge may be there all
 * the same for those that are on it ('bridge' is not empty then). */
int l2_place(const struct document *document, const struct facts *facts,
	     const struct l2_network *l2, struct l2_place *place, struct err *why);

/* Where an L2 network is joined to others on this host: a veth, whose outer end is a port of its
 * bridge, and whose inner end's frames are rewritten and led on. It belongs to no IP network of the
 * machine's. */
struct leg {
	char outer[IFNAMSIZ], inner[IFNAMSIZ];
	struct mac mac; /* The inner end's. */
	int index;      /* The inner end's; 0: it is not there yet. */
	bool plugged;
};

/* Whether anything needs the network's leg. */
bool leg_needed(const struct l2_network *l2);
/* False: it cannot be now. */
bool leg_of(const struct facts *facts, const struct l2_network *l2, const struct l2_place *place,
	    struct leg *leg);
/* The compiler that speaks of the legs' table. */
struct compiler leg_compiler(const struct compiler *compiler);
/* Of compile_l2(). */
void compile_leg(const struct compiler *compiler, const struct l2_network *l2,
		 const struct l2_place *place);

/* What an elastic IP may carry, of compile_eip(); roots of its legs' limits, of compile_leg(). */
void compile_limit_chains(const struct compiler *compiler, const char *owner);
void compile_eip_limits(const struct compiler *compiler, const struct host_eip *eip,
			const struct mac *mac, const struct leg *public, const struct leg *private);
void compile_leg_limits(const struct compiler *compiler, const struct l2_network *l2,
			const struct leg *leg);

/* Whether one of the routers has it. */
bool is_routed(const struct l3_network *l3);

/* Of compile_l2(). */
void compile_vxlan(const struct compiler *compiler, const struct l2_network *l2,
		   const struct l2_place *place);

/* Of compile_group() and compile_group_member(). */
void say_member(const struct compiler *compiler, const char *group, const struct ip *address);

#endif
