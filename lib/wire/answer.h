/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - a client's messages, for the wire's own files. */
#ifndef WEFT_WIRE_ANSWER_H
#define WEFT_WIRE_ANSWER_H

#include "lib/wire/client.h"

/* No service of ours says more in one message. */
#define ANSWER_MAX ((size_t)512 << 20)

/* The text of a call, the caller's; NULL: its parameters are no object, or no JSON. */
char *call_text(const char *method, json_t *parameters, bool more, struct err *err);

/* Takes 'message' over, which may be NULL. */
int answer_read(json_t *message, struct wire_answer *answer, struct err *err);

#endif
