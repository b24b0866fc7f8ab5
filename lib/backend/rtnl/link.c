/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.c - links that are made and removed. */
#include "lib/backend/rtnl/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/follow.h"
#include "lib/backend/rtnl/socket.h"

struct nlmsghdr *link_change_begin(struct rtnl_batch *batch, int index, void *about)
{
	struct nlmsghdr *message =
		batch_begin(batch, RTM_NEWLINK, 0, sizeof(struct ifinfomsg), about);
	struct ifinfomsg *header = mnl_nlmsg_get_payload(message);

	header->ifi_index = index;
	return message;
}

int link_set_up(struct rtnl *rtnl, int index, bool up)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct nlmsghdr *message = link_change_begin(&batch, index, NULL);
	struct ifinfomsg *header = mnl_nlmsg_get_payload(message);

	header->ifi_change = IFF_UP;
	header->ifi_flags = up ? IFF_UP : 0;
	batch_end(&batch, message);
	return rtnl_send_one(&batch);
}

int link_change_down(struct rtnl *rtnl, int index, const struct rtnl_kind *kind,
		     struct change *change, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	int code = link_set_up(rtnl, index, false), up;

	if (code < 0)
		return code;
	if (kind->say(&batch, change, err) < 0) {
		batch_clear(&batch);
		code = err->code;
	} else {
		code = rtnl_send_one(&batch);
	}
	up = link_set_up(rtnl, index, true);
	return code < 0 ? code : up;
}

/* vlan DEVICE ID */
static int say_vlan(struct rtnl *rtnl, struct nlmsghdr *message, const struct words *words,
		    const struct item *item, struct err *err)
{
	uint32_t id;
	int lower;

	if (words->n != 3 || !decimal_parse(words->word[2], 4094, &id))
		return kind_value_bad(item, err);
	if (rtnl_need_link(rtnl, words->word[1], &lower, err) < 0)
		return err->code;
	mnl_attr_put_u16(message, IFLA_VLAN_ID, (uint16_t)id);
	return lower;
}

/* vxlan VNI local ADDRESS port PORT */
static int say_vxlan(struct nlmsghdr *message, const struct words *words, const struct item *item,
		     struct err *err)
{
	struct ip local;
	uint32_t vni, port;

	if (words->n != 6 || !decimal_parse(words->word[1], 0xffffff, &vni) ||
	    strcmp(words->word[2], "local") != 0 || strcmp(words->word[4], "port") != 0 ||
	    !decimal_parse(words->word[5], 65535, &port) ||
	    ip_parse(words->word[3], &local, NULL) < 0)
		return kind_value_bad(item, err);
	mnl_attr_put_u32(message, IFLA_VXLAN_ID, vni);
	put_ip(message, local.family == 4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, &local);
	mnl_attr_put_u16(message, IFLA_VXLAN_PORT, htons((uint16_t)port));
	return 0;
}

/* veth PEER */
static int say_veth(struct nlmsghdr *message, const struct words *words, const struct item *item,
		    struct err *err)
{
	struct nlattr *peer;

	if (words->n != 2 || strlen(words->word[1]) >= IFNAMSIZ)
		return kind_value_bad(item, err);
	peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(message, IFLA_IFNAME, words->word[1]);
	mnl_attr_put_u32(message, IFLA_GROUP, LINK_GROUP);
	mnl_attr_nest_end(message, peer);
	return 0;
}

/* Puts what is particular to the link's type; the index of the link below it, or 0, or a failure.
 */
static int say_data(struct rtnl *rtnl, struct nlmsghdr *message, const struct words *words,
		    const struct item *item, struct err *err)
{
	const char *type = words->word[0];

	if (strcmp(type, "vlan") == 0)
		return say_vlan(rtnl, message, words, item, err);
	if (strcmp(type, "vxlan") == 0)
		return say_vxlan(message, words, item, err);
	if (strcmp(type, "veth") == 0)
		return say_veth(message, words, item, err);
	if (words->n == 1 &&
	    (strcmp(type, "bridge") == 0 || strcmp(type, "ifb") == 0 || strcmp(type, "dummy") == 0))
		return 0;
	return kind_value_bad(item, err);
}

