/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route.c - routes: "TABLE PREFIX METRIC" is "via ADDRESS dev LINK [src ADDRESS]", "dev LINK [src
 * ADDRESS]", "local dev LINK" or "blackhole". */
#include "lib/backend/rtnl/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"
#include "lib/base/text.h"

/* How far what the route leads to is away. */
static unsigned char scope_of(const struct way *way)
{
	if (way->type == RTN_LOCAL)
		return RT_SCOPE_HOST;
	return way->type == RTN_UNICAST && !way->via.family ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

static int value_parse(struct rtnl *rtnl, const struct item *item, struct way *way, struct err *err)
{
	struct words value;

	size_t i = 0;

	text_words(&value, item_value(item));
	way->type = route_type_of(&value);
	if (way->type == RTN_BLACKHOLE)
		return value.n == 1 ? 0 : kind_value_bad(item, err);
	if (way->type == RTN_LOCAL)
		i = 1;
	for (; i + 1 < value.n; i += 2) {
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
	return way->link && i == value.n ? 0 : kind_value_bad(item, err);
}

static void put_way(struct nlmsghdr *message, const struct way *way)
{
	struct rtmsg *header = mnl_nlmsg_get_payload(message);

	header->rtm_family = (uint8_t)family_of(&way->to.ip);
	header->rtm_dst_len = way->to.length;
	header->rtm_table = way->table < 256 ? (uint8_t)way->table : RT_TABLE_UNSPEC;
	header->rtm_protocol = RTNL_PROTOCOL;
	header->rtm_scope = scope_of(way);
	header->rtm_type = way->type;
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

	if (route_key_parse(change->want, &way, err) < 0 ||
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
	struct words value;

	if (route_key_parse(change->have, &way, err) < 0)
		return err->code;
	/* A removal is of the type that was there. */
	text_words(&value, item_value(change->have));
	way.type = route_type_of(&value);
	message = batch_begin(batch, RTM_DELROUTE, 0, sizeof(struct rtmsg), change);
	put_way(message, &way);
	/* Whatever its scope is. */
	((struct rtmsg *)mnl_nlmsg_get_payload(message))->rtm_scope = RT_SCOPE_NOWHERE;
	batch_end(batch, message);
	return 0;
}

/* Reads the routes of others in a table into rtnl->foreign_routes, once for an apply. */
static int read_foreign(struct rtnl *rtnl, const struct words *key, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	uint32_t table;

	if (item_set_find(&rtnl->foreign_routes, "table", key->word[0]))
		return 0;
	if (!decimal_parse(key->word[0], UINT32_MAX, &table) ||
	    route_dump(rtnl, table, 0, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		AUTO(free_ptr) char *there = NULL;

		if (route_is_ours(at))
			continue;
		there = route_key(at);
		item_set_say(&rtnl->foreign_routes, "route", "", there, "");
	}
	item_set_say(&rtnl->foreign_routes, "table", "", key->word[0], "");
	return 0;
}

/* -EEXIST if another's route stands where the wanted one is to be. */
static int check_foreign(struct rtnl *rtnl, const struct item *want, struct err *err)
{
	struct words key;

	text_words(&key, item_key(want));
	if (key.n != 3)
		return kind_value_bad(want, err);
	if (read_foreign(rtnl, &key, err) < 0)
		return err->code;
	if (!item_set_find(&rtnl->foreign_routes, "route", item_key(want)))
		return 0;
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

static void route_done(struct rtnl *rtnl, const struct change *change)
{
	if (change->want)
		route_announce(rtnl, change->want);
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
		{ "route", route_say, route_refused, route_done, true },
		{ "rule", rule_say, NULL, NULL, false },
		{ NULL, NULL, NULL, NULL, false },
	};
	struct rtnl *rtnl = self;

	rtnl_apply(rtnl, kinds, changes, n);
	item_set_clear(&rtnl->foreign_routes);
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
