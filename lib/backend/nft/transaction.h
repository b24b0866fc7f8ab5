/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transaction.h - messages that the kernel takes as one transaction.
 *
 * Each message says whose it is (an index into the plan), so that a refusal finds its change. */
#ifndef WEFT_NFT_TRANSACTION_H
#define WEFT_NFT_TRANSACTION_H

#include "lib/backend/nft/nft_state.h"
#include "lib/base/text.h"

struct transaction {
	struct text bytes;
	size_t *tags; /* Of message 1, 2, ... */
	size_t n, room;
	uint32_t first_seq;
	uint32_t set_id; /* Of the last set: by that messages know the sets of their transaction. */
	size_t tag;      /* Of what is added next. */
	size_t last;     /* Where the last message begins. */
};

void transaction_begin(struct transaction *batch, uint32_t first_seq);
/* Room for one message of at most 'size' bytes; filled by libnftnl, then transaction_added(). */
struct nlmsghdr *transaction_message(struct transaction *batch, size_t size, uint16_t type,
				     int family, uint16_t flags);
void transaction_added(struct transaction *batch, const struct nlmsghdr *message);

/* Sends all and reads every answer. 'refused' is called for each message that was refused, 'echo'
 * for each rule that the kernel tells of. 0: done; -EAGAIN: try again; else nothing was done. A
 * refusal without message is the return value alone. */
typedef void transaction_refused_fn(void *data, size_t tag, int code, const char *text);
typedef void transaction_echo_fn(void *data, const struct nlmsghdr *message);
int transaction_commit(struct nft *nft, struct transaction *batch, transaction_refused_fn *refused,
		       transaction_echo_fn *echo, void *data);
void transaction_clear(struct transaction *batch);

#endif
