/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service_file.h - files that a service reads and that hold our items.
 *
 * An item stands in a configuration as a comment that only we read ("#@ KIND KEY VALUE OWNER",
 * separated by tabs): the file is backend and memory in one. */
#ifndef WEFT_BACKEND_CHILD_SERVICE_FILE_H
#define WEFT_BACKEND_CHILD_SERVICE_FILE_H

#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/item/item.h"

/* Replaces the file as a whole: whoever reads sees the old text or the new one. The text is
 * written to "DIR/.NAME" first. */
int service_file_write(const char *path, const char *text, size_t length, mode_t mode,
		       struct err *err);

/* Reads it whole; the caller's own text. -ENOENT if there is none, -EFBIG above 'most' bytes. */
int service_file_read(const char *path, size_t most, char **text, struct err *err);

/* 64 hex digits of SHA-256. */
struct service_digest {
	char s[65];
};
struct service_digest service_digest(const char *text, size_t length);

void service_mark_add(struct text *text, const struct item *item);
/* Adds every item that 'text' (which it writes into) is marked with. */
void service_marks_read(char *text, struct item_set *items);

#endif
