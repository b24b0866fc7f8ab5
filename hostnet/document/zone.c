/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zone.c - the number under which the connections of an L2 network are tracked.
 *
 * Two networks may have the same addresses: their connections must not be taken for one another.
 * The kernel has 16 bits for it, a uuid has more: a number that is taken makes room for the next
 * free one. It is the same after a restart (objects keep their order); were it another, connections
 * would be looked at as if they had just begun. */
#include "hostnet/document/index.h"

#define ZONE_NONE 0 /* The machine's own connections. */

uint16_t zones_take(struct zones *zones, const char *uuid)
{
	uint16_t zone = (uint16_t)link_digest(uuid);

	/* There are fewer networks than numbers: a host has not even that many links. */
	while (zone == ZONE_NONE || zones->taken[zone / 8] & 1u << zone % 8)
		zone++;
	zones->taken[zone / 8] |= (uint8_t)(1u << zone % 8);
	return zone;
}

void zones_give(struct zones *zones, uint16_t zone)
{
	zones->taken[zone / 8] &= (uint8_t) ~(1u << zone % 8);
}
