/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say.h - what an agent is sent, written: what is its own as JSON, what many have as it was written
 * once for all. */
#ifndef WEFT_LINK_SAY_H
#define WEFT_LINK_SAY_H

#include "controller/link/held.h"

/* 'answer' is an object, taken over, which "state" is added to: 'document' (as the projections make
 * it), its revision, and the lists that are held. The text is the caller's, for
 * wire_reply_more_text(). */
char *say_document(json_t *answer, const json_t *document, int64_t revision,
		   const struct held *held);

/* The same with "upsert" and "remove". */
char *say_change(json_t *answer, const struct held_patch *patch);

#endif
