/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - an agent's document on disk: snapshots, and beside each a journal of patches.
 *
 * What is acknowledged is synced first. A directory holds generations: snapshot.G is the document
 * with which journal.G began. The last two are kept, so that a snapshot that the disk lost is made
 * good from the one before and its journal. Everything is readable by the owner alone: documents
 * hold secrets. */
#ifndef WEFT_AGENT_STORE_H
#define WEFT_AGENT_STORE_H

#include <sys/types.h>

#include "lib/document/document.h"

struct store;

/* Opens or makes the directory and locks it. '*document' is what it holds, or NULL if nothing yet.
 * A record that was being written when the machine died was never acknowledged, and is cut off.
 * -EBUSY: another agent has it. -EBADMSG: what is there cannot be read; nothing is changed. */
int store_open(const char *directory, const struct document_type *type, struct store **ret,
	       struct document **document, struct err *err);
void store_close(struct store *store);

/* Puts a whole document in place of what there was: a new generation, synced. */
int store_replace(struct store *store, const struct document *document, struct err *err);

/* Adds a patch, synced. After a failure (disk full) the store is as before. */
int store_append(struct store *store, int64_t revision, json_t *upsert, json_t *remove,
		 struct err *err);

/* Whether the journal has outgrown its snapshot. */
bool store_is_long(const struct store *store);

/* Begins a new generation in a process of its own, which writes the snapshot while this one goes
 * on; patches go to the new journal from now. Returns the process, or a negative errno. The caller
 * tells by store_compacted() how it ended. */
pid_t store_compact(struct store *store, const struct document *document, struct err *err);
void store_compacted(struct store *store, bool done);

#endif
