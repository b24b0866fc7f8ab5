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
		 struct err *err);

/* An element, and for one that is added what it has counted and remembers from before. */
struct message_element {
	const struct item *item;
	struct nft_sum sum, since[2];
};

/* Elements of one set go many to a message: elements[0..n-1] are of the same set. */
int message_elements(struct nft *nft, struct transaction *batch,
		     const struct message_element *elements, size_t n, bool remove,
		     struct err *err);

/* rebuild.c: finds the tables of which a set is wanted otherwise, and takes what is in them out of
 * 'have': they are made anew with the next transaction, which begins with their messages. */
int rebuild_find(struct nft *nft, const struct item_set *want, struct item_set *have,
		 struct err *err);
void rebuild_messages(struct nft *nft, struct transaction *batch);
/* What an element in such a table had, if it stays its owner's; NULL: nothing. */
const struct message_element *rebuild_kept(const struct nft *nft, const struct item *item);
void rebuild_done(struct nft *nft); /* They have been made, or nothing is known any more. */

/* carry.c: an element that is added, and where to put what it has from before. */
struct carrying {
	const struct change *change;
	struct message_element *to;
};

/* An element that changes and stays its owner's goes on from where it was; another that remembers
 * what was counted begins with what is so far; all others with nothing. */
int carry_read(struct nft *nft, const struct carrying *carryings, size_t n, struct err *err);

#endif
