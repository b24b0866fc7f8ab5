/* SPDX-License-Identifier: GPL-2.0-or-later */
/* walk.h - a packet on its way, for the files of this folder: a stage each. */
#ifndef WEFT_VROUTER_EXPLAIN_WALK_H
#define WEFT_VROUTER_EXPLAIN_WALK_H

#include "vrouter/document/ipsec_place.h"
#include "vrouter/explain/explain.h"

struct walk {
	const struct document *document;
	const struct facts *facts;
	struct packet packet;       /* As it is now; borrows 'interface'. */
	const struct interface *in; /* NULL: the router itself sends it. */
	const struct interface *out;
	struct ip next_hop; /* Family 0: the destination is on the link. */
	bool translated, for_router;
	const struct ipsec *from_tunnel, *into_tunnel; /* NULL: in the clear. */
	json_t *steps;
	const char *verdict; /* NULL while it is on its way. */
};

/* Adds a step; the packet is noted as it is then. */
void walk_step(struct walk *walk, const struct object *object, const char *action,
	       const char *format, ...) PRINTF(4, 5);
/* The same of the router's own rules, and the end of the way. */
void walk_end(struct walk *walk, const char *verdict, const char *action, const char *format, ...)
	PRINTF(4, 5);

/* "tcp 10.0.0.1:80" as the packet's destination or source. */
struct place_text {
	char s[80];
};
struct place_text walk_destination(const struct walk *walk);

json_t *packet_json(const struct packet *packet);
const char *packet_protocol_name(const struct packet *packet);

/* The stages, in their order. Each may end the way. */
int walk_enter(struct walk *walk, struct err *err);
void walk_translate(struct walk *walk);
void walk_route(struct walk *walk);
void walk_firewall(struct walk *walk);
void walk_forward(struct walk *walk);
void walk_local(struct walk *walk);
void walk_leave(struct walk *walk);

/* Which interface leads to 'ip', as the main table has it ('beside_default': without routes of
 * length 0); the object of the route that decides, or NULL if nothing does. '*next_hop' has family
 * 0 where the link is the last. '*out' is NULL for a blackhole. */
const struct object *walk_lookup(const struct walk *walk, const struct ip *ip, bool beside_default,
				 const struct interface **out, struct ip *next_hop);

bool walk_is_own_address(const struct walk *walk, const struct ip *ip);

/* What is for a tunnel's networks goes into it, what says that it comes from there must have come
 * through it. Before walk_firewall(). */
void walk_tunnel(struct walk *walk);

/* Someone outside calls himself a guest. */
bool walk_is_forged(const struct walk *walk);

#endif
