/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_name.c - the link with a given MAC is called as the document says. */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/socket.h"

static int find_link(struct rtnl *rtnl, const struct item *item, int *index, struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;
	const struct link *link;
	struct mac mac;

	if (mac_parse(item_key(item), &mac, err) < 0)
		return err->code;
	if (link_table_read(rtnl, 0, &table, err) < 0)
		return err->code;
	link = link_table_mac(&table, &mac);
	if (!link)
		return err_set(err, -ENODEV, "a link with MAC %s is not there", item_key(item));
	*index = link->index;
	return 0;
}

int link_name_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlmsghdr *message;
	int index;

	if (!change->want)
		return 0;
	if (find_link(batch->rtnl, change->want, &index, err) < 0)
		return err->code;
	if (!item_value(change->want)[0] || strlen(item_value(change->want)) >= IFNAMSIZ)
		return kind_value_bad(change->want, err);
	message = link_change_begin(batch, index, change);
	mnl_attr_put_strz(message, IFLA_IFNAME, item_value(change->want));
	batch_end(batch, message);
	return 0;
}

int link_name_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	const struct rtnl_kind kind = { .say = link_name_say };
	int index;

	if (code == -EEXIST)
		return err_set(err, code, "another link is called %s", item_value(change->want));
	if (code != -EBUSY || find_link(rtnl, change->want, &index, err) < 0)
		return code;
	return link_change_down(rtnl, index, &kind, change, err);
}

/* Whether a link with this MAC gets another name in this run. */
static bool gets_name(const struct link *link, struct change **changes, size_t n)
{
	struct mac mac;

	for (size_t i = 0; i < n; i++)
		if (changes[i]->want && item_is(changes[i]->want, "link.name") &&
		    mac_parse(item_key(changes[i]->want), &mac, NULL) == 0 && link->has_mac &&
		    mac_equal(&mac, &link->mac))
			return strcmp(link->name, item_value(changes[i]->want)) != 0;
	return false;
}

static void step_aside(struct rtnl *rtnl, const struct link *link)
{
	bool up = link->flags & IFF_UP;
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "weft%d", link->index);
	for (int try = 0; try < 2; try++) {
		struct rtnl_batch batch = { .rtnl = rtnl };
		struct nlmsghdr *message = link_change_begin(&batch, link->index, NULL);

		mnl_attr_put_strz(message, IFLA_IFNAME, name);
		batch_end(&batch, message);
		if (rtnl_send_one(&batch) != -EBUSY || !up)
			break;
		link_set_up(rtnl, link->index, false);
	}
	if (up)
		link_set_up(rtnl, link->index, true);
}

void link_name_make_room(struct rtnl *rtnl, struct change **changes, size_t n)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;

	for (size_t i = 0; i < n; i++) {
		const struct link *link;

		if (!changes[i]->want || !item_is(changes[i]->want, "link.name"))
			continue;
		if (link_table_read(rtnl, 0, &table, NULL) < 0)
			return;
		link = link_table_name(&table, item_value(changes[i]->want));
		if (link && gets_name(link, changes, n))
			step_aside(rtnl, link);
	}
}
