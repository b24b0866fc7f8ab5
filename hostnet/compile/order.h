/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order.h - the places of all rules: who adds to a chain sees here what stands around it.
 *
 * The comment behind each name is what the rule does; docs/host-semantics.md has the reasons. */
#ifndef WEFT_HOSTNET_COMPILE_ORDER_H
#define WEFT_HOSTNET_COMPILE_ORDER_H

#define TABLE "bridge weft_host"

/* What comes in by a guest's port, before the bridge learns anything from it. */
#define CHAIN_PREROUTING   "prerouting" /* filter prerouting -300 accept */
#define PREROUTING_MACHINE "0040"       /* connections with the machine are its own */
#define PREROUTING_ZONE    "0050"       /* connections of two networks are two */
#define PREROUTING_OWN     "0100"       /* what most frames are: their sender's MAC and address */
#define PREROUTING_OWN6    "0110"
#define PREROUTING_TAGGED  "0200" /* no VLAN tags: they would lead into other networks */
#define PREROUTING_GUARDED "0300" /* all else of a port with anti-spoofing */

/* Of a guarded port, with its MAC and address. */
#define CHAIN_OWN      "own"
#define OWN_DHCP       "0100" /* no answers to DHCP clients; all else passes */
#define CHAIN_OWN6     "own6"
#define OWN6_DHCP      "0100"
#define OWN6_NEIGHBOUR "0300" /* what may speak of others is asked more; all else passes */

/* A port that is guarded: what is not of the above. */
#define CHAIN_GUARD       "guard"
#define GUARD_DHCP        "0200" /* no answers to DHCP clients */
#define GUARD_DHCP6       "0210"
#define GUARD_ROUTER      "0220" /* no IPv6 routers */
#define GUARD_MAC         "0310" /* not its MAC: never */
#define GUARD_DHCP_CLIENT "0320" /* before it has an address */
#define GUARD_ARP         "0400" /* speaks of itself */
#define GUARD_ARP_PROBE   "0410" /* asks whether an address is free */
#define GUARD_NEIGHBOUR   "0500" /* IPv6: speaks of others */
#define GUARD_IPV6        "0510"
#define GUARD_IPV6_PROBE  "0520"
#define GUARD_MOVED       "0600" /* RARP: says where it is after a migration */
#define GUARD_REST        "0900"

/* Behind it, where networks have legs: what is led into one instead of where its guest sends it. */
#define CHAIN_WAYS  "ways" /* filter prerouting -290 accept */
#define WAYS_ASK    "0100" /* a leg asks: in the name of an address that may be answered */
#define WAYS_EIP    "0200" /* from a guest with an elastic IP */
#define WAYS_ROUTED "0300" /* to a gateway that this host stands for */

#define CHAIN_EIP_WAY   "eip_way"
#define EIP_WAY_FLOW    "0050" /* to ports that came by one of several: by the same */
#define EIP_WAY_ANSWER  "0100" /* to whom came by an elastic IP: by the same */
#define EIP_WAY_GATEWAY "0200" /* to the gateway that nobody else is */

/* From a network whose gateway this host stands for, to that gateway: "routed-L3". */
#define ROUTED_GATEWAYS "0100" /* what is the router's own stays its own */
#define ROUTED_NEAR     "0200"
#define ROUTED_REST     "0300"

/* From port to port. What stands for responders, elastic IPs and routers is there with the first of
 * them: a packet pays for what the host has. */
#define CHAIN_FORWARD          "forward" /* filter forward -300 accept */
#define FORWARD_TAGGED         "0100"    /* no frame of another network to a guest */
#define FORWARD_EIP_OUT        "0110"    /* an elastic IP's answers go nowhere but to a leg */
#define FORWARD_ARP            "0200"
#define FORWARD_TO_RESPONDER   "0300"
#define FORWARD_FROM_RESPONDER "0310"
#define FORWARD_QUESTION       "0400" /* guests that are served ask nobody else */
#define FORWARD_ANSWER         "0410" /* nobody else answers them */
#define FORWARD_ASTRAY         "0420" /* what is for the responder does not leave */
#define FORWARD_FORGED         "0430" /* what others send in its name */
#define FORWARD_FROM_LEG       "0500"

/* Only guests of this host ask a responder; it answers nobody else. */
#define CHAIN_TO_RESPONDER    "to_responder"
#define TO_RESPONDER_PORT     "0100"
#define TO_RESPONDER_ONLY     "0200" /* ARP, which is elsewhere, and IPv4 */
#define TO_RESPONDER_METADATA "0300" /* by the address that they have on this port */
#define CHAIN_FROM_RESPONDER  "from_responder"
#define FROM_RESPONDER_PORT   "0100"

/* Out of a leg. */
#define CHAIN_FROM_LEG "from_leg"
#define FROM_LEG_FLOW  "0100" /* to a guest that has several: by its ports, if any */
#define FROM_LEG_OTHER "0200" /* else by which it came last */
#define FROM_LEG_PEER  "0300" /* who comes by an elastic IP is remembered */
#define FROM_LEG_IN    "0400" /* only its guest gets it */

