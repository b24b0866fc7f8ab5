/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims.h - what only one object may have: a MAC address, a priority, a route.
 *
 * Each is a claim, a text; who has it is found at once, however many objects there are. For the
 * indexes of document types. */
#ifndef WEFT_DOCUMENT_CLAIMS_H
#define WEFT_DOCUMENT_CLAIMS_H

#include "lib/document/document.h"

struct claims;

struct claims *claims_new(void);
void claims_free(struct claims *claims);

/* A walk over all that an object claims, taking it or giving it back. */
struct claiming {
	struct claims *claims;
	const char *who; /* object_text() */
	bool take;
	struct err *err;
};

/* Says one claim. 'sentence' is what is wrong if another has it, with one %s for that one ("vip
 * vip-1"). Only what the object itself says may go into it, so that what was taken can be given
 * back. */
int claims_say(const struct claiming *claiming, const char *sentence, const char *format, ...)
	PRINTF(3, 4);

/* Says all claims of an object; ends at the first that fails and returns that. */
typedef int claims_fn(const struct claiming *claiming, const struct object *object);

/* -EINVAL with the sentence if another has one of them, and then the object has none. */
int claims_take(struct claims *claims, claims_fn *each, const struct object *object,
		struct err *err);
void claims_give(struct claims *claims, claims_fn *each, const struct object *object);

/* Who has this claim, as object_text() says it; NULL: nobody. The claims' own. */
const char *claims_holder(const struct claims *claims, const char *format, ...) PRINTF(2, 3);

#endif
