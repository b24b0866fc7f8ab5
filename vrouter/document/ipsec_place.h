/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec_place.h - which tunnels are there, and which packets are theirs.
 *
 * Compiler and explain both ask here. */
#ifndef WEFT_VROUTER_DOCUMENT_IPSEC_PLACE_H
#define WEFT_VROUTER_DOCUMENT_IPSEC_PLACE_H

#include "vrouter/document/place.h"

/* Where the tunnel's VIP is; as the functions of place.h. */
int ipsec_place(const struct document *document, const struct facts *facts,
		const struct ipsec *ipsec, struct place *place, struct err *why);

/* Whether the i-th of these prefixes is the first that is not inside another of them. */
bool prefixes_is_outermost(const struct field_list *prefixes, size_t i);

/* Likewise of the tunnel's remote networks, among those of all tunnels that are there. */
bool ipsec_remote_is_outermost(const struct document *document, const struct facts *facts,
			       const struct ipsec *ipsec, size_t i);

bool ipsec_remotes_overlap(const struct ipsec *one, const struct ipsec *other);

/* The tunnel that is there and joins the two; with 'local' NULL, one that leads to 'remote'. */
const struct ipsec *router_tunnel(const struct document *document, const struct facts *facts,
				  const struct ip *local, const struct ip *remote);

#endif
