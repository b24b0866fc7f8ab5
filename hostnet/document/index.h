/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index.h - what the host's document knows beside its objects, kept in step with them. */
#ifndef WEFT_HOSTNET_DOCUMENT_INDEX_H
#define WEFT_HOSTNET_DOCUMENT_INDEX_H

#include "hostnet/document/host.h"
#include "lib/document/claims.h"

/* Which numbers limits have. */
struct limits {
	uint8_t *taken; /* Bits; NULL: there is none. */
	size_t n;
};

/* Numbers the rules of an elastic IP: -EINVAL when there are too many. */
int limits_take(struct limits *limits, const struct host_eip *eip, struct err *err);
void limits_give(struct limits *limits, const struct host_eip *eip);

struct zones {
	uint8_t taken[65536 / 8];
};

/* zone.c: of 65535 numbers one that no other network has; the same for the same uuid as long as no
 * other network took it before. */
uint16_t zones_take(struct zones *zones, const char *uuid);
void zones_give(struct zones *zones, uint16_t zone);

/* combination.c */
struct combinations {
	struct map by_name, by_number;
};

/* The port's, made if it is the first to have it; and no longer the port's, gone with the last. */
void combinations_take(struct combinations *combinations, struct port *port);
void combinations_give(struct combinations *combinations, struct port *port);
struct combination *combinations_find(const struct combinations *combinations, const char *name);
void combinations_clear(struct combinations *combinations);

struct host_index {
	struct claims *claims;
	struct limits limits;
	struct zones zones; /* Of the L2 networks. */
	struct map devices; /* struct port by its device. */
	struct combinations combinations;

	/* Whether this host's VTEP, which VXLAN networks need, came or went. */
	bool vtep_changed;
};

claims_fn host_claims; /* claim.c */

int host_check(void *index, const struct document *document, const struct object *object,
	       struct err *err);

/* check_guest.c */
int check_port(const struct document *document, const struct object *object, struct err *err);
int check_group(const struct document *document, const struct object *object, struct err *err);
int check_eip(const struct document *document, const struct object *object, struct err *err);

/* entry.c */
int check_vtep(const struct document *document, const struct object *object, struct err *err);
int check_l2_guest(const struct document *document, const struct object *object, struct err *err);
int check_group_member(const struct document *document, const struct object *object,
		       struct err *err);

/* -EINVAL with a path within the object. */
int check_failed(struct err *err, const char *path, const char *format, ...) PRINTF(3, 4);

/* An address that something on the L3 network may have. */
int check_in_cidr(const struct l3_network *l3, const struct ip *ip, const char *path,
		  struct err *err);

#endif
