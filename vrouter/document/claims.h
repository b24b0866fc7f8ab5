/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims.h - what only one object may have: a MAC address, a priority, a route.
 *
 * Each is a claim, a text; who has it is found at once, however many objects there are. */
#ifndef WEFT_VROUTER_DOCUMENT_CLAIMS_H
#define WEFT_VROUTER_DOCUMENT_CLAIMS_H

#include "vrouter/document/router.h"

struct claims;

struct claims *claims_new(void);
void claims_free(struct claims *claims);

/* -EEXIST if another holds it; '*holder' is then its uuid, the claims' own. The same object may
 * claim a thing once only. */
int claim(struct claims *claims, const char *what, const char *uuid, const char **holder);
void unclaim(struct claims *claims, const char *what, const char *uuid);
const char *claim_holder(const struct claims *claims, const char *what); /* Or NULL. */

/* All that an object claims; -EINVAL with the sentence if another has one of it, and then it has
 * none. */
int claims_take(struct claims *claims, const struct object *object, struct err *err);
void claims_give(struct claims *claims, const struct object *object);

#endif
