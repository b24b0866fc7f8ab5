/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kind.h - what the kinds of items here have in common: reading them, and making changes in
 * batches. */
#ifndef WEFT_BACKEND_RTNL_KIND_H
#define WEFT_BACKEND_RTNL_KIND_H

#include "lib/backend/rtnl/request.h"
#include "lib/backend/rtnl/rtnl.h"

/* Narrows a read; zeroes: everything. */
struct rtnl_filter {
	int link;       /* Index. */
	uint32_t table; /* Of routes. */
};

typedef int rtnl_read_fn(struct rtnl *rtnl, const struct rtnl_filter *filter,
			 const struct item_set *want, struct item_set *have, struct err *err);

struct rtnl_kind {
	const char *name;

	/* Puts the requests that make the change; about is the change. May do things by itself
	 * and put none. Failures go into 'err', which is the change's. */
	int (*say)(struct rtnl_batch *batch, struct change *change, struct err *err);

	/* The kernel refused with 'code'. Returns 0 if it could be done in another way; else
	 * 'code', with a sentence if it has a better one than the kernel's. May be NULL. */
	int (*refused)(struct rtnl *rtnl, struct change *change, int code, struct err *err);

	/* It is done. May be NULL. */
	void (*done)(struct rtnl *rtnl, const struct change *change);

	/* What failed is tried again if others of its kind came through: they can depend on each
	 * other. */
	bool retry;
};

/* Additions and changes kind by kind in the order of 'kinds', then removals the other way round.
 * 'kinds' ends with one without a name. */
void rtnl_apply(struct rtnl *rtnl, const struct rtnl_kind *kinds, struct change **changes,
		size_t n);

/* Adds 'item' (a reference, taken over) to what was read. The kernel has no room for an owner
 * beside it: it is the wanted one's. */
void have_say(const struct item_set *want, struct item_set *have, struct item *item);

/* For a single request outside of a change: 0 or the kernel's refusal, without sentence. */
int rtnl_send_one(struct rtnl_batch *batch);

/* Splits a key or value at its spaces. */
#define WORDS_MAX 12
struct words {
	char bytes[512];
	const char *word[WORDS_MAX];
	size_t n; /* 0 if the text is too long or has too many words. */
};
void text_words(struct words *words, const char *text);

/* A decimal number; false if it is none or above 'max'. */
bool decimal_parse(const char *text, uint32_t max, uint32_t *number);

/* -EINVAL "VALUE: is no KIND" for texts that no compiler of ours writes. */
int kind_value_bad(const struct item *item, struct err *err);

#endif
