/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address.c - addresses of links: "LINK ADDRESS/LENGTH". */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"
#include "lib/base/log.h"

#ifndef IFA_PROTO
#define IFA_PROTO 11 /* linux/if_addr.h since 5.18 */
#endif

struct place {
	int index;
	struct prefix prefix;
};

static int place_parse(struct rtnl *rtnl, const struct item *item, struct place *place,
		       struct err *err)
{
	struct words key;

	text_words(&key, item_key(item));
	if (key.n != 2 || prefix_parse(key.word[1], &place->prefix, NULL) < 0)
		return kind_value_bad(item, err);
	return rtnl_need_link(rtnl, key.word[0], &place->index, err);
}

static void say(struct rtnl_batch *batch, const struct place *place, uint16_t type, uint16_t flags,
		struct change *change)
{
	struct nlmsghdr *message =
		batch_begin(batch, type, flags, sizeof(struct ifaddrmsg), change);
	struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);

	header->ifa_family = (uint8_t)family_of(&place->prefix.ip);
	header->ifa_prefixlen = place->prefix.length;
	header->ifa_index = (unsigned int)place->index;
	put_ip(message, IFA_LOCAL, &place->prefix.ip);
	put_ip(message, IFA_ADDRESS, &place->prefix.ip);
	if (type == RTM_NEWADDR) {
		mnl_attr_put_u8(message, IFA_PROTO, RTNL_PROTOCOL);
		/* An IPv6 address that has to be looked for first is not there when it is needed.
		 */
		mnl_attr_put_u32(message, IFA_FLAGS,
				 place->prefix.ip.family == 6 ? IFA_F_NODAD : 0);
	}
	batch_end(batch, message);
}

static int address_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct place place;

	if (place_parse(batch->rtnl, change_item(change), &place, err) < 0) {
		if (change->want || err->code != -ENODEV)
			return err->code;
		err_clear(err); /* It went with its link. */
		return 0;
	}
	if (!change->want)
		say(batch, &place, RTM_DELADDR, 0, change);
	else /* A link has an IPv6 address once, and what is there keeps its length. */
		say(batch, &place, RTM_NEWADDR,
		    NLM_F_CREATE | (place.prefix.ip.family == 6 ? NLM_F_EXCL : NLM_F_REPLACE),
		    change);
	return 0;
}

static bool is_ours(const struct nlattr **attributes)
{
	return get_u8(attributes[IFA_PROTO]) == RTNL_PROTOCOL;
}

static struct prefix address_of(const struct nlmsghdr *message, const struct nlattr **attributes)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);

	return (struct prefix){ .ip = get_ip(attributes[IFA_LOCAL] ? attributes[IFA_LOCAL]
								   : attributes[IFA_ADDRESS]),
				.length = header->ifa_prefixlen };
}

static int read_link(struct rtnl *rtnl, int index, struct dump *dump, struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETADDR, sizeof(struct ifaddrmsg));
	struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);

	header->ifa_index = (unsigned int)index;
	return dump_read(rtnl, &request, dump, err);
}

/* The IPv6 address is on the link already: with another length it makes room if it is ours, with
 * this one it becomes ours. */
static int address_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct place wanted, there;

	if (code != -EEXIST || !change->want)
		return code;
	if (place_parse(rtnl, change->want, &wanted, err) < 0 ||
	    read_link(rtnl, wanted.index, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		const struct nlattr *attributes[IFA_PROTO + 1];

		get_attributes(at, sizeof(struct ifaddrmsg), attributes, IFA_PROTO);
		there = (struct place){ wanted.index, address_of(at, attributes) };
		if (!ip_equal(&there.prefix.ip, &wanted.prefix.ip) ||
		    there.prefix.length == wanted.prefix.length)
			continue;
		if (!is_ours(attributes))
			return err_set(err, code, "address %s is there already and is not ours",
				       prefix_text(&there.prefix).s);
		say(&batch, &there, RTM_DELADDR, 0, NULL);
	}
	say(&batch, &wanted, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, NULL);
	return rtnl_send_one(&batch);
}

static void address_done(struct rtnl *rtnl, const struct change *change)
{
	struct words key;
	struct prefix prefix;

	if (!change->want)
		return;
	text_words(&key, item_key(change->want));
	if (key.n == 2 && prefix_parse(key.word[1], &prefix, NULL) == 0)
		rtnl_announce(rtnl, key.word[0], &prefix.ip);
}

struct item *address_item(struct rtnl *rtnl, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_PROTO + 1];
	AUTO(free_ptr) char *key = NULL;
	struct prefix prefix;
	char name[IFNAMSIZ];

	get_attributes(message, sizeof(*header), attributes, IFA_PROTO);
	if (!is_ours(attributes) || !rtnl_link_name(rtnl, (int)header->ifa_index, name))
		return NULL;
	prefix = address_of(message, attributes);
	if (!prefix.ip.family)
		return NULL;
	key = mem_format("%s %s", name, prefix_text(&prefix).s);
	return item_new("address", key, "", "");
}

int rtnl_read_addresses(struct rtnl *rtnl, const struct rtnl_filter *filter,
			const struct item_set *want, struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;

	if (read_link(rtnl, filter->link, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		struct item *item = address_item(rtnl, at);

		if (item)
			have_say(want, have, item);
	}
	return 0;
}

bool address_is_fact(const struct nlmsghdr *message)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_PROTO + 1];

	get_attributes(message, sizeof(*header), attributes, IFA_PROTO);
	return header->ifa_scope == RT_SCOPE_UNIVERSE && !is_ours(attributes);
}

int addresses_facts(struct rtnl *rtnl, struct facts *facts, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;

	if (read_link(rtnl, 0, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		const struct ifaddrmsg *header = mnl_nlmsg_get_payload(at);
		const struct nlattr *attributes[IFA_PROTO + 1];
		struct prefix prefix;

		get_attributes(at, sizeof(*header), attributes, IFA_PROTO);
		prefix = address_of(at, attributes);
		if (address_is_fact(at) && prefix.ip.family)
			facts_add_address(facts, (int)header->ifa_index, &prefix);
	}
	return 0;
}

void addresses_announce(struct rtnl *rtnl, int index)
{
	const struct rtnl_filter filter = { .link = index };
	struct item_set none = ITEM_SET_NONE, have = ITEM_SET_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct item *item, *after;

	if (rtnl_read_addresses(rtnl, &filter, &none, &have, &err) < 0)
		log_warning("addresses that are not announced: %s", err_text(&err));
	item_set_for_each (&have, item, after) {
		struct change change = { .want = item };

		address_done(rtnl, &change);
	}
	item_set_clear(&have);
}

static int addresses_read(void *self, const struct item_set *want, struct item_set *have,
			  struct err *err)
{
	const struct rtnl_filter everything = { 0 };

	return rtnl_read_addresses(self, &everything, want, have, err);
}

static void addresses_apply(void *self, struct change **changes, size_t n)
{
	static const struct rtnl_kind kinds[] = {
		{ "address", address_say, address_refused, address_done, false },
		{ NULL, NULL, NULL, NULL, false },
	};

	rtnl_apply(self, kinds, changes, n);
}

struct provider rtnl_provider_addresses(struct rtnl *rtnl)
{
	static const char *const kinds[] = { "address", NULL };

	return (struct provider){ .name = "addresses",
				  .kinds = kinds,
				  .self = rtnl,
				  .read = addresses_read,
				  .apply = addresses_apply };
}
