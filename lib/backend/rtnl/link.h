/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - links and their settings as items; inside of lib/backend/rtnl. */
#ifndef WEFT_BACKEND_RTNL_LINK_H
#define WEFT_BACKEND_RTNL_LINK_H

#include "lib/backend/rtnl/kind.h"
#include "lib/backend/rtnl/link_table.h"

/* A link of ours has the alias "weft OWNER". The kernel takes an alias only once the link is there,
 * but a group at once: a link that has our group and no alias is one that was left half made. */
#define LINK_ALIAS "weft "
#define LINK_GROUP 119

/* Begins a request about a link that is there. */
struct nlmsghdr *link_change_begin(struct rtnl_batch *batch, int index, void *about);

/* Sets IFF_UP or takes it away, at once. */
int link_set_up(struct rtnl *rtnl, int index, bool up);

/* Makes the change with the link down; some drivers want that for a new MAC, older kernels for a
 * new name. */
int link_change_down(struct rtnl *rtnl, int index, const struct rtnl_kind *kind,
		     struct change *change, struct err *err);

/* kind: link */
int link_say(struct rtnl_batch *batch, struct change *change, struct err *err);
int link_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err);
void link_done(struct rtnl *rtnl, const struct change *change);
char *link_value(struct rtnl *rtnl, const struct link *link); /* NULL: of no kind of ours. */

/* kind: link.name */
int link_name_say(struct rtnl_batch *batch, struct change *change, struct err *err);
int link_name_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err);
/* Moves links out of the way whose names others are to get in the same run, while they themselves
 * get new ones. */
void link_name_make_room(struct rtnl *rtnl, struct change **changes, size_t n);

/* The kinds that are settings of a link: a row each. */
struct link_setting {
	struct rtnl_kind kind;
	/* What 'link' has, to be freed; NULL if it cannot have it. 'option' is the key's second
	 * word or "". */
	char *(*value)(struct rtnl *rtnl, const struct link *link, const char *option);
};
extern const struct link_setting link_settings[]; /* Ends with one without a name. */
const struct link_setting *link_setting_find(const char *kind);

#endif
