/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route.c - routes: "TABLE PREFIX METRIC" is "via ADDRESS dev LINK [src ADDRESS]", "dev LINK [src
 * ADDRESS]" or "blackhole". */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"
#include "lib/base/text.h"

struct way {
	uint32_t table, metric;
	struct prefix to;
	bool is_blackhole;
	struct ip via, source;
	int link;
};

static int key_parse(const struct item *item, struct way *way, struct err *err)
{
	struct words key;

	text_words(&key, item_key(item));
	if (key.n != 3 || !decimal_parse(key.word[0], UINT32_MAX, &way->table) ||
	    prefix_parse(key.word[1], &way->to, NULL) < 0 ||
	    !decimal_parse(key.word[2], UINT32_MAX, &way->metric))
		return kind_value_bad(item, err);
	return 0;
}

static int value_parse(struct rtnl *rtnl, const struct item *item, struct way *way, struct err *err)
{
	struct words value;

	text_words(&value, item_value(item));
	if (value.n == 1 && strcmp(value.word[0], "blackhole") == 0) {
		way->is_blackhole = true;
		return 0;
	}
	for (size_t i = 0; i + 1 < value.n; i += 2) {
		const char *word = value.word[i], *of = value.word[i + 1];

		if (strcmp(word, "dev") == 0) {
			if (rtnl_need_link(rtnl, of, &way->link, err) < 0)
				return err->code;
		} else if (strcmp(word, "via") == 0) {
			if (ip_parse(of, &way->via, err) < 0)
				return err->code;
		} else if (strcmp(word, "src") == 0) {
			if (ip_parse(of, &way->source, err) < 0)
				return err->code;
		} else {
			return kind_value_bad(item, err);
		}
	}
	return way->link && value.n % 2 == 0 ? 0 : kind_value_bad(item, err);
}

static void put_way(struct nlmsghdr *message, const struct way *way)
{
	struct rtmsg *header = mnl_nlmsg_get_payload(message);

	header->rtm_family = (uint8_t)family_of(&way->to.ip);
	header->rtm_dst_len = way->to.length;
	header->rtm_table = way->table < 256 ? (uint8_t)way->table : RT_TABLE_UNSPEC;
	header->rtm_protocol = RTNL_PROTOCOL;
	header->rtm_scope =
		way->via.family || way->is_blackhole ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	header->rtm_type = way->is_blackhole ? RTN_BLACKHOLE : RTN_UNICAST;
	mnl_attr_put_u32(message, RTA_TABLE, way->table);
	if (way->to.length)
		put_ip(message, RTA_DST, &way->to.ip);
	if (way->metric)
		mnl_attr_put_u32(message, RTA_PRIORITY, way->metric);
	if (way->link)
		mnl_attr_put_u32(message, RTA_OIF, (uint32_t)way->link);
	if (way->via.family)
		put_ip(message, RTA_GATEWAY, &way->via);
	if (way->source.family)
		put_ip(message, RTA_PREFSRC, &way->source);
}

static int route_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct way way = { 0 };
	struct nlmsghdr *message;

	if (key_parse(change_item(change), &way, err) < 0)
		return err->code;
	if (change->want && value_parse(batch->rtnl, change->want, &way, err) < 0)
		return err->code;
	/* A removal is of the kind that was there: a blackhole has another type. */
	if (!change->want)
		way.is_blackhole = strcmp(item_value(change->have), "blackhole") == 0;
	message = batch_begin(batch, change->want ? RTM_NEWROUTE : RTM_DELROUTE,
			      change->want ? NLM_F_CREATE | NLM_F_REPLACE : 0, sizeof(struct rtmsg),
			      change);
	put_way(message, &way);
	if (!change->want) /* Whatever its scope is. */
		((struct rtmsg *)mnl_nlmsg_get_payload(message))->rtm_scope = RT_SCOPE_NOWHERE;
	batch_end(batch, message);
	return 0;
}

struct item *route_item(struct rtnl *rtnl, const struct nlmsghdr *message)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_TABLE + 1];
	AUTO(free_ptr) char *key = NULL;
	struct prefix to = { .length = header->rtm_dst_len };
	struct text value = TEXT_NONE;
	char name[IFNAMSIZ];
	struct item *item;
	struct ip ip;

	if (header->rtm_protocol != RTNL_PROTOCOL || header->rtm_flags & RTM_F_CLONED)
		return NULL;
	get_attributes(message, sizeof(*header), attributes, RTA_TABLE);
	to.ip = get_ip(attributes[RTA_DST]);
	if (!to.ip.family)
		to.ip.family = header->rtm_family == AF_INET ? 4 : 6;
	key = mem_format("%u %s %u", get_u32(attributes[RTA_TABLE]), prefix_text(&to).s,
			 get_u32(attributes[RTA_PRIORITY]));
	if (header->rtm_type == RTN_BLACKHOLE)
		text_add(&value, "blackhole");
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

static void say_owned(const struct item_set *want, struct item_set *have, struct item *item)
{
	const struct item *wanted = item_set_find(want, item_kind(item), item_key(item));

	item_set_say(have, item_kind(item), wanted ? item_owner(wanted) : "", item_key(item),
		     item_value(item));
	item_unref(item);
}

static int read_dump(struct rtnl *rtnl, uint16_t type, size_t header, const struct item_set *want,
		     struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct dump_request request;

	dump_begin(&request, type, header);
	if (dump_read(rtnl, &request, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		struct item *item = type == RTM_GETROUTE ? route_item(rtnl, at) : rule_item(at);

		if (item)
			say_owned(want, have, item);
	}
	return 0;
}

int rtnl_read_routes(struct rtnl *rtnl, const struct rtnl_filter *filter,
		     const struct item_set *want, struct item_set *have, struct err *err)
{
	(void)filter;
	if (read_dump(rtnl, RTM_GETROUTE, sizeof(struct rtmsg), want, have, err) < 0)
		return err->code;
	return read_dump(rtnl, RTM_GETRULE, sizeof(struct rtmsg), want, have, err);
}

static int routes_read(void *self, const struct item_set *want, struct item_set *have,
		       struct err *err)
{
	const struct rtnl_filter everything = { 0 };

	return rtnl_read_routes(self, &everything, want, have, err);
}

static void routes_apply(void *self, struct change **changes, size_t n)
{
	static const struct rtnl_kind kinds[] = {
		{ "route", route_say, NULL, NULL, true },
		{ "rule", rule_say, NULL, NULL, false },
		{ NULL, NULL, NULL, NULL, false },
	};

	rtnl_apply(self, kinds, changes, n);
}

struct provider rtnl_provider_routes(struct rtnl *rtnl)
{
	static const char *const kinds[] = { "route", "rule", NULL };

	return (struct provider){ .name = "routes",
				  .kinds = kinds,
				  .self = rtnl,
				  .read = routes_read,
				  .apply = routes_apply };
}
