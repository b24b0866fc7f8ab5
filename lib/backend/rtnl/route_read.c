/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route_read.c - routes as the kernel tells of them. */
#include "lib/backend/rtnl/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

int route_key_parse(const struct item *item, struct way *way, struct err *err)
{
	struct words key;

	text_words(&key, item_key(item));
	if (key.n != 3 || !decimal_parse(key.word[0], UINT32_MAX, &way->table) ||
	    prefix_parse(key.word[1], &way->to, NULL) < 0 ||
	    !decimal_parse(key.word[2], UINT32_MAX, &way->metric))
		return kind_value_bad(item, err);
	return 0;
}

unsigned char route_type_of(const struct words *value)
{
	if (value->n && strcmp(value->word[0], "blackhole") == 0)
		return RTN_BLACKHOLE;
	return value->n && strcmp(value->word[0], "local") == 0 ? RTN_LOCAL : RTN_UNICAST;
}

bool route_is_ours(const struct nlmsghdr *message)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);

	return header->rtm_protocol == RTNL_PROTOCOL;
}

char *route_key(const struct nlmsghdr *message)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_TABLE + 1];
	struct prefix to = { .length = header->rtm_dst_len };

	get_attributes(message, sizeof(*header), attributes, RTA_TABLE);
	to.ip = get_ip(attributes[RTA_DST]);
	if (!to.ip.family)
		to.ip.family = header->rtm_family == AF_INET ? 4 : 6;
	return mem_format("%u %s %u", get_u32(attributes[RTA_TABLE]), prefix_text(&to).s,
			  get_u32(attributes[RTA_PRIORITY]));
}

int route_dump(struct rtnl *rtnl, uint32_t table, int link, struct dump *dump, struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETROUTE, sizeof(struct rtmsg));

	if (table)
		mnl_attr_put_u32(message, RTA_TABLE, table);
	if (link)
		mnl_attr_put_u32(message, RTA_OIF, (uint32_t)link);
	return dump_read(rtnl, &request, dump, err);
}

struct item *route_item(struct rtnl *rtnl, const struct nlmsghdr *message)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_TABLE + 1];
	AUTO(free_ptr) char *key = NULL;
	struct text value = TEXT_NONE;
	char name[IFNAMSIZ];
	struct item *item;
	struct ip ip;

	if (!route_is_ours(message) || header->rtm_flags & RTM_F_CLONED)
		return NULL;
	get_attributes(message, sizeof(*header), attributes, RTA_TABLE);
	key = route_key(message);
	if (header->rtm_type == RTN_BLACKHOLE)
		text_add(&value, "blackhole");
	else if (header->rtm_type == RTN_LOCAL)
		text_add(&value, "local ");
	ip = get_ip(attributes[RTA_GATEWAY]);
	if (ip.family)
		text_format(&value, "via %s ", ip_text(&ip).s);
	if (attributes[RTA_OIF] && header->rtm_type != RTN_BLACKHOLE &&
	    rtnl_link_name(rtnl, (int)get_u32(attributes[RTA_OIF]), name))
		text_format(&value, "dev %s", name);
	ip = get_ip(attributes[RTA_PREFSRC]);
	if (ip.family)
		text_format(&value, " src %s", ip_text(&ip).s);
	item = item_new("route", key, text_view(&value), "");
	text_clear(&value);
	return item;
}

void route_announce(struct rtnl *rtnl, const struct item *item)
{
	struct words key, value;
	struct prefix to;

	text_words(&key, item_key(item));
	text_words(&value, item_value(item));
	if (key.n == 3 && value.n == 3 && route_type_of(&value) == RTN_LOCAL &&
	    prefix_parse(key.word[1], &to, NULL) == 0)
		rtnl_announce(rtnl, value.word[2], &to.ip);
}

