/* SPDX-License-Identifier: GPL-2.0-or-later */
/* responder.h - where an L3 network's guests are answered: a network namespace for each, so that
 * the same subnet may be there twice, joined to this machine by a veth.
 *
 *   kind        key          value
 *   responder   L3_NETWORK   "DEVICE MAC MTU ADDRESS/LENGTH[,ADDRESS/LENGTH]": the veth's end here,
 *                            and what the other end ("eth0" in the namespace) has
 *
 * Who serves there is others' business (dhcp.h, user_data.h), as is the bridge that DEVICE is
 * plugged into. RUN_DIR/netns has for each network the namespace (L3_NETWORK) and the item
 * (L3_NETWORK.item): they outlive the agent. */
#ifndef WEFT_HOSTNET_SERVICE_RESPONDER_H
#define WEFT_HOSTNET_SERVICE_RESPONDER_H

#include "lib/item/provider.h"

struct responders;

int responders_new(const char *run_dir, struct responders **ret, struct err *err);
void responders_free(struct responders *responders);

struct provider responders_provider(struct responders *responders);

/* The file of a network's namespace; the caller's text. */
char *responders_path(const struct responders *responders, const char *network);

#endif
