/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order.h - the places of all rules: who adds to a chain sees here what stands around it.
 *
 * The comment behind each name is what the rule does; docs/router-semantics.md has the reasons. */
#ifndef WEFT_VROUTER_COMPILE_ORDER_H
#define WEFT_VROUTER_COMPILE_ORDER_H

#define TABLE "inet weft"

/* Only with several public interfaces: connections remember the one that they came in by. */
#define CHAIN_MARK         "mark" /* filter prerouting -150 */
#define MARK_NEW           "0100" /* new from outside: ct mark */
#define MARK_REPLY         "0200" /* replies: the ct mark becomes the packet's */
#define MARK_SOURCE        "0300" /* guests with an elastic IP elsewhere than at the default */
#define CHAIN_MARK_OUTPUT  "mark-output" /* route output -150 */
#define MARK_OUTPUT_REPLY  "0100"
#define MARK_OUTPUT_TUNNEL "0200" /* the router as a VIP elsewhere than at the default */

#define CHAIN_DNAT            "dnat" /* nat prerouting -100 */
#define DNAT_MANAGEMENT       "0100" /* nothing for it */
#define DNAT_EIP              "0200"
#define DNAT_PORT             "0300" /* single ports, and shifted ranges port by port */
#define DNAT_RANGE            "0310"
#define DNAT_RESTRICTED       "0320" /* the same with an allowed CIDR */
#define DNAT_RESTRICTED_RANGE "0330"

#define CHAIN_FORWARD               "forward" /* filter forward 0 drop */
#define FORWARD_TUNNEL_OUT          "0050" /* what is for a tunnel goes into one, or not at all */
#define FORWARD_TUNNEL_FORGED       "0060" /* what came out of none says it did */
#define FORWARD_FIREWALL_IN_STATES  "0100"
#define FORWARD_FIREWALL_OUT_STATES "0110"
#define FORWARD_ESTABLISHED         "0200"
#define FORWARD_INVALID             "0210"
#define FORWARD_IPV6                "0220"
#define FORWARD_FIREWALL_IN         "0300"
#define FORWARD_FIREWALL_OUT        "0310"
#define FORWARD_FROM_MANAGEMENT     "0400"
#define FORWARD_TO_MANAGEMENT       "0410"
#define FORWARD_TUNNEL              "0500" /* what came out of one */
#define FORWARD_FORGED              "0600" /* private sources from outside */
#define FORWARD_DNAT                "0700" /* what was translated is meant to pass */
#define FORWARD_PRIVATE             "0800" /* private to private */
#define FORWARD_OUT                 "0810" /* private to public */
#define FORWARD_ROUTED              "0820" /* from a static route's destination to private */

#define CHAIN_INPUT            "input" /* filter input 0 drop */
#define INPUT_FIREWALL_STATES  "0100"
#define INPUT_ESTABLISHED      "0200"
#define INPUT_LOCAL            "0210" /* the router itself */
#define INPUT_INVALID          "0220"
#define INPUT_NEIGHBOUR        "0230" /* IPv6 neighbour discovery */
#define INPUT_IPV6             "0240"
#define INPUT_FIREWALL         "0300"
#define INPUT_MANAGEMENT_ECHO  "0400"
#define INPUT_MANAGEMENT_SSH   "0410"
#define INPUT_TUNNEL_IKE       "0500" /* a tunnel's peer, and nobody else */
#define INPUT_TUNNEL_ESP       "0510"
#define INPUT_FORGED           "0600"
#define INPUT_PUBLIC_ECHO      "0700"
#define INPUT_PUBLIC_SERVICES  "0710"
#define INPUT_PRIVATE_ECHO     "0800"
#define INPUT_PRIVATE_DNS      "0810"
#define INPUT_PRIVATE_DHCP     "0820"
#define INPUT_PRIVATE_SERVICES "0830"

