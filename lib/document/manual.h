/* SPDX-License-Identifier: GPL-2.0-or-later */
/* manual.h - the reference page of a document, from its tables. Not part of any daemon. */
#ifndef WEFT_DOCUMENT_MANUAL_H
#define WEFT_DOCUMENT_MANUAL_H

#include "lib/document/document.h"

struct manual {
	const char *name;    /* "vrouter-document". */
	const char *summary; /* Behind the dash of NAME. */
	const char *about;   /* The description, troff. */
	const char *example; /* JSON. */
	const char *see;     /* The last line, troff. */
};

/* The page, troff with man macros. The caller's. */
char *manual_text(const struct manual *manual, const struct document_type *type);

#endif
