/* SPDX-License-Identifier: GPL-2.0-or-later */
/* neighbour.c - neighbours that are said, not asked for: "LINK ADDRESS" is a MAC; and addresses
 * that are answered for (proxy): "LINK ADDRESS". */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/event.h"
#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"

struct place {
	int index;
	struct ip ip;
	bool is_proxy;
};

static int place_parse(struct rtnl *rtnl, const struct item *item, struct place *place,
		       struct err *err)
{
	struct words key;

	text_words(&key, item_key(item));
	if (key.n != 2 || ip_parse(key.word[1], &place->ip, NULL) < 0)
		return kind_value_bad(item, err);
	place->is_proxy = item_is(item, "proxy");
	return rtnl_need_link(rtnl, key.word[0], &place->index, err);
}

static void put_place(struct nlmsghdr *message, const struct place *place)
{
	struct ndmsg *header = mnl_nlmsg_get_payload(message);

	header->ndm_family = (uint8_t)family_of(&place->ip);
	header->ndm_ifindex = place->index;
	header->ndm_flags = place->is_proxy ? NTF_PROXY : 0;
	put_ip(message, NDA_DST, &place->ip);
}

static bool is_ours(const struct nlattr **attributes)
{
	return get_u8(attributes[NDA_PROTOCOL]) == RTNL_PROTOCOL;
}

/* What stands at a place. What the kernel found out by itself makes room for anyone. */
enum holder { HOLDER_NONE, HOLDER_OURS, HOLDER_OTHER };

static int find_holder(struct rtnl *rtnl, const struct place *place, enum holder *holder,
		       struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETNEIGH, sizeof(struct ndmsg));
	const struct nlattr *attributes[NDA_PROTOCOL + 1];
	const struct nlmsghdr *answer;
	const struct ndmsg *header;
	int code;

	put_place(message, place);
	code = dump_read_single(rtnl, &request, &dump);
	if (code < 0)
		return err_errno(err, code, "cannot read the neighbour");
	answer = dump_next(&dump, NULL);
	*holder = HOLDER_NONE;
	if (!answer)
		return 0;
	header = mnl_nlmsg_get_payload(answer);
	get_attributes(answer, sizeof(*header), attributes, NDA_PROTOCOL);
	if (is_ours(attributes))
		*holder = HOLDER_OURS;
	else if (place->is_proxy || header->ndm_state & (NUD_PERMANENT | NUD_NOARP))
		*holder = HOLDER_OTHER;
	return 0;
}

/* The kernel does not ask whose an entry is that is to go or to change. */
static int check_holder(struct rtnl *rtnl, const struct place *place, const struct change *change,
			enum holder *holder, struct err *err)
{
	if (find_holder(rtnl, place, holder, err) < 0)
		return err->code;
	if (*holder == HOLDER_OTHER && change->want)
		return err_set(err, -EEXIST, "%s %s is there already and is not ours",
			       item_kind(change->want), ip_text(&place->ip).s);
	return 0;
}

static int neighbour_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlmsghdr *message;
	struct place place = { 0 };
	enum holder holder;
	struct mac mac;

	if (place_parse(batch->rtnl, change_item(change), &place, err) < 0) {
		if (change->want || err->code != -ENODEV)
			return err->code;
		err_clear(err); /* It went with its link. */
		return 0;
	}
	if (change->want && !place.is_proxy && mac_parse(item_value(change->want), &mac, err) < 0)
		return err->code;
	if (check_holder(batch->rtnl, &place, change, &holder, err) < 0)
		return err->code;
	if (!change->want && holder != HOLDER_OURS)
		return 0;
	message = batch_begin(batch, change->want ? RTM_NEWNEIGH : RTM_DELNEIGH,
			      change->want ? NLM_F_CREATE | NLM_F_REPLACE : 0, sizeof(struct ndmsg),
			      change);
	put_place(message, &place);
	if (change->want) {
		((struct ndmsg *)mnl_nlmsg_get_payload(message))->ndm_state = NUD_PERMANENT;
		mnl_attr_put_u8(message, NDA_PROTOCOL, RTNL_PROTOCOL);
		if (!place.is_proxy)
			mnl_attr_put(message, NDA_LLADDR, sizeof(mac.bytes), mac.bytes);
	}
	batch_end(batch, message);
	return 0;
}

