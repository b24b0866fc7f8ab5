/* SPDX-License-Identifier: GPL-2.0-or-later */
/* held.h - a document as an agent was sent it: what became another since is a patch, and its digest
 * names the whole. Sections that are single objects (router, dns, host) are always there. */
#ifndef WEFT_LINK_HELD_H
#define WEFT_LINK_HELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controller/link/lists.h"
#include "lib/base/mem.h"

struct held {
	json_t *sections; /* By name: of a list, its objects by their uuids; else the object. NULL:
			     there is no document. */
	struct list **lists; /* Beside these: what it has in common with others. */
	size_t n_lists;
	uint64_t sum[4]; /* Of the digests of all objects. */
};

#define HELD_NONE \
	{         \
		0 \
	}

/* The same document has the same digest whatever way led there; another one, for all that matters,
 * has not. */
struct held_digest {
	char s[65];
};
struct held_digest held_digest(const struct held *held);

/* 'document' is borrowed, as the projections make it. */
void held_set(struct held *held, const json_t *document);
void held_clear(struct held *held);
/* 'copy' is none yet; the objects themselves belong to both. */
void held_copy(struct held *copy, const struct held *held);

/* Adds the digest of an object to a sum, or takes it away: 'text' is its JSON, keys in order. */
void held_sum(uint64_t sum[4], const char *section, const char *text, size_t length, bool add);

/* What a patch has to say. */
struct held_patch {
	json_t *upsert, *remove;    /* NULL: nothing. */
	struct text lists[N_LISTS]; /* To upsert as well: objects, with commas between them. */
};

/* Makes 'held' the document, and adds to 'patch' what is another now. */
void held_change(struct held *held, const json_t *document, struct held_patch *patch);

/* The same for one section alone; NULL: it has no objects now. */
void held_change_section(struct held *held, const char *name, const json_t *section,
			 struct held_patch *patch);
/* Makes 'lists' those that are held, in any order; the references are taken over, the array is the
 * caller's. */
void held_change_lists(struct held *held, struct list **lists, size_t n, struct held_patch *patch);
bool held_has_list(const struct held *held, const struct list_slot *slot);

bool held_patch_empty(const struct held_patch *patch);
void held_patch_clear(struct held_patch *patch);

#endif
