/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index.h - what the router's document knows beside its objects, kept in step with them.
 *
 * It answers in the same time, however many objects there are: who has an address, a port of a
 * VIP, a priority; which elastic IPs a guest has; which VIP forwards to a guest. */
#ifndef WEFT_VROUTER_DOCUMENT_INDEX_H
#define WEFT_VROUTER_DOCUMENT_INDEX_H

#include "lib/document/claims.h"
#include "vrouter/document/qos.h"
#include "vrouter/document/vip_ports.h"

struct router_index {
	struct claims *claims;
	struct map vips;    /* struct vip by its address. */
	struct map eips;    /* struct eip by its target. */
	struct map ports;   /* vip_ports.h's. */
	struct map targets; /* Of port forwards: each goes through one VIP only. */

	struct qos_index qos;

	/* A sum over what the interfaces mean to all other objects, now and when all objects were
	 * last checked against it. */
	uint64_t interfaces, checked;
};

claims_fn router_claims; /* claim.c */

void *router_index_new(void);
void router_index_free(void *index);
int router_index_add(void *index, const struct document *document, const struct object *object,
		     struct err *err);
void router_index_remove(void *index, const struct document *document, const struct object *object);
bool router_index_concerns_all(void *index);

#endif
