/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err.h - an error told from the outside in.
 *
 * Who finds the fault says what is wrong; every caller that knows something its callee did not
 * puts it in front; only the edge (API reply, main loop) prints it, once. */
#ifndef WEFT_BASE_ERR_H
#define WEFT_BASE_ERR_H

#include "lib/base/mem.h"

struct err {
	int code;   /* Negative errno, 0 while nothing has failed. */
	char *text; /* The sentence. Owned. */
	char *path; /* Where in the document ("state.eips[3].vip"), or NULL. Owned. */
};

#define ERR_NONE  \
	{         \
		0 \
	}

/* Replaces what 'err' holds. All return the code, so that "return err_set(...)" is one statement.
 * 'err' may be NULL: only the code is wanted then. The sentence is UTF-8: what is none becomes "?".
 */
int err_set(struct err *err, int code, const char *format, ...) PRINTF(3, 4);

/* As err_set() with the errno's own words at the end: "FORMAT: No such file or directory". */
int err_errno(struct err *err, int code, const char *format, ...) PRINTF(3, 4);

/* Puts "FORMAT: " before the sentence. */
int err_in(struct err *err, const char *format, ...) PRINTF(2, 3);

/* Puts a place before the path: err_at(err, "eips[%zu]", 3) makes "vip" into "eips[3].vip". A path
 * that begins with '[' is joined without a dot. */
int err_at(struct err *err, const char *format, ...) PRINTF(2, 3);

/* The sentence, or the errno's words where there is none; never NULL. */
const char *err_text(const struct err *err);

void err_move(struct err *to, struct err *from); /* 'from' is ERR_NONE afterwards. */
void err_clear(struct err *err);

#endif
