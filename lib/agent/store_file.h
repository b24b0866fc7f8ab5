/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_file.h - the two kinds of files of a store, each whole or not there. */
#ifndef WEFT_AGENT_STORE_FILE_H
#define WEFT_AGENT_STORE_FILE_H

#include <jansson.h>

#include "lib/base/err.h"

/* Writes 'json' as NAME beside a checksum, first under another name, synced, then renamed, and
 * syncs the directory. */
int snapshot_write(int directory, const char *name, const json_t *json, struct err *err);

/* -ENOENT: there is none. -EBADMSG: it is damaged. */
int snapshot_read(int directory, const char *name, json_t **ret, struct err *err);

/* A journal is a sequence of lines "CHECKSUM JSON\n". Opens or makes it, and returns its
 * descriptor. */
int journal_create(int directory, const char *name, struct err *err);

/* Adds a record and syncs it. '*size' is where the whole records end, and is moved on. A failure
 * leaves no record behind; where even that fails, the next call takes it back or fails too. */
int journal_append(int fd, const json_t *record, off_t *size, struct err *err);

/* Reads the records one by one; 'each' may refuse with a negative errno. '*size' is where the last
 * whole record ends. A torn record at the very end is passed over; one with others behind it is
 * -EBADMSG. Errors come without NAME. */
typedef int journal_record_fn(void *data, json_t *record, struct err *err);
int journal_read(int directory, const char *name, journal_record_fn *each, void *data, off_t *size,
		 struct err *err);

#endif
