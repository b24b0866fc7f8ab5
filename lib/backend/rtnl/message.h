/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.h - one message of the kernel as an item of ours: for dumps and for events. */
#ifndef WEFT_BACKEND_RTNL_MESSAGE_H
#define WEFT_BACKEND_RTNL_MESSAGE_H

#include "lib/backend/rtnl/kind.h"

/* A new item, the caller's; NULL if the message is of nothing that carries our mark. */
struct item *address_item(struct rtnl *rtnl, const struct nlmsghdr *message);
struct item *route_item(struct rtnl *rtnl, const struct nlmsghdr *message);
struct item *rule_item(const struct nlmsghdr *message);

struct item *neighbour_item(struct rtnl *rtnl, const struct nlmsghdr *message);
/* One static entry of a vxlan, whoever's it is. */
struct item *fdb_item(struct rtnl *rtnl, const struct nlmsghdr *message);

int rule_say(struct rtnl_batch *batch, struct change *change, struct err *err);

/* What stands in facts.h of addresses: the machine's own. */
bool address_is_fact(const struct nlmsghdr *message);
int addresses_facts(struct rtnl *rtnl, struct facts *facts, struct err *err);

/* The IPv4 addresses of ours on a link that came up: those that are its own, and local routes. */
void addresses_announce(struct rtnl *rtnl, int index);
void routes_announce(struct rtnl *rtnl, int index);
void announce_link(struct rtnl *rtnl, int index);
void announce_later(struct rtnl *rtnl, int index);

/* kind: fdb */
int fdb_say(struct rtnl_batch *batch, struct change *change, struct err *err);
int fdb_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err);

#endif
