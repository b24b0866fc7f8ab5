/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index.h - what only one object may have: an address, a port of a VIP, a priority.
 *
 * Each is a claim, a text; who has it is found at once, however many objects there are. */
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

/* What the object's own fields contradict, and what it contradicts in others. */
int router_check_object(void *index, const struct document *document, const struct object *object,
			struct err *err);
int certificate_check(const struct certificate *certificate, struct err *err);

#endif
