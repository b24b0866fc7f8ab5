/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - an agent's document on disk: a journal of what was acknowledged, and snapshots.
 *
 * A record of the journal is a whole document (Apply) or a patch; it is synced before it is
 * acknowledged. snapshot.G is the document with which journal.G began; journal.0 began with
 * nothing. The last two snapshots that were good and every journal since the older of them are
 * kept, so that a snapshot that the disk lost is made good from what was before it, and nothing
 * acknowledged is missing then. Everything is readable by the owner alone: documents hold secrets.
 */
#ifndef WEFT_AGENT_STORE_H
#define WEFT_AGENT_STORE_H

#include <sys/types.h>

#include "lib/document/document.h"

struct store;

/* Opens or makes the directory and locks it. '*document' is what it holds, or NULL if nothing yet.
 * A record that was being written when the machine died was never acknowledged, and is cut off.
 * -EBUSY: another agent has it. -EBADMSG: what is there cannot be read, or a journal in
 * between is missing; nothing is changed then. */
int store_open(const char *directory, const struct document_type *type, struct store **ret,
	       struct document **document, struct err *err);
void store_close(struct store *store);

/* Records a whole document in place of what there was, synced. After a failure (disk full) the
 * store is as before. */
int store_replace(struct store *store, const struct document *document, struct err *err);

/* Records a patch, likewise. */
int store_append(struct store *store, int64_t revision, json_t *upsert, json_t *remove,
		 struct err *err);

/* Whether the journals since the last snapshot have outgrown the document. */
bool store_is_long(const struct store *store);

/* Begins a new generation in a process of its own, which writes the snapshot while this one goes
 * on; records go to the new journal from now. Returns the process, or a negative errno. The caller
 * tells by store_compacted() how it ended. */
pid_t store_compact(struct store *store, const struct document *document, struct err *err);
void store_compacted(struct store *store, bool done);

#endif
