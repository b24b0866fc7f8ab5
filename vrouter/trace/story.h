/* SPDX-License-Identifier: GPL-2.0-or-later */
/* story.h - a packet's way as it is told, for the files of this folder. */
#ifndef WEFT_VROUTER_TRACE_STORY_H
#define WEFT_VROUTER_TRACE_STORY_H

#include "lib/backend/nft/trace.h"
#include "vrouter/explain/walk.h"
#include "vrouter/trace/traced.h"

struct story {
	struct walk walk; /* The packet, links and steps so far. */
	struct agent *agent;
	const struct nft_traced *traced;
	size_t at;       /* Which of its steps is told. */
	bool own;        /* The router itself sends it. */
	bool routed;     /* The route is told. */
	size_t n_routed; /* How many steps there were then. */
	bool dnat_told, snat_told;
	char *marked_by;                     /* The elastic IP whose way out it takes, or NULL. */
	const struct nft_trace_packet *seen; /* The packet as it came to this chain. */
};

/* A rule that the packet met. */
struct met {
	const char *order, *owner, *text; /* Of the rule; "" where it is not known any more. */
};

/* steps.c: what a rule of the router's table means. */
void story_tell_rule(struct story *story, const struct nft_trace_step *step);
void story_tell_return(struct story *story, const struct nft_trace_step *step);
void story_tell_policy(struct story *story, const struct nft_trace_step *step);

/* The object that the element belongs to in which the rule has found the packet ('set': in that
 * set), or NULL. */
const struct object *story_element(struct story *story, const char *rule, const char *set);
/* The object with this uuid, whatever it is; NULL: it is not in the document any more. */
const struct object *story_object(const struct story *story, const char *uuid);
/* The text of a rule of the router's own table, as it is wanted; "" if there is none. */
const char *story_rule(const struct story *story, const char *chain, const char *order);

/* route.c */
void story_tell_route(struct story *story);    /* It came through: which route it took. */
void story_tell_vanished(struct story *story); /* It did not: why. */

/* known.c: what connection tracking does by itself with a known connection. */
void story_tell_known_dnat(struct story *story, const struct packet *was);
void story_tell_known_snat(struct story *story, const struct packet *was);

/* Reads the headers as they were when the packet came to a chain. */
void story_look(struct story *story, const struct nft_trace_packet *seen);
/* The same as they were behind the present chain: what it translated shows there. */
void story_look_ahead(struct story *story);
bool story_read(const struct nft_trace_packet *seen, struct packet *packet);

const struct interface *story_interface(const struct story *story, int index);

#endif
