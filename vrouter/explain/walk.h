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

/* Whether the packet may come there with its source: looked at when the way on is known. */
void walk_check_source(struct walk *walk);

/* What is for a tunnel's networks goes into it, what says that it comes from there must have come
 * through it. Before walk_firewall(). */
void walk_tunnel(struct walk *walk);

/* Someone outside calls himself a guest. */
bool walk_is_forged(const struct walk *walk);

/* What a trace of the kernel says in the same words (vrouter/trace): steps of which it is known
 * that they were taken. 'was' is the end that was translated; the packet is as it became. */
void walk_say_enter(struct walk *walk, const struct place *place);
void walk_say_own(struct walk *walk);
void walk_say_not_reached(struct walk *walk);
void walk_say_own_source(struct walk *walk);
void walk_say_eip(struct walk *walk, const struct object *eip, const struct ip_text *was);
void walk_say_forwarded(struct walk *walk, const struct object *forward,
			const struct place_text *was);
void walk_say_missed(struct walk *walk, const struct port_forward *forward);
void walk_say_route(struct walk *walk, const struct object *object);
void walk_say_route_of_eip(struct walk *walk, const struct object *eip);
void walk_say_blackhole(struct walk *walk, const struct object *route);
void walk_say_no_route(struct walk *walk);
void walk_say_firewall(struct walk *walk, const struct firewall_rule *rule);
void walk_say_management(struct walk *walk);
void walk_say_forged(struct walk *walk);
void walk_say_out_of_tunnel(struct walk *walk, const struct object *tunnel);
void walk_say_in_clear(struct walk *walk, const struct object *tunnel);
void walk_say_no_local(struct walk *walk, const struct object *tunnel);
void walk_say_came_through(struct walk *walk, const struct ipsec *tunnel);
void walk_say_translated(struct walk *walk);
void walk_say_between(struct walk *walk);
void walk_say_out(struct walk *walk);
void walk_say_admitted(struct walk *walk, const struct object *route);
void walk_say_closed(struct walk *walk);
void walk_say_heard(struct walk *walk, const struct object *object, const char *what);
void walk_say_listener(struct walk *walk, const struct object *balancer);
void walk_say_unheard(struct walk *walk);
void walk_say_real_source(struct walk *walk, const struct object *route);
void walk_say_hairpin(struct walk *walk, const struct ip_text *was);
void walk_say_leaves_as_eip(struct walk *walk, const struct object *eip, const struct ip_text *was);
void walk_say_leaves_translated(struct walk *walk, const struct object *home,
				const struct ip_text *was);
void walk_say_leave(struct walk *walk);
void walk_say_sealed(struct walk *walk, const struct ipsec *tunnel);

#endif
