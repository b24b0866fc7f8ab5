/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place.h - where on this machine the objects of a document stand, or why they rest.
 *
 * Compiler and explain both ask here, so that they cannot disagree on it. The functions that return
 * int return 0, or with the reason in 'why' (may be NULL; a sentence for the operator):
 *   -ENODEV         what it needs is not there: it rests until then
 *   -EOPNOTSUPP     this program cannot; the text is the name of what is missing */
#ifndef WEFT_VROUTER_DOCUMENT_PLACE_H
#define WEFT_VROUTER_DOCUMENT_PLACE_H

#include "lib/item/facts.h"
#include "vrouter/document/router.h"

struct place {
	const struct interface *interface;
	const struct facts_link *link;
};

int interface_place(const struct facts *facts, const struct interface *interface,
		    struct place *place, struct err *why);

/* The public interface of the VIP's network. */
int vip_place(const struct document *document, const struct facts *facts, const struct vip *vip,
	      struct place *place, struct err *why);

/* Both ends of an elastic IP or a port forward: the VIP, and where its target is. */
int eip_place(const struct document *document, const struct facts *facts, const struct eip *eip,
	      struct place *vip, struct place *target, struct err *why);
int port_forward_place(const struct document *document, const struct facts *facts,
		       const struct port_forward *forward, struct place *vip, struct place *target,
		       struct err *why);

/* The interface through which a static route leads; of a blackhole both are NULL. */
int route_place(const struct document *document, const struct facts *facts,
		const struct route *route, struct place *place, struct err *why);

/* Whether the route opens the private networks to its destination, and keeps sources as they are:
 * an active static route through a public interface that is not a default route. */
bool route_admits(const struct document *document, const struct facts *facts,
		  const struct route *route, struct place *place);

/* The route that does so for 'ip' behind 'interface', or NULL: of several the widest, since its
 * destination holds those of the others; of the same width the first in the order of their uuids.
 */
const struct route *router_admission(const struct document *document, const struct facts *facts,
				     const struct ip *ip, const struct interface *interface);

/* The elastic IP that 'target' is seen as when it leaves through 'interface' (NULL: the first of
 * all, whose interface it leaves by): the first of its own that does not rest. */
const struct eip *router_source_eip(const struct document *document, const struct facts *facts,
				    const struct ip *target, const struct interface *interface);

/* How many public interfaces are there. With more than one, connections remember theirs. */
size_t router_publics(const struct document *document, const struct facts *facts);

/* The interface's main IPv4 address (the first of its list), or NULL. */
const struct prefix *interface_main_address(const struct interface *interface);

/* Whether the i-th address is the first whose subnet is not inside another of the interface: sets
 * of subnets have no two that overlap. */
bool interface_is_outermost(const struct interface *interface, size_t i);

bool interface_has_address(const struct interface *interface, const struct ip *ip);

/* The interface's smallest subnet that holds 'ip', or NULL. */
const struct prefix *interface_subnet_of(const struct interface *interface, const struct ip *ip);

#endif
