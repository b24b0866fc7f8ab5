/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order.h - the places of all rules: who adds to a chain sees here what stands around it.
 *
 * The comment behind each name is what the rule does; docs/host-semantics.md has the reasons. */
#ifndef WEFT_HOSTNET_COMPILE_ORDER_H
#define WEFT_HOSTNET_COMPILE_ORDER_H

#define TABLE "bridge weft_host"

/* What comes in by a guest's port, before the bridge learns anything from it. */
#define CHAIN_PREROUTING "prerouting" /* filter prerouting -300 accept */
#define PREROUTING_ZONE  "0050"       /* connections of two networks are two */
#define PREROUTING_DOORS "0100"       /* by port: its guard */

/* A port that is guarded. What most frames are stands where they need the fewest rules. */
#define CHAIN_GUARD       "guard"
#define GUARD_TAGGED      "0100" /* no VLAN tags: they would lead into other networks */
#define GUARD_DHCP        "0200" /* no answers to DHCP clients */
#define GUARD_DHCP6       "0210"
#define GUARD_ROUTER      "0220" /* no IPv6 routers */
#define GUARD_IPV4        "0300" /* its MAC and address: pass */
#define GUARD_MAC         "0310" /* not its MAC: never */
#define GUARD_DHCP_CLIENT "0320" /* before it has an address */
#define GUARD_ARP         "0400" /* speaks of itself */
#define GUARD_ARP_PROBE   "0410" /* asks whether an address is free */
#define GUARD_NEIGHBOUR   "0500" /* IPv6: speaks of others */
#define GUARD_IPV6        "0510"
#define GUARD_IPV6_PROBE  "0520"
#define GUARD_MOVED       "0600" /* RARP: says where it is after a migration */
#define GUARD_REST        "0900"

/* A port that is not. */
#define CHAIN_PLAIN  "plain"
#define PLAIN_TAGGED "0100"

/* From port to port. */
#define CHAIN_FORWARD          "forward" /* filter forward -300 accept */
#define FORWARD_TAGGED         "0100"    /* no frame of another network to a guest */
#define FORWARD_RESPONDER      "0200"    /* only guests of this host ask a responder */
#define FORWARD_RESPONDER_OUT  "0210"    /* it answers nobody else */
#define FORWARD_RESPONDER_ONLY "0220"    /* ARP and IPv4 */
#define FORWARD_METADATA       "0230"    /* by the address that they have on this port */
#define FORWARD_QUESTION       "0300"    /* guests that are served ask nobody else */
#define FORWARD_ANSWER         "0310"    /* nobody else answers them */
#define FORWARD_ARP_QUESTION   "0320"    /* who has the responder's address: not for others */
#define FORWARD_ARP_ANSWER     "0330"    /* nobody else has it */
#define FORWARD_ASTRAY         "0340"    /* what is for it does not leave */
#define FORWARD_FORGED         "0350"    /* what others send in its name */

/* What security groups say, once connections are known (priority -200): of a frame that comes in by
 * a port which is in groups, and of one that leaves by such a port, whoever sent it. Both chains
 * have the same rules in the same places. */
#define CHAIN_GROUPS_FROM "groups_from" /* filter prerouting -150 accept */
#define CHAIN_GROUPS_TO   "groups_to"   /* filter postrouting 0 accept */
#define GROUPS_OTHERS     "0100"        /* ports without groups: pass */
#define GROUPS_ARP        "0200"        /* ARP, RARP: pass */
#define GROUPS_NEIGHBOUR  "0210"        /* IPv6: the same */
#define GROUPS_DHCP       "0220"        /* pass */
#define GROUPS_DHCP6      "0230"
#define GROUPS_RESPONDER  "0240" /* this host's DHCP and user data: pass */
#define GROUPS_INTO       "0300" /* by port: connections that others began */
#define GROUPS_OUTOF      "0310" /* by port: connections that its guest began */
#define GROUPS_REST       "0900" /* drop */

/* A port's two chains: its groups, one after the other. */
#define PORT_GROUPS "0100." /* what each allows */
#define PORT_LIMITS "0200." /* out of it: whether each is strict */
#define PORT_REST   "0300"  /* into it: drop; out of it: accept */

/* A group's chains: a place for each rule. */
#define GROUP_RULE    "0100."
#define GROUP_RULE_6  "0200." /* IPv6, where one rule is two */
#define GROUP_LIMITED "0100"

/* What goes to the machine itself. */
#define CHAIN_INPUT  "input" /* filter input -300 accept */
#define INPUT_CLOSED "0100"  /* from networks that it is no part of: nothing */

#endif