void routes_announce(struct rtnl *rtnl, int index)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;

	if (route_dump(rtnl, RT_TABLE_LOCAL, index, &dump, &err) < 0)
		log_warning("addresses that are not announced: %s", err_text(&err));
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		struct item *item = route_item(rtnl, at);

		if (item)
			route_announce(rtnl, item);
		item_unref(item);
	}
}

static void routes_take(struct rtnl *rtnl, const struct dump *dump, const struct item_set *want,
			struct item_set *have)
{
	for (const struct nlmsghdr *at = dump_next(dump, NULL); at; at = dump_next(dump, at)) {
		struct item *item =
			at->nlmsg_type == RTM_NEWROUTE ? route_item(rtnl, at) : rule_item(at);

		if (item)
			have_say(want, have, item);
	}
}

static int read_rules(struct rtnl *rtnl, struct dump *dump, struct err *err)
{
	struct dump_request request;

	dump_begin(&request, RTM_GETRULE, sizeof(struct rtmsg));
	return dump_read(rtnl, &request, dump, err);
}

/* Without rules the kernel has both tables in one trie, and says "main" of whatever it found in it
 * (net/ipv4/fib_trie.c, fib_table_lookup()). */
static void name_local_table(const struct dump *dump)
{
	const struct nlmsghdr *message = dump_next(dump, NULL);
	const struct rtmsg *header = message ? mnl_nlmsg_get_payload(message) : NULL;
	static const uint32_t local = RT_TABLE_LOCAL;
	struct nlattr *attribute;

	if (!header || header->rtm_type != RTN_LOCAL)
		return;
	mnl_attr_for_each(attribute, message, sizeof(*header))
	{
		if (mnl_attr_get_type(attribute) == RTA_TABLE)
			memcpy(mnl_attr_get_payload(attribute), &local, sizeof(local));
	}
}

/* Asks for the one that the address itself has: among local routes, which can be very many, it is
 * found without reading the others. */
static int read_host_route(struct rtnl *rtnl, const struct way *way, struct dump *dump,
			   struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETROUTE, sizeof(struct rtmsg));
	struct rtmsg *header = mnl_nlmsg_get_payload(message);
	int code;

	header->rtm_family = (uint8_t)family_of(&way->to.ip);
	header->rtm_dst_len = way->to.length;
	header->rtm_flags = RTM_F_FIB_MATCH;
	put_ip(message, RTA_DST, &way->to.ip);
	code = dump_read_single(rtnl, &request, dump);
	/* There is no way there, or one that leads nowhere. */
	if (code == -ENETUNREACH || code == -EHOSTUNREACH || code == -EACCES || code == -EINVAL) {
		dump_clear(dump);
		code = 0;
	}
	if (code < 0)
		return err_errno(err, code, "cannot read from the kernel");
	name_local_table(dump);
	return 0;
}

int rtnl_read_route(struct rtnl *rtnl, const char *key, struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct item_set none = ITEM_SET_NONE;
	struct way way = { 0 };
	struct item *item = item_new("route", key, "", "");
	int ret = route_key_parse(item, &way, err);

	item_unref(item);
	if (ret == 0 && way.table == RT_TABLE_LOCAL && way.to.ip.family == 4 && way.to.length == 32)
		ret = read_host_route(rtnl, &way, &dump, err);
	else if (ret == 0)
		ret = route_dump(rtnl, way.table, 0, &dump, err);
	if (ret == 0)
		routes_take(rtnl, &dump, &none, have);
	return ret;
}

int rtnl_read_routes(struct rtnl *rtnl, const struct rtnl_filter *filter,
		     const struct item_set *want, struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump routes = DUMP_NONE, rules = DUMP_NONE;

	(void)filter;
	if (route_dump(rtnl, 0, 0, &routes, err) < 0 || read_rules(rtnl, &rules, err) < 0)
		return err->code;
	routes_take(rtnl, &routes, want, have);
	routes_take(rtnl, &rules, want, have);
	return 0;
}
