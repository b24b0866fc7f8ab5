/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order.h - the places of all rules: who adds to a chain sees here what stands around it.
 *
 * The comment behind each name is what the rule does; docs/host-semantics.md has the reasons. */
#ifndef WEFT_HOSTNET_COMPILE_ORDER_H
#define WEFT_HOSTNET_COMPILE_ORDER_H

#define TABLE "bridge weft_host"

/* What comes in by a guest's port, before the bridge learns anything from it. */
#define CHAIN_PREROUTING "prerouting" /* filter prerouting -300 accept */
#define PREROUTING_DOORS "0100"       /* by port: its guard */

/* What goes to the machine itself. */
#define CHAIN_INPUT  "input" /* filter input -300 accept */
#define INPUT_CLOSED "0100"  /* from networks that it is no part of: nothing */

#endif