/* Who asks for it is to learn at once where it is now. */
static void proxy_done(struct rtnl *rtnl, const struct change *change)
{
	struct words key;
	struct ip ip;

	if (!change->want)
		return;
	text_words(&key, item_key(change->want));
	if (key.n == 2 && ip_parse(key.word[1], &ip, NULL) == 0)
		rtnl_announce(rtnl, key.word[0], &ip);
}

static struct item *make_item(const struct nlattr **attributes, const struct ndmsg *header,
			      const char *link)
{
	struct ip ip = get_ip(attributes[NDA_DST]);
	AUTO(free_ptr) char *key = mem_format("%s %s", link, ip_text(&ip).s);
	struct mac mac;

	if (header->ndm_flags & NTF_PROXY)
		return item_new("proxy", key, "", "");
	if (!(header->ndm_state & NUD_PERMANENT) || !get_mac(attributes[NDA_LLADDR], &mac))
		return item_new("neighbour", key, "", "");
	return item_new("neighbour", key, mac_text(&mac).s, "");
}

struct item *neighbour_item(struct rtnl *rtnl, const struct nlmsghdr *message)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[NDA_PROTOCOL + 1];
	char name[IFNAMSIZ];

	get_attributes(message, sizeof(*header), attributes, NDA_PROTOCOL);
	if (!is_ours(attributes) || !get_ip(attributes[NDA_DST]).family ||
	    !rtnl_link_name(rtnl, header->ndm_ifindex, name))
		return NULL;
	return make_item(attributes, header, name);
}

static int read_some(struct rtnl *rtnl, uint8_t flags, const struct rtnl_filter *filter,
		     const struct item_set *want, struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETNEIGH, sizeof(struct ndmsg));

	((struct ndmsg *)mnl_nlmsg_get_payload(message))->ndm_flags = flags;
	if (filter->link)
		mnl_attr_put_u32(message, NDA_IFINDEX, (uint32_t)filter->link);
	if (dump_read(rtnl, &request, &dump, err) < 0)
		return err_in(err, "neighbours");
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		struct item *item = neighbour_item(rtnl, at);

		if (item)
			have_say(want, have, item);
	}
	return 0;
}

int rtnl_read_neighbours(struct rtnl *rtnl, const struct rtnl_filter *filter,
			 const struct item_set *want, struct item_set *have, struct err *err)
{
	if (read_some(rtnl, 0, filter, want, have, err) < 0)
		return err->code;
	return read_some(rtnl, NTF_PROXY, filter, want, have, err);
}

static int neighbours_read(void *self, const struct item_set *want, struct item_set *have,
			   struct err *err)
{
	const struct rtnl_filter everything = { 0 };

	if (rtnl_read_neighbours(self, &everything, want, have, err) < 0)
		return err->code;
	if (rtnl_read_fdb(self, &everything, want, have, err) < 0)
		return err->code;
	if (item_set_first(have))
		event_listen_neighbours(self);
	return 0;
}

static void neighbours_apply(void *self, struct change **changes, size_t n)
{
	static const struct rtnl_kind kinds[] = {
		{ "neighbour", neighbour_say, NULL, NULL, false },
		{ "proxy", neighbour_say, NULL, proxy_done, false },
		{ "fdb", fdb_say, fdb_refused, NULL, false },
		{ NULL, NULL, NULL, NULL, false },
	};

	event_listen_neighbours(self);
	rtnl_apply(self, kinds, changes, n);
}

struct provider rtnl_provider_neighbours(struct rtnl *rtnl)
{
	static const char *const kinds[] = { "neighbour", "proxy", "fdb", NULL };

	return (struct provider){ .name = "neighbours",
				  .kinds = kinds,
				  .self = rtnl,
				  .read = neighbours_read,
				  .apply = neighbours_apply };
}
