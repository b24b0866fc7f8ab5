/* SPDX-License-Identifier: GPL-2.0-or-later */
/* story.h - a packet's way as it is told, for the files of this folder. */
#ifndef WEFT_HOSTNET_TRACE_STORY_H
#define WEFT_HOSTNET_TRACE_STORY_H

#include "hostnet/explain/walk.h"
#include "hostnet/trace/traced.h"

struct story {
	struct walk walk; /* The packet, ports and steps so far. */
	struct agent *agent;
	const struct nft_traced *traced;
	const struct nft_trace_packet *seen; /* The packet as it came to this chain. */
	bool to_guest;                       /* It has come to where ports judge what they get. */
	/* What groups have said, if nothing lets it pass anyway. */
	bool not_let_out, not_let_in;
};

/* steps.c: what a rule of the bridges' table means. */
void story_tell_rule(struct story *story, const struct nft_trace_step *step);

/* place.c: what a link is to the document. */
void story_tell_enter(struct story *story);
/* By the link that the packet was last seen to leave by. */
void story_note_out(struct story *story, int index);
void story_tell_leave(struct story *story);

#endif
