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

/* Puts a route that is added if nothing is there, or takes the place of what is. */
static int say_new(struct rtnl_batch *batch, struct change *change, bool replace, struct err *err)
{
	struct way way = { 0 };
	struct nlmsghdr *message;

	if (key_parse(change->want, &way, err) < 0 ||
	    value_parse(batch->rtnl, change->want, &way, err) < 0)
		return err->code;
	message = batch_begin(batch, RTM_NEWROUTE,
			      NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
			      sizeof(struct rtmsg), change);
	put_way(message, &way);
	batch_end(batch, message);
	return 0;
}

/* The protocol in it keeps the kernel from removing what is not ours. */
static int say_gone(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct way way = { 0 };
	struct nlmsghdr *message;

	if (key_parse(change->have, &way, err) < 0)
		return err->code;
	/* A removal is of the kind that was there: a blackhole has another type. */
	way.is_blackhole = strcmp(item_value(change->have), "blackhole") == 0;
	message = batch_begin(batch, RTM_DELROUTE, 0, sizeof(struct rtmsg), change);
	put_way(message, &way);
	/* Whatever its scope is. */
	((struct rtmsg *)mnl_nlmsg_get_payload(message))->rtm_scope = RT_SCOPE_NOWHERE;
	batch_end(batch, message);
	return 0;
}

static bool is_ours(const struct rtmsg *header)
{
	return header->rtm_protocol == RTNL_PROTOCOL;
}

static char *route_key(const struct nlmsghdr *message, const struct nlattr **attributes)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	struct prefix to = { .ip = get_ip(attributes[RTA_DST]), .length = header->rtm_dst_len };

	if (!to.ip.family)
		to.ip.family = header->rtm_family == AF_INET ? 4 : 6;
	return mem_format("%u %s %u", get_u32(attributes[RTA_TABLE]), prefix_text(&to).s,
			  get_u32(attributes[RTA_PRIORITY]));
}

/* Reads the routes of others into rtnl->foreign_routes, once for an apply. */
static int read_foreign(struct rtnl *rtnl, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct dump_request request;

	if (rtnl->foreign_is_read)
		return 0;
	dump_begin(&request, RTM_GETROUTE, sizeof(struct rtmsg));
	if (dump_read(rtnl, &request, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		const struct nlattr *attributes[RTA_TABLE + 1];
		AUTO(free_ptr) char *key = NULL;

		if (is_ours(mnl_nlmsg_get_payload(at)))
			continue;
		get_attributes(at, sizeof(struct rtmsg), attributes, RTA_TABLE);
		key = route_key(at, attributes);
		item_set_say(&rtnl->foreign_routes, "route", "", key, "");
	}
	rtnl->foreign_is_read = true;
	return 0;
}

/* -EEXIST if another's route stands where the wanted one is to be. */
static int check_foreign(struct rtnl *rtnl, const struct item *want, struct err *err)
{
	struct words key;

	if (read_foreign(rtnl, err) < 0)
		return err->code;
	if (!item_set_find(&rtnl->foreign_routes, "route", item_key(want)))
		return 0;
	text_words(&key, item_key(want));
	return err_set(err, -EEXIST, "route %s metric %s is in table %s already and is not ours",
		       key.word[1], key.word[2], key.word[0]);
}

static int route_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	if (!change->want)
		return say_gone(batch, change, err);
	if (change->have && check_foreign(batch->rtnl, change->want, err) < 0)
		return err->code;
	return say_new(batch, change, change->have != NULL, err);
}

static int route_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };

	if (code != -EEXIST || !change->want)
		return code;
	if (check_foreign(rtnl, change->want, err) < 0)
		return err->code;
	/* It is one of ours of which nobody knew. */
	if (say_new(&batch, change, true, err) < 0) {
		batch_clear(&batch);
		return err->code;
	}
	return rtnl_send_one(&batch);
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

	if (!is_ours(header) || header->rtm_flags & RTM_F_CLONED)
		return NULL;
	get_attributes(message, sizeof(*header), attributes, RTA_TABLE);
	key = route_key(message, attributes);
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
			have_say(want, have, item);
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
		{ "route", route_say, route_refused, NULL, true },
		{ "rule", rule_say, NULL, NULL, false },
		{ NULL, NULL, NULL, NULL, false },
	};
	struct rtnl *rtnl = self;

	rtnl_apply(rtnl, kinds, changes, n);
	item_set_clear(&rtnl->foreign_routes);
	rtnl->foreign_is_read = false;
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