static int say_new(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	const struct item *item = change->want;
	struct nlattr *info, *data;
	struct nlmsghdr *message;
	struct words words;
	int lower;

	text_words(&words, item_value(item));
	if (!words.n || strlen(item_key(item)) >= IFNAMSIZ || strlen(words.word[0]) > 15)
		return kind_value_bad(item, err);
	message = batch_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
			      sizeof(struct ifinfomsg), change);
	mnl_attr_put_strz(message, IFLA_IFNAME, item_key(item));
	mnl_attr_put_u32(message, IFLA_GROUP, LINK_GROUP);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, words.word[0]);
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	lower = say_data(batch->rtnl, message, &words, item, err);
	if (lower < 0) {
		batch_cancel(batch);
		return lower;
	}
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	if (lower)
		mnl_attr_put_u32(message, IFLA_LINK, (uint32_t)lower);
	batch_end(batch, message);
	return 0;
}

static void say_gone(struct rtnl_batch *batch, const char *name, void *about)
{
	struct nlmsghdr *message =
		batch_begin(batch, RTM_DELLINK, 0, sizeof(struct ifinfomsg), about);

	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	batch_end(batch, message);
}

/* A link of ours that never came to be is wanted all the same, and its name may be another's. */
static int say_gone_if_ours(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;
	const char *name = item_key(change->have);
	int index = rtnl_link_index(batch->rtnl, name);

	if (!index)
		return 0;
	if (link_table_read(batch->rtnl, index, &table, err) < 0)
		return err->code;
	if (!table.n || !link_is_ours(&table.links[0]))
		return 0;
	if (follow_home(batch->rtnl, &table.links[0], err) < 0)
		return err->code;
	say_gone(batch, name, change);
	return 0;
}

int link_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	/* Little of a link can be changed; another VNI or VLAN is another link. */
	if (change->have && say_gone_if_ours(batch, change, err) < 0)
		return err->code;
	return change->want ? say_new(batch, change, err) : 0;
}

int link_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;
	const char *name = item_key(change_item(change));
	int index = rtnl_link_index(rtnl, name);

	if (code == -EOPNOTSUPP && change->want)
		return err_set(err, code, "this kernel has no links of the type \"%.*s\"",
			       (int)strcspn(item_value(change->want), " "),
			       item_value(change->want));
	if (code != -EEXIST || !change->want || !index)
		return code;
	if (link_table_read(rtnl, index, &table, err) < 0)
		return err->code;
	if (!table.n)
		return code;
	if (!link_is_ours(&table.links[0]))
		return err_set(err, code, "link %s is there already and is not ours", name);
	if (table.links[0].alias[0])
		return code;
	say_gone(&batch, name, change);
	if (say_new(&batch, change, err) < 0) {
		batch_clear(&batch);
		return err->code;
	}
	code = rtnl_send_one(&batch);
	return code;
}

void link_done(struct rtnl *rtnl, const struct change *change)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct nlmsghdr *message;
	char alias[256];
	int index;

	if (!change->want)
		return;
	index = rtnl_link_index(rtnl, item_key(change->want));
	if (!index)
		return;
	snprintf(alias, sizeof(alias), LINK_ALIAS "%s", item_owner(change->want));
	message = link_change_begin(&batch, index, NULL);
	mnl_attr_put(message, IFLA_IFALIAS, strlen(alias), alias);
	batch_end(&batch, message);
	rtnl_send_one(&batch);
}

char *link_value(struct rtnl *rtnl, const struct link *link)
{
	char lower[IFNAMSIZ] = "";

	if (link->lower && !link->lower_elsewhere)
		rtnl_link_name(rtnl, link->lower, lower);
	if (strcmp(link->kind, "vlan") == 0)
		return mem_format("vlan %s %u", lower, link->number);
	if (strcmp(link->kind, "vxlan") == 0)
		return mem_format("vxlan %u local %s port %u", link->number,
				  ip_text(&link->local).s, link->port);
	if (strcmp(link->kind, "veth") == 0)
		return mem_format("veth %s", lower);
	return mem_text(link->kind);
}
