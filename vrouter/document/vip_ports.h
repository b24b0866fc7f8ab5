/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip_ports.h - which ports of which VIP are taken by whom.
 *
 * The ranges of a VIP and space never overlap, so they stand in order and are searched by halves:
 * a range of all ports costs as much as one port. */
#ifndef WEFT_VROUTER_DOCUMENT_VIP_PORTS_H
#define WEFT_VROUTER_DOCUMENT_VIP_PORTS_H

#include "vrouter/document/router.h"

enum port_space { SPACE_TCP, SPACE_UDP, SPACE_LISTEN, SPACES }; /* The first two: forwarded. */

/* Who has a port of 'range' there, or NULL. */
const struct object *vip_ports_holder(const struct map *ports, const char *vip,
				      enum port_space space, const struct port_range *range);

/* The caller has seen that nobody holds any of it. */
void vip_ports_take(struct map *ports, const char *vip, enum port_space space,
		    const struct port_range *range, const struct object *object);

/* Nothing happens if 'object' does not hold exactly this range. */
void vip_ports_give(struct map *ports, const char *vip, enum port_space space,
		    const struct port_range *range, const struct object *object);
void vip_ports_clear(struct map *ports);

#endif
