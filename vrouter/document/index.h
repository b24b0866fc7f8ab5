/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index.h - what is found at once, however many objects there are.
 *
 * What only one object may have (an address, a port of a VIP, a priority) is a claim, a text. The
 * elastic IPs of a guest are found by its address. */
#ifndef WEFT_VROUTER_DOCUMENT_INDEX_H
#define WEFT_VROUTER_DOCUMENT_INDEX_H

#include "vrouter/document/router.h"

struct claims;

struct claims *claims_new(void);
void claims_free(struct claims *claims);

/* -EEXIST if another holds it; '*holder' is then its uuid, the claims' own. The same object may
 * claim a thing once only. */
int claim(struct claims *claims, const char *what, const char *uuid, const char **holder);
void unclaim(struct claims *claims, const char *what, const char *uuid);
const char *claim_holder(const struct claims *claims, const char *what); /* Or NULL. */

/* Calls 'each' for every claim of an object: the same for adding and removing. 'sentence' says what
 * is wrong if another has it, with one %s for that one's uuid. */
typedef int claim_fn(void *data, const char *what, const char *sentence);
int object_claims(const struct object *object, claim_fn *each, void *data);

/* target.c: elastic IPs by their targets. They stay the document's. */
void targets_add(struct map *targets, const struct eip *eip);
void targets_remove(struct map *targets, const struct eip *eip);
void targets_clear(struct map *targets);
/* The n-th in the order of their uuids, or NULL. */
const struct eip *targets_eip(const struct map *targets, const struct ip *ip, size_t n);

struct router_index {
	struct claims *claims;
	struct map targets;
};

/* What the object's own fields contradict, and what it contradicts in others. */
int router_check_object(void *index, const struct document *document, const struct object *object,
			struct err *err);
int certificate_check(const struct certificate *certificate, struct err *err);

#endif
