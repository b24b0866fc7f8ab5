/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec_place.h - an IPsec connection beside its router's networks and other connections. */
#ifndef WEFT_MODEL_IPSEC_PLACE_H
#define WEFT_MODEL_IPSEC_PLACE_H

#include "controller/model/service.h"

/* Of the connection that is being written. -EPERM: its peer is its own router; what is behind the
 * peer is on this side. -EPERM: it is behind another peer too. */
int ipsec_apart_from_router(const struct model_change *change, struct err *err);
int ipsec_apart_from_others(const struct model_change *change, struct err *err);

/* -EPERM if a network that comes to a router, not a public one, overlaps what is behind a peer of
 * it; also of a connection that is disabled, which could not be enabled any more. */
int network_apart_of_tunnels(struct model *model, const struct model_type *type, const char *router,
			     const char *network, struct err *err);

#endif
