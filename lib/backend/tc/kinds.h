/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.h - the kinds of lib/backend/tc, as messages and back. */
#ifndef WEFT_BACKEND_TC_KINDS_H
#define WEFT_BACKEND_TC_KINDS_H

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "lib/backend/rtnl/kind.h"
#include "lib/base/text.h"

#define TC_ROOT    0x5af70000u /* The handle of a root qdisc of ours. */
#define TC_INGRESS 0xffff0000u /* The handle of any ingress qdisc. */

/* "5af7:10", "5af7:" (minor 0), and "ingress" for TC_INGRESS; false if it is none. */
bool handle_parse(const char *text, uint32_t *handle);
struct handle_text {
	char s[16];
};
struct handle_text handle_text(uint32_t handle);

/* Begins a message about the link with this index. */
struct nlmsghdr *tc_begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags, int link,
			  uint32_t parent, uint32_t handle, void *about);

/* As rtnl_need_link() for the key's first word. What is to go from a link that is not there is
 * gone: then 0 is returned and '*link' is 0. */
int tc_link(struct rtnl *rtnl, const struct change *change, struct words *key, int *link,
	    struct err *err);

/* One message of a dump: the kind of what it is about, "" if it says none. */
const char *tc_kind(const struct nlattr *attribute);

int qdisc_say(struct rtnl_batch *batch, struct change *change, struct err *err);
int qdisc_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err);
bool qdisc_is_inner(const struct item *item); /* It stands below a class. */
/* A new item, or NULL if it is of no kind of ours. */
struct item *qdisc_item(const struct nlmsghdr *message, const char *link);

int class_say(struct rtnl_batch *batch, struct change *change, struct err *err);
bool class_is_inner(const struct item *item); /* It stands below a class. */
int class_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err);
struct item *class_item(const struct nlmsghdr *message, const char *link);
/* A burst is kept as a time, and comes back a little other than it was said. */
bool class_same(const struct item *want, const struct item *have);

int filter_say(struct rtnl_batch *batch, struct change *change, struct err *err);
struct item *filter_item(struct rtnl *rtnl, const struct nlmsghdr *message, const char *link);

#endif
