/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace.h - what really becomes of packets: the kernel's own tracing, for a few chosen flows.
 *
 * A table of its own ("inet weft_trace") marks the packets that match; the kernel tells of each
 * rule that they meet, in any table. Its other chains say where a packet was and how it looked
 * there: before it is routed, and when it is through. The table belongs to the socket: it goes with
 * the tracer, and with the process however that ends. Replies are not traced. */
#ifndef WEFT_NFT_TRACE_H
#define WEFT_NFT_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/backend/nft/nft.h"
#include "lib/base/net.h"

enum nft_trace_kind {
	NFT_TRACE_RULE,   /* It matched to its end. */
	NFT_TRACE_RETURN, /* The end of a chain that was jumped to. */
	NFT_TRACE_POLICY, /* The end of a base chain. */
};

/* The packet as it was when it came to a base chain. */
struct nft_trace_packet {
	int iif, oif; /* Indexes of links; 0: not there yet, or none. */
	uint32_t mark;
	uint8_t network[40], transport[20]; /* The headers, as far as they are there. */
	size_t n_network, n_transport;
};

struct nft_trace_step {
	enum nft_trace_kind kind;
	char *table, *chain; /* "inet weft", "forward". */
	uint64_t handle;     /* Of the rule. */
	int32_t verdict;     /* NF_ACCEPT, NFT_CONTINUE, ...; of a policy what it says. */
	char *jump;          /* The chain that a rule's verdict leads to, or NULL. */
	size_t packet;       /* Index into 'packets'. */
};

enum nft_trace_end {
	NFT_TRACE_LEFT,      /* Out of the machine. */
	NFT_TRACE_DELIVERED, /* To the machine itself. */
	NFT_TRACE_DROPPED,   /* By the rule or policy that is the last step. */
	NFT_TRACE_VANISHED,  /* Nothing more is told: what is no rule took it away. */
};

/* All that was told of one packet. */
struct nft_traced {
	struct nft_trace_step *steps;
	size_t n, room;
	/* As it came to each base chain, in this order. */
	struct nft_trace_packet *packets;
	size_t n_packets, packets_room;
	bool routed; /* It came as far as the routing decision, or is the machine's own. */
	enum nft_trace_end end;
};

struct nft_tracer;

/* Takes away what another process left behind. */
int nft_tracer_clean(const char *family, const char *table_name, struct err *err);

/* 'family' is that of the table that is made ("inet", "bridge"), called 'table_name'. */
int nft_tracer_new(const char *family, const char *table_name, struct nft_tracer **ret,
		   struct err *err);
void nft_tracer_free(struct nft_tracer *tracer); /* NULL is fine. */

/* 'traced' is lent. May call nft_tracer_remove(), but not nft_tracer_free(). */
typedef void nft_traced_fn(void *data, const struct nft_traced *traced);

/* Traces packets that 'match' (a rule's text, docs/items.md, without statements; may be empty), at
 * most NFT_TRACE_RATE in a second, until nft_tracer_remove(). 'link': those that come in by this
 * link; NULL: by any but lo, and the machine's own. */
#define NFT_TRACE_RATE 1000
struct nft_trace; /* One chosen flow. */
int nft_tracer_add(struct nft_tracer *tracer, const char *link, const char *match,
		   nft_traced_fn *fn, void *data, struct nft_trace **ret, struct err *err);
void nft_tracer_remove(struct nft_tracer *tracer, struct nft_trace *trace);

/* Readable when the kernel has told something. */
int nft_tracer_fd(const struct nft_tracer *tracer);

/* Reads what is there and hands on each packet of which all is told. -ENOBUFS: some was lost; what
 * had begun is forgotten. 'now_ms' is CLOCK_MONOTONIC. */
int nft_tracer_read(struct nft_tracer *tracer, uint64_t now_ms, struct err *err);

/* When nft_tracer_settle() has something to do; UINT64_MAX: never. */
uint64_t nft_tracer_due_ms(const struct nft_tracer *tracer);
/* Hands on the packets that nothing more was told of for a while. */
void nft_tracer_settle(struct nft_tracer *tracer, uint64_t now_ms);

/* The order (the last word of its key) and owner of the rule with this handle in "inet weft
 * forward"; NULL: it is not there any more. The backend's own, until the next change. */
const char *nft_rule_at(const struct nft *nft, const char *chain, uint64_t handle,
			const char **owner);

/* The element of the first set (with 'set' the one of that name) that the rule's text asks for and
 * in which the packet is found: an item of kind nft.element, the caller's. NULL: there is none, or
 * it is asked for by what a trace does not tell (connection tracking). */
int nft_trace_element(struct nft *nft, const char *table, const char *rule, const char *set,
		      const struct nft_trace_packet *packet, struct item **element,
		      struct err *err);

#endif
