/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface_text.h - the Varlink interface of an agent, from its document's tables. */
#ifndef WEFT_DOCUMENT_INTERFACE_TEXT_H
#define WEFT_DOCUMENT_INTERFACE_TEXT_H

#include "lib/document/document.h"

/* "interface NAME ..." with one type for each section, the State made of them, and the methods and
 * errors that every agent has. 'more' is the program's own part, or "". The caller's. */
char *interface_text(const char *name, const char *about, const struct document_type *type,
		     const char *more);

#endif
