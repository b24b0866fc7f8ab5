/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch.h - messages that the kernel takes as one transaction.
 *
 * Each message says whose it is (an index into the plan), so that a refusal finds its change. */
#ifndef WEFT_NFT_BATCH_H
#define WEFT_NFT_BATCH_H

#include "lib/backend/nft/nft_state.h"
#include "lib/base/text.h"

struct batch {
	struct text bytes;
	size_t *tags; /* Of message 1, 2, ... */
	size_t n, room;
	uint32_t first_seq;
	size_t tag;  /* Of what is added next. */
	size_t last; /* Where the last message begins. */
};

void batch_begin(struct batch *batch, uint32_t first_seq);
/* Room for one message of at most 'size' bytes; filled by libnftnl, then batch_added(). */
struct nlmsghdr *batch_message(struct batch *batch, size_t size, uint16_t type, int family,
			       uint16_t flags);
void batch_added(struct batch *batch, const struct nlmsghdr *message);

/* Sends all and reads every answer. 'refused' is called for each message that was refused, 'echo'
 * for each rule that the kernel tells of. 0: done; -EAGAIN: try again; else nothing was done. A
 * refusal without message is the return value alone. */
typedef void batch_refused_fn(void *data, size_t tag, int code, const char *text);
typedef void batch_echo_fn(void *data, const struct nlmsghdr *message);
int batch_commit(struct nft *nft, struct batch *batch, batch_refused_fn *refused,
		 batch_echo_fn *echo, void *data);
void batch_clear(struct batch *batch);

#endif
