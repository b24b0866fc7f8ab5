/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_setting.c - what is set on links, whoever made them: MAC, MTU, master, options, up. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/backend/rtnl/follow.h"
#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/socket.h"

/* Splits the key into link and option and finds the link. */
static int setting_link(struct rtnl *rtnl, const struct item *item, struct words *key, int *index,
			struct err *err)
{
	text_words(key, item_key(item));
	if (!key->n)
		return kind_value_bad(item, err);
	return rtnl_need_link(rtnl, key->word[0], index, err);
}

static int mac_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlmsghdr *message;
	struct words key;
	struct mac mac;
	int index;

	if (!change->want)
		return 0;
	if (setting_link(batch->rtnl, change->want, &key, &index, err) < 0)
		return err->code;
	if (mac_parse(item_value(change->want), &mac, err) < 0)
		return err->code;
	message = link_change_begin(batch, index, change);
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(mac.bytes), mac.bytes);
	batch_end(batch, message);
	return 0;
}

static int mac_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	int index = rtnl_link_index(rtnl, item_key(change_item(change)));

	if (code != -EBUSY || !index)
		return code;
	return link_change_down(rtnl, index, &link_setting_find("link.mac")->kind, change, err);
}

static char *mac_value(struct rtnl *rtnl, const struct link *link, const char *option)
{
	(void)rtnl, (void)option;
	return link->has_mac ? mem_text(mac_text(&link->mac).s) : NULL;
}

static int mtu_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlmsghdr *message;
	struct words key;
	uint32_t mtu;
	int index;

	if (!change->want)
		return 0;
	if (setting_link(batch->rtnl, change->want, &key, &index, err) < 0)
		return err->code;
	if (!decimal_parse(item_value(change->want), 65536, &mtu))
		return kind_value_bad(change->want, err);
	message = link_change_begin(batch, index, change);
	mnl_attr_put_u32(message, IFLA_MTU, mtu);
	batch_end(batch, message);
	return 0;
}

static char *mtu_value(struct rtnl *rtnl, const struct link *link, const char *option)
{
	(void)rtnl, (void)option;
	return mem_format("%u", link->mtu);
}

static int leave_say(struct rtnl *rtnl, int index, const struct item *have, struct err *err)
{
	int master = rtnl_link_index(rtnl, item_value(have));

	return master ? follow_leave(rtnl, index, master, err) : 0;
}

static int master_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	int index, master;
	struct words key;

	if (setting_link(batch->rtnl, change_item(change), &key, &index, err) < 0) {
		if (change->want)
			return err->code;
		err_clear(err);
		return 0;
	}
	if (change->want) {
		if (rtnl_need_link(batch->rtnl, item_value(change->want), &master, err) < 0)
			return err->code;
		if (change->have && leave_say(batch->rtnl, index, change->have, err) < 0)
			return err->code;
		return follow_join(batch->rtnl, index, master, err);
	}
	return leave_say(batch->rtnl, index, change->have, err);
}

static char *master_value(struct rtnl *rtnl, const struct link *link, const char *option)
{
	char name[IFNAMSIZ];

	(void)option;
	return link->master && rtnl_link_name(rtnl, link->master, name) ? mem_text(name) : NULL;
}

static int bridge_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlattr *info, *data;
	struct nlmsghdr *message;
	int index, option = -1;
	struct words key;
	uint32_t number;

	if (!change->want)
		return 0;
	if (setting_link(batch->rtnl, change->want, &key, &index, err) < 0)
		return err->code;
	if (key.n == 2)
		option = link_bridge_option(key.word[1]);
	if (option < 0 || !decimal_parse(item_value(change->want), UINT32_MAX, &number))
		return kind_value_bad(change->want, err);
	message = link_change_begin(batch, index, change);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	if (link_bridge_options[option].bytes == 4)
		mnl_attr_put_u32(message, link_bridge_options[option].attribute, number);
	else
		mnl_attr_put_u8(message, link_bridge_options[option].attribute, (uint8_t)number);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	batch_end(batch, message);
	return 0;
}

static char *bridge_value(struct rtnl *rtnl, const struct link *link, const char *option)
{
	int i = link_bridge_option(option);

	(void)rtnl;
	return i < 0 || strcmp(link->kind, "bridge") != 0 ? NULL
							  : mem_format("%u", link->bridge[i]);
}

static int port_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlattr *info, *data;
	struct nlmsghdr *message;
	int index, option = -1;
	struct words key;
	bool on;

	if (!change->want)
		return 0;
	if (setting_link(batch->rtnl, change->want, &key, &index, err) < 0)
		return err->code;
	if (key.n == 2)
		option = link_port_option(key.word[1]);
	on = strcmp(item_value(change->want), "on") == 0;
	if (option < 0 || (!on && strcmp(item_value(change->want), "off") != 0))
		return kind_value_bad(change->want, err);
	message = link_change_begin(batch, index, change);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(message, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(message, link_port_options[option].attribute, on);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	batch_end(batch, message);
	return 0;
}

static int port_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	(void)rtnl, (void)change;
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return err_set(err, code, "the link is not a port of a bridge");
	return code;
}

static char *port_value(struct rtnl *rtnl, const struct link *link, const char *option)
{
	int i = link_port_option(option);

	(void)rtnl;
	return i < 0 || !link->is_port ? NULL : mem_text(link->port_option[i] ? "on" : "off");
}

static int up_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlmsghdr *message;
	struct ifinfomsg *header;
	struct words key;
	int index;

	if (setting_link(batch->rtnl, change_item(change), &key, &index, err) < 0) {
		if (change->want)
			return err->code;
		err_clear(err);
		return 0;
	}
	if (change->want && strcmp(item_value(change->want), "up") != 0)
		return kind_value_bad(change->want, err);
	message = link_change_begin(batch, index, change);
	header = mnl_nlmsg_get_payload(message);
	header->ifi_change = IFF_UP;
	header->ifi_flags = change->want ? IFF_UP : 0;
	batch_end(batch, message);
	return 0;
}

/* A link that the machine had before us is not ours to take down. */
static int raised_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	return change->want ? up_say(batch, change, err) : 0;
}

static char *up_value(struct rtnl *rtnl, const struct link *link, const char *option)
{
	(void)rtnl, (void)option;
	return link->flags & IFF_UP ? mem_text("up") : NULL;
}

/* In the order in which they are made: a link comes up with everything set. A VLAN's MTU can
 * wait for its device's, hence the retry. */
const struct link_setting link_settings[] = {
	{ { "link.mac", mac_say, mac_refused, NULL, false }, mac_value },
	{ { "link.mtu", mtu_say, NULL, NULL, true }, mtu_value },
	{ { "link.bridge", bridge_say, NULL, NULL, false }, bridge_value },
	{ { "link.master", master_say, NULL, NULL, false }, master_value },
	{ { "link.port", port_say, port_refused, NULL, false }, port_value },
	{ { "link.up", up_say, NULL, NULL, true }, up_value },
	{ { "link.raised", raised_say, NULL, NULL, true }, up_value },
	{ { NULL, NULL, NULL, NULL, false }, NULL },
};

const struct link_setting *link_setting_find(const char *kind)
{
	const struct link_setting *setting;

	for (setting = link_settings; setting->kind.name; setting++)
		if (strcmp(setting->kind.name, kind) == 0)
			return setting;
	return NULL;
}
