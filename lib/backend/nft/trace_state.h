/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_state.h - the tracer's inside, for its own files. */
#ifndef WEFT_NFT_TRACE_STATE_H
#define WEFT_NFT_TRACE_STATE_H

#include "lib/backend/nft/nft_state.h"
#include "lib/backend/nft/trace.h"

/* The chains of the tracer's table. */
#define TRACE_ARM        "arm"        /* The packets that match are marked. */
#define TRACE_ARM_OUTPUT "arm-output" /* The machine's own. */
/* Behind connection tracking: replies are unmarked. What is told of from here on is no reply. */
#define TRACE_TELL        "tell"
#define TRACE_TELL_OUTPUT "tell-output"
#define TRACE_ROUTE       "route"     /* The last before the routing decision. */
#define TRACE_DELIVERED   "delivered" /* The last of all. */
#define TRACE_LEFT        "left"

/* One chosen flow: its rules in the two chains that arm. */
struct nft_trace {
	char order[24];
	uint64_t handles[2]; /* 0: none. */
	nft_traced_fn *fn;
	void *data;
	struct nft_trace *next;
};

/* A packet on its way. */
struct flight {
	uint32_t id;
	bool told;  /* Past TRACE_TELL. */
	bool armed; /* The chain that armed it was left. */
	uint64_t last_ms;
	char *base; /* The base chain that it is in: "inet weft forward". */
	struct nft_traced traced;
	struct nft_trace **traces; /* Those that chose it; NULL: removed since. */
	size_t n_traces, traces_room;
	struct flight *next;
};

struct nft_tracer {
	struct nft *nft; /* The table's; its events are the kernel's traces. */
	char *family, *table_name, *table;
	unsigned int serial;
	struct nft_trace *traces;
	struct flight *flights;
};

/* trace_read.c */
void flights_forget(struct nft_tracer *tracer); /* All that is on its way. */
void flights_leave(struct nft_tracer *tracer, const struct nft_trace *trace);

#endif
