/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.h - items as messages of a batch. */
#ifndef WEFT_NFT_MESSAGE_H
#define WEFT_NFT_MESSAGE_H

#include "lib/backend/nft/transaction.h"

/* Each adds what makes (or with 'remove' takes away) the item; -EINVAL and a sentence if its texts
 * are not understood, -ENOENT if what it stands in is not known. */
int message_table(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		  struct err *err);
int message_chain(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		  struct err *err);
int message_set(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		struct err *err);
int message_counter(struct nft *nft, struct transaction *batch, const struct item *item,
		    bool remove, struct err *err);
int message_rule(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		 uint32_t *set_id, struct err *err);

/* An element, and for one that counts and is added what it begins with. */
struct message_element {
	const struct item *item;
	uint64_t packets, bytes;
};

/* Elements of one set go many to a message: elements[0..n-1] are of the same set. */
int message_elements(struct nft *nft, struct transaction *batch,
		     const struct message_element *elements, size_t n, bool remove,
		     struct err *err);

/* carry.c: the key of the element whose count the one that 'change' adds goes on from: its own from
 * before, if it stays its owner's, or where the set says so another's. NULL: it begins at zero. The
 * caller's. */
char *carry_key(const struct nft *nft, const struct change *change);

#endif
