/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.h - very many things by their names. */
#ifndef WEFT_BASE_SORT_H
#define WEFT_BASE_SORT_H

#include <stddef.h>

struct sort_entry {
	const char *text;
	void *of; /* The caller's. */
};

/* Sorts by the bytes of 'text', as strcmp() compares. Looks at each byte of what the texts have in
 * common once instead of with every comparison; not stable. */
void sort_by_text(struct sort_entry *entries, size_t n);

#endif
