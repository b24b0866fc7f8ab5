/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft.h - items <-> nf_tables, by netlink.
 *
 * The kinds nft.table, nft.chain, nft.set, nft.element, nft.rule and nft.counter of docs/items.md.
 * Everything that one call of the provider's apply() is given becomes one transaction: a packet
 * sees all of it or nothing. Ours is what stands in a table with our name, of any family. */
#ifndef WEFT_NFT_NFT_H
#define WEFT_NFT_NFT_H

#include <stdint.h>

#include "lib/item/provider.h"

struct nft; /* One agent's tables in this network namespace. */

/* Opens the sockets; tables called 'table_name' are ours. What is in the kernel is read when the
 * provider's read() is called first. */
int nft_new(const char *table_name, struct nft **ret, struct err *err);
void nft_free(struct nft *nft);

/* The provider borrows 'nft'. */
struct provider nft_provider(struct nft *nft);

/* Readable when another process changed something. */
int nft_events_fd(const struct nft *nft);

/* 'process' is "NAME(PID)" or NULL where the kernel does not say. */
typedef void nft_foreign_fn(void *data, const char *kind, const char *key, bool removed,
			    const char *process);

/* Reads what is pending and calls back for each item in our tables that another process touched;
 * our own changes are not among them. -ENOBUFS: events were lost, everything must be read again. */
int nft_events_read(struct nft *nft, nft_foreign_fn *foreign, void *data, struct err *err);

/* Reads one item's present state. '*have' is the caller's, or NULL when it is not there. */
int nft_read_one(struct nft *nft, const char *kind, const char *key, struct item **have,
		 struct err *err);

struct nft_sum {
	uint64_t packets, bytes;
};

/* What an element has counted, or remembers that others had when it came. */
struct nft_count {
	const char *key;         /* An item's key: "ip weft vip_up 10.0.0.5"; the caller's. */
	bool found;              /* The element is there. */
	struct nft_sum sum;      /* Where its set counts. */
	struct nft_sum since[2]; /* Where its set has "since"; in its order. */
};

/* Fills in all 'counts', each asked for by itself: what it costs depends on 'n' alone, some
 * microseconds each. */
int nft_counts_read(struct nft *nft, struct nft_count *counts, size_t n, struct err *err);

/* Whether this kernel takes a rule in a base chain of 'family' ("filter forward 0 accept"): tried
 * in a transaction that leaves nothing behind. */
int nft_probe(struct nft *nft, const char *family, const char *hook, const char *rule,
	      struct err *err);

/* Whether 'text' is a rule that a table of 'family' ("inet") can have. Pure: what the sets and
 * chains are that it names is not looked at. The error names the word that is not understood. */
int nft_rule_check(const char *family, const char *text, struct err *err);

#endif