/* ARP. */
#define CHAIN_ARP         "forward_arp"
#define ARP_RESPONDER     "0200" /* only guests of this host ask a responder */
#define ARP_RESPONDER_OUT "0210" /* it answers nobody else */
#define ARP_QUESTION      "0320" /* who has the responder's address: not for others */
#define ARP_ANSWER        "0330" /* nobody else has it */
#define ARP_GATEWAY_LIVES "0430" /* a guest's own gateway answers */
#define ARP_ROUTED        "0440" /* who has the router's address: not for others */
#define ARP_LEG_OWN       "0500" /* a leg is asked: for an elastic IP, by anyone */
#define ARP_LEG_ROUTED    "0510" /* for the router's address, by guests here */
#define ARP_LEG_LIVES     "0520" /* for a gateway that is there */
#define ARP_LEG_AGAIN     "0530" /* once more: nobody answered */
#define ARP_LEG_FIRST     "0540" /* its turn is the gateway's */
#define ARP_LEG_OTHER     "0550"

/* What security groups say, once connections are known (priority -200): of a frame that comes in by
 * a port which is in groups, and of one that leaves by such a port, whoever sent it. Both chains
 * have the same rules in the same places: what most frames are is asked first. */
#define CHAIN_GROUPS_FROM "groups_from" /* filter prerouting -150 accept */
#define CHAIN_GROUPS_TO   "groups_to"   /* filter postrouting 0 accept */
#define GROUPS_ORIGINAL   "0100"        /* by its groups: from who began the connection */
#define GROUPS_REPLY      "0110"        /* by its groups: to who began it */
#define GROUPS_OTHERS     "0200"        /* ports without groups: pass */
#define GROUPS_REST       "0900"        /* "anyway" */

/* Of a port in groups, what these do not allow, or what is no connection's. */
#define CHAIN_ANYWAY     "anyway"
#define ANYWAY_ARP       "0200" /* ARP, RARP: pass */
#define ANYWAY_NEIGHBOUR "0210" /* IPv6: the same */
#define ANYWAY_ASKS      "0220" /* a DHCP client: passes */
#define ANYWAY_TOLD      "0230"
#define ANYWAY_ASKS6     "0240"
#define ANYWAY_TOLD6     "0250"
#define ANYWAY_SERVES    "0300" /* this host's DHCP and user data: pass */
#define ANYWAY_SERVED    "0310"
#define ANYWAY_REST      "0900" /* drop */

/* The two chains of groups that ports are in together; one only, where all may go out. */
#define COMBINED_GROUPS "0100." /* what each allows, one after the other */
#define COMBINED_REST   "0300"  /* "anyway" */

/* A group's chains: a place for each rule. */
#define GROUP_RULE   "0100."
#define GROUP_RULE_6 "0200." /* IPv6, where one rule is two */

/* What goes to the machine itself. */
#define CHAIN_INPUT  "input" /* filter input -300 accept */
#define INPUT_CLOSED "0100"  /* from networks that it is no part of: nothing */

/* Beyond the bridges: what a leg leads to. Each leg has a base chain called as its inner end, and
 * "to-INNER", by which frames go back into its bridge. */
#define TABLE_LEGS  "netdev weft_host"
#define LEG_BEGIN   "0100" /* the leg's mark; what all legs do */
#define LEG_ROUTED  "0200" /* from a router's network: "routes-ROUTER" */
#define LEG_TO_NEAR "0100" /* who is on the link is answered there */
#define LEG_TO      "0200"

#define CHAIN_LEG  "leg"
#define LEG_TAGGED "0100"
#define LEG_ASKED  "0200" /* ARP for an address that is answered for */
#define LEG_TOLD   "0210" /* ARP for this host: whom it asked for */
#define LEG_IN     "0300" /* to an elastic IP */
#define LEG_ERROR  "0400" /* from its guest: of what an ICMP error is about */
#define LEG_LIMIT  "0420" /* how fast: all of it, and its ports */
#define LEG_LIMITS "0430"
#define LEG_OUT    "0500"

#define CHAIN_ANSWER "answer" /* A question becomes its answer, and goes back. */
#define CHAIN_EIP_IN "eip_in"
#define EIP_ANEW     "0050" /* in no class: it may come from another elastic IP */
#define EIP_ERROR    "0100"
#define EIP_FROM     "0200"
#define EIP_TO       "0210"
#define EIP_LIMIT    "0220"
#define EIP_LIMITS   "0230"
#define EIP_GUEST    "0300"

/* Out to a public network: "out-L3". */
#define OUT_NEAR    "0100" /* to another elastic IP here */
#define OUT_LINK    "0200"
#define OUT_GATEWAY "0300"

/* Out of a router's networks into another: "routes-ROUTER". */
#define ROUTES_TO "0100"

#endif
