/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lists.h - the lists that many agents' documents have in common (enum list_kind), as they are
 * sent: each is made and written once, whoever has it, and so is what became another in it. */
#ifndef WEFT_LINK_LISTS_H
#define WEFT_LINK_LISTS_H

#include "controller/project/project.h"
#include "lib/base/map.h"
#include "lib/base/text.h"

/* An object of a list: its uuid, and itself as JSON within the list's text. */
struct list_entry {
	const char *uuid, *text;
	size_t length;
};

/* A list as it was at one moment; never changed. Who holds it has a reference. */
struct list {
	size_t references;
	struct list_slot *slot; /* Of which list it is. */
	uint64_t version;
	char *uuids, *text;         /* Text: the objects, with commas between them. */
	struct list_entry *entries; /* In the order of their uuids. */
	size_t n;
	uint64_t sum[4]; /* Of the digests of its objects (held.h). */

	/* What was asked for last: what is another since an earlier version. */
	uint64_t since;
	struct text upsert; /* Objects, with commas between them. */
	json_t *remove;     /* List of uuids. */
};

/* All versions of one list. */
struct list_slot {
	struct map_node by_name;
	enum list_kind kind;
	char *uuid;
	struct list *now; /* The newest. */
	size_t n_versions;
	bool stale; /* The model may have another by now. */
};

struct lists;
struct lists *lists_new(void);
void lists_free(struct lists *lists); /* Nobody holds one any more. */

/* The list as the model has it, a new reference: the same as before if it is the same. */
int lists_get(struct lists *lists, struct shared *shared, enum list_kind kind, const char *uuid,
	      struct list **ret, struct err *err);
int lists_now(struct lists *lists, struct shared *shared, struct list_slot *slot, struct list **ret,
	      struct err *err);
struct list *list_ref(struct list *list);
void list_unref(struct list *list);

/* A change of the model may have made this list another; NULL: nobody has asked for it. */
struct list_slot *lists_touch(struct lists *lists, enum list_kind kind, const char *uuid);
/* The same of all of a kind. */
void lists_touch_kind(struct lists *lists, enum list_kind kind);

/* One list after the other is held against the model; those that nobody has are forgotten. True: it
 * was another, though no change had said so. */
bool lists_sweep(struct lists *lists, struct shared *shared, struct err *err);

/* What leads from one version ('was' NULL: from nothing) to another ('is' NULL: to nothing) of a
 * list: both borrowed from one of them. '*upsert' is "" and '*remove' NULL where there is nothing.
 */
void list_difference(struct list *was, struct list *is, const char **upsert, json_t **remove);

#endif
