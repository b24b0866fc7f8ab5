/* SPDX-License-Identifier: GPL-2.0-or-later */
/* walk.h - a packet on its way over a host, for the files of this folder: a stage each. */
#ifndef WEFT_HOSTNET_EXPLAIN_WALK_H
#define WEFT_HOSTNET_EXPLAIN_WALK_H

#include "hostnet/explain/explain.h"

struct walk {
	const struct document *document;
	const struct facts *facts;
	const struct notes *notes;   /* May be NULL. */
	struct packet packet;        /* As it is now; borrows 'interface'. */
	const struct l2_network *l2; /* That it is on; NULL: of none that is known. */
	const struct port *in, *out; /* NULL: outside, or something that is no port. */
	struct ip next_hop;          /* Whom the frame goes to. */
	json_t *steps;
	const char *verdict; /* NULL while it is on its way. */
};

/* Adds a step; the packet is noted as it is then. */
void walk_step(struct walk *walk, const struct object *object, const char *action,
	       const char *format, ...) PRINTF(4, 5);
/* The same, and the end of the way. */
void walk_end(struct walk *walk, const struct object *object, const char *verdict,
	      const char *action, const char *format, ...) PRINTF(5, 6);

/* "tcp port 22 of 10.0.0.1", "icmp to 10.0.0.1". */
struct place_text {
	char s[80];
};
struct place_text walk_destination(const struct walk *walk);

/* The stages, in their order. Each may end the way. */
int walk_enter(struct walk *walk, struct err *err);
void walk_guard(struct walk *walk);
void walk_route(struct walk *walk);
void walk_egress(struct walk *walk);
void walk_find(struct walk *walk);
void walk_serve(struct walk *walk);
void walk_ingress(struct walk *walk);
void walk_leave(struct walk *walk);

/* Why an object carries nothing, or NULL. */
const char *walk_rests(const struct walk *walk, const struct object *object);

/* Whom the port finds on this host alone: the network whose responder has this address. */
const struct l3_network *port_served(const struct document *document, const struct port *port,
				     const struct ip *address);

/* What a trace of the kernel says in the same words (hostnet/trace). */
void walk_say_enter(struct walk *walk);
void walk_say_unguarded(struct walk *walk);
void walk_say_own(struct walk *walk);
void walk_say_forged(struct walk *walk);
void walk_say_asks_for_address(struct walk *walk);
void walk_say_no_server(struct walk *walk);
/* Of 'port's groups: what lets it pass ('answers': of a connection that was begun the other way),
 * or that nothing does. */
void walk_say_rule(struct walk *walk, const struct security_group *group,
		   const struct group_rule *rule, bool answers);
void walk_say_not_let_out(struct walk *walk, const struct port *port);
void walk_say_free(struct walk *walk, const struct port *port);
void walk_say_not_let_in(struct walk *walk, const struct port *port);
void walk_say_any_rules(struct walk *walk, const struct port *port);
void walk_say_routed(struct walk *walk, const struct object *router, const char *l3);
void walk_say_answered(struct walk *walk, const struct l3_network *l3);
void walk_say_not_answered(struct walk *walk, const struct object *object);
void walk_say_leave(struct walk *walk);

#endif
