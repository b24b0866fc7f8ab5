/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plug.c - guests' links as ports of bridges: joined when all that guards them is in place, and
 * taken out before any of it goes.
 *
 * The link itself is not ours, so its alias is not ours to set. That it was plugged in by us is
 * known by its group: what is plugged and no longer wanted is found after a crash, too. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"

#define LINK_GROUP_PLUGGED 120

static int plug_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	const struct item *item = change_item(change);
	struct nlmsghdr *message;
	int index, master = 0;

	if (rtnl_need_link(batch->rtnl, item_key(item), &index, err) < 0) {
		if (change->want)
			return err->code;
		err_clear(err); /* It is gone: so is its port. */
		return 0;
	}
	if (change->want && rtnl_need_link(batch->rtnl, item_value(item), &master, err) < 0)
		return err->code;
	message = link_change_begin(batch, index, change);
	mnl_attr_put_u32(message, IFLA_MASTER, (uint32_t)master);
	mnl_attr_put_u32(message, IFLA_GROUP, master ? LINK_GROUP_PLUGGED : 0);
	batch_end(batch, message);
	return 0;
}

int rtnl_read_plugs(struct rtnl *rtnl, const struct rtnl_filter *filter,
		    const struct item_set *want, struct item_set *have, struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;

	if (link_table_read(rtnl, filter->link, &table, err) < 0)
		return err->code;
	for (size_t i = 0; i < table.n; i++) {
		const struct link *link = &table.links[i];
		char master[IFNAMSIZ] = "";
		const struct item *item;

		if (link->group != LINK_GROUP_PLUGGED)
			continue;
		if (link->master && !rtnl_link_name(rtnl, link->master, master))
			continue;
		item = item_set_find(want, "plug", link->name);
		item_set_say(have, "plug", item ? item_owner(item) : "", link->name, master);
	}
	return 0;
}

static int plugs_read(void *self, const struct item_set *want, struct item_set *have,
		      struct err *err)
{
	const struct rtnl_filter everything = { 0 };

	return rtnl_read_plugs(self, &everything, want, have, err);
}

static int plugs_read_link(void *self, const char *link, const struct item_set *want,
			   struct item_set *have, struct err *err)
{
	const struct rtnl_filter filter = { .link = rtnl_link_index(self, link) };

	return filter.link ? rtnl_read_plugs(self, &filter, want, have, err) : 0;
}

static void plugs_apply(void *self, struct change **changes, size_t n)
{
	static const struct rtnl_kind kinds[] = {
		{ "plug", plug_say, NULL, NULL, false },
		{ NULL, NULL, NULL, NULL, false },
	};

	rtnl_apply(self, kinds, changes, n);
}

struct provider rtnl_provider_plugs(struct rtnl *rtnl)
{
	static const char *const kinds[] = { "plug", NULL };

	return (struct provider){ .name = "ports",
				  .kinds = kinds,
				  .self = rtnl,
				  .read = plugs_read,
				  .read_link = plugs_read_link,
				  .apply = plugs_apply,
				  .removals_first = true };
}
