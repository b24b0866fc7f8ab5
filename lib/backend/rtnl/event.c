/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event.c - what the kernel tells of links, addresses, routes and rules. Our own requests are told
 * of too, and known by their port. */
#include "lib/backend/rtnl/event.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"

#define READ_BYTES (128 << 10)

int event_listen(struct rtnl *rtnl, struct err *err)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
				      RTNLGRP_IPV6_RULE };

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(rtnl->events, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) < 0)
			return err_errno(err, -errno, "rtnetlink's notifications");
	}
	return link_table_read(rtnl, 0, &rtnl->known, err);
}

void event_listen_neighbours(struct rtnl *rtnl)
{
	int group = RTNLGRP_NEIGH;

	/* Without it, another's hand is seen when everything is looked at. */
	if (!rtnl->hears_neighbours)
		mnl_socket_setsockopt(rtnl->events, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
	rtnl->hears_neighbours = true;
}

int rtnl_events_fd(const struct rtnl *rtnl)
{
	return mnl_socket_get_fd(rtnl->events);
}

struct telling {
	struct rtnl *rtnl;
	rtnl_event_fn *fn;
	void *data;
	bool links_changed, link_rose, address_came, routes_lost;
};

static bool is_running(const struct link *link)
{
	return link && (link->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

/* A bridge tells of its ports, and only of what makes them ports. */
static void take_port(struct telling *telling, const struct nlmsghdr *message)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct link_table *known = &telling->rtnl->known;
	const struct link *port = link_table_index(known, header->ifi_index);
	struct link link;

	if (!port)
		return;
	link = *port;
	link_parse_port(message, &link);
	telling->links_changed |= link_table_note(known, &link);
}

static void take_link(struct telling *telling, const struct nlmsghdr *message)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct link_table *known = &telling->rtnl->known;
	struct link link;
	bool was_running;

	if (header->ifi_family == AF_BRIDGE) {
		take_port(telling, message);
		return;
	}
	link_parse(message, &link);
	if (message->nlmsg_type == RTM_DELLINK) {
		telling->links_changed |= link_table_forget(known, link.index);
		return;
	}
	was_running = is_running(link_table_index(known, link.index));
	telling->links_changed |= link_table_note(known, &link);
	if (!was_running && is_running(&link)) {
		announce_link(telling->rtnl, link.index);
		announce_later(telling->rtnl, link.index);
		telling->link_rose = true;
	}
}

/* What goes by our own hand goes after its routes were changed. */
static void take_address(struct telling *telling, const struct nlmsghdr *message)
{
	if (message->nlmsg_type == RTM_NEWADDR)
		telling->address_came = true;
	else if (message->nlmsg_pid != telling->rtnl->port)
		telling->routes_lost = true;
}

static struct item *take_neighbour(struct rtnl *rtnl, const struct nlmsghdr *message)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	const struct link *link = link_table_index(&rtnl->known, header->ndm_ifindex);

	if (header->ndm_family != AF_BRIDGE)
		return neighbour_item(rtnl, message);
	/* On others' links only what is wanted is looked at. */
	return link && link_is_ours(link) ? fdb_item(rtnl, message) : NULL;
}

/* One that is taken away is a neighbour that failed first. */
static bool is_let_go(const struct item *item)
{
	return item && strcmp(item_kind(item), "neighbour") == 0 && !*item_value(item);
}

static void take(struct telling *telling, const struct nlmsghdr *message)
{
	struct rtnl *rtnl = telling->rtnl;
	struct item *item = NULL;
	bool removed = false;

	if (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK)
		take_link(telling, message);
	if (message->nlmsg_type == RTM_NEWADDR || message->nlmsg_type == RTM_DELADDR) {
		take_address(telling, message);
		if (address_is_fact(message)) {
			telling->links_changed = true;
			rtnl->addresses_read = false;
		}
	}
	if (message->nlmsg_pid == rtnl->port)
		return;
	switch (message->nlmsg_type) {
	case RTM_DELADDR:
	case RTM_NEWADDR:
		item = address_item(rtnl, message);
		removed = message->nlmsg_type == RTM_DELADDR;
		break;
	case RTM_DELROUTE:
	case RTM_NEWROUTE:
		item = route_item(rtnl, message);
		removed = message->nlmsg_type == RTM_DELROUTE;
		break;
	case RTM_DELNEIGH:
	case RTM_NEWNEIGH:
		item = take_neighbour(rtnl, message);
		removed = message->nlmsg_type == RTM_DELNEIGH || is_let_go(item);
		break;
	case RTM_DELRULE:
	case RTM_NEWRULE:
		item = rule_item(message);
		removed = message->nlmsg_type == RTM_DELRULE;
		break;
	default:
		return;
	}
	if (item)
		telling->fn(telling->data, RTNL_ITEM_TOUCHED, item_kind(item), item_key(item),
			    removed);
	item_unref(item);
}

int rtnl_events_read(struct rtnl *rtnl, rtnl_event_fn *fn, void *data, struct err *err)
{
	struct telling telling = { .rtnl = rtnl, .fn = fn, .data = data };
	AUTO(free_ptr) char *bytes = mem_room(READ_BYTES);
	int ret = 0;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(rtnl->events), bytes, READ_BYTES, MSG_DONTWAIT);
		const struct nlmsghdr *message = (const void *)bytes;
		int rest = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			ret = err_set(err, -ENOBUFS, "events were lost");
			telling.links_changed = rtnl->lost_events = true;
			rtnl->addresses_read = false;
			continue;
		}
		if (n < 0 && errno != EAGAIN)
			ret = err_errno(err, -errno, "rtnetlink's notifications");
		if (n <= 0)
			break;
		for (; mnl_nlmsg_ok(message, rest); message = mnl_nlmsg_next(message, &rest))
			take(&telling, message);
	}
	if (telling.links_changed)
		fn(data, RTNL_LINKS_CHANGED, NULL, NULL, false);
	if (telling.link_rose)
		fn(data, RTNL_LINK_ROSE, NULL, NULL, false);
	if (telling.address_came)
		fn(data, RTNL_ADDRESS_CAME, NULL, NULL, false);
	if (telling.routes_lost)
		fn(data, RTNL_ROUTES_LOST, NULL, NULL, true);
	return ret;
}

int rtnl_read_one(struct rtnl *rtnl, const char *kind, const char *key, struct item **have,
		  struct err *err)
{
	static const struct {
		const char *kind;
		rtnl_read_fn *read;
	} readers[] = { { "address", rtnl_read_addresses },
			{ "rule", rtnl_read_routes },
			{ "neighbour", rtnl_read_neighbours },
			{ "proxy", rtnl_read_neighbours },
			{ "fdb", rtnl_read_fdb } };
	struct item_set none = ITEM_SET_NONE, found = ITEM_SET_NONE;
	struct rtnl_filter filter = { 0 };
	struct item *item;
	struct words words;
	int ret = 0;

	*have = NULL;
	text_words(&words, key);
	if (words.n && strcmp(kind, "route") != 0 && strcmp(kind, "rule") != 0) {
		filter.link = rtnl_link_index(rtnl, words.word[0]);
		if (!filter.link)
			return 0; /* It went with its link. */
	}
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (strcmp(readers[i].kind, kind) == 0)
			ret = readers[i].read(rtnl, &filter, &none, &found, err);
	if (strcmp(kind, "route") == 0)
		ret = rtnl_read_route(rtnl, key, &found, err);
	item = ret == 0 ? item_set_find(&found, kind, key) : NULL;
	if (item)
		*have = item_set_take(&found, item);
	item_set_clear(&found);
	return ret;
}