#define CHAIN_SNAT   "snat" /* nat postrouting 100 */
#define SNAT_TUNNEL  "0100" /* what enters a tunnel keeps its source */
#define SNAT_ROUTED  "0200" /* towards a static route's destination: as it is */
#define SNAT_HAIRPIN "0300" /* back into the subnet that it came from */
#define SNAT_EIP     "0400"
#define SNAT_SOURCE  "0500"

/* What is counted has a table of its own: where sets of the router's table are declared otherwise,
 * by a newer program, that one is made anew and what was counted stays. */
#define TABLE_COUNT "ip weft"
#define EIP_IN_TYPE "map ipv4_addr : ipv4_addr since " TABLE_COUNT " vip_up,vip_down"

#define CHAIN_COUNT           "count" /* filter postrouting 300: what leaves, as it is outside */
#define CHAIN_COUNT_FORWARDED "count-forwarded" /* of what came through a VIP */
#define CHAIN_COUNT_OWN       "count-own"       /* of the router itself */
#define CHAIN_COUNT_REPLY     "count-reply"     /* to what a guest began */
#define CHAIN_COUNT_INPUT     "count-input"     /* filter input 10: what the filter let in */
#define CHAIN_COUNT_TUNNEL    "count-tunnel"    /* filter forward 10: what came out of a tunnel */
#define CHAIN_COUNT_UP        "count-up"        /* Of a VIP's ports: for which was it? */
#define CHAIN_COUNT_DOWN      "count-down"
#define COUNT_TUNNEL_UP       "0050" /* what goes into a tunnel */
#define COUNT_TUNNEL_DOWN     "0060" /* what came out of one */
#define COUNT_FORWARDED       "0100"
#define COUNT_UNTRANSLATED    "0110"
#define COUNT_DIRECTION       "0120"
#define COUNT_DOWN            "0200"
#define COUNT_UP              "0210"
#define COUNT_BEGUN           "0300" /* of what a guest began */
#define COUNT_UNTRACKED       "0310" /* what the router itself sends so */
#define COUNT_LOCAL           "0400"
#define COUNT_PORT            "0500"
#define COUNT_RANGE           "0510"

/* Only with limits of VIPs: the class is said here, traffic control finds it (docs/items.md). */
#define CHAIN_QOS     "qos"  /* filter postrouting 200: sources are translated */
#define QOS_UP_PORT   "0100" /* a port with a rule of its own */
#define QOS_UP        "0200"
#define TABLE_QOS     "netdev weft" /* What comes in is limited before it is translated. */
#define QOS_FREE      "0100"        /* a port whose rule has no limit this way */
#define QOS_DOWN_PORT "0200"
#define QOS_DOWN      "0300"

#define TABLE_ARP     "arp weft"
#define CHAIN_ARP     "input" /* filter input 0: which link answers for which address */
#define ARP_ANSWERED  "0100"
#define ARP_ELSEWHERE "0100" /* in a link's chain: somebody asked at another one */

/* Routing rules; several interfaces take the priorities from the first on. */
#define RULE_REPLY      1000  /* marked replies: the table of their interface */
#define RULE_MANAGEMENT 2000  /* from a management address: the table of its interface */
#define RULE_MAIN       10000 /* marked sources: what is not for the default route is as usual, */
#define RULE_SOURCE     11000 /* the rest leaves by their interface */

#define ROUTE_TABLE_MAIN     254
#define ROUTE_TABLE_LOCAL    255
#define ROUTE_TABLE_FIRST    10000 /* And the link's index: an interface's own (table.c). */
#define ROUTE_METRIC_VIP     1     /* Behind the kernel's own, of a link's address. */
#define ROUTE_METRIC_DEFAULT 255   /* Behind every route of the user's. */

/* Marks: a kind in the highest byte, the link's index below. */
#define MARK_KIND        0xff000000U
#define MARK_INDEX       0x00ffffffU
#define MARK_KIND_REPLY  0x01000000U
#define MARK_KIND_SOURCE 0x02000000U

#endif
