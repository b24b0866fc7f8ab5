/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/rtnl/follow.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/socket.h"

/* What a link has that is the machine's own. */
struct baggage {
	struct dump addresses, routes;
};

static void baggage_clear(struct baggage *baggage)
{
	dump_clear(&baggage->addresses);
	dump_clear(&baggage->routes);
}

static int baggage_read(struct rtnl *rtnl, int link, struct baggage *baggage, struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETADDR, sizeof(struct ifaddrmsg));
	struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);

	header->ifa_index = (unsigned int)link;
	if (dump_read(rtnl, &request, &baggage->addresses, err) < 0)
		return err->code;
	message = dump_begin(&request, RTM_GETROUTE, sizeof(struct rtmsg));
	mnl_attr_put_u32(message, RTA_OIF, (uint32_t)link);
	return dump_read(rtnl, &request, &baggage->routes, err);
}

static const struct nlmsghdr *next_address(const struct baggage *baggage,
					   const struct nlmsghdr *message)
{
	while ((message = dump_next(&baggage->addresses, message)))
		if (message->nlmsg_type == RTM_NEWADDR && address_is_fact(message))
			return message;
	return NULL;
}

/* Those that nobody made by itself come with the addresses. */
static const struct nlmsghdr *next_route(const struct baggage *baggage,
					 const struct nlmsghdr *message)
{
	while ((message = dump_next(&baggage->routes, message))) {
		const struct rtmsg *header = mnl_nlmsg_get_payload(message);

		if (message->nlmsg_type == RTM_NEWROUTE && header->rtm_type == RTN_UNICAST &&
		    header->rtm_protocol != RTPROT_KERNEL && !(header->rtm_flags & RTM_F_CLONED))
			return message;
	}
	return NULL;
}

/* Begins the message 'type' with all that 'from' says but the attribute 'without'. */
static struct nlmsghdr *say_again(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
				  const struct nlmsghdr *from, size_t header, uint16_t without,
				  struct err *err)
{
	const struct nlattr *attribute;
	struct nlmsghdr *message;

	if (from->nlmsg_len > RTNL_MESSAGE_MAX) {
		err_set(err, -EMSGSIZE, "it has too many attributes");
		return NULL;
	}
	message = batch_begin(batch, type, flags, header, NULL);
	memcpy(mnl_nlmsg_get_payload(message), mnl_nlmsg_get_payload(from), header);
	mnl_attr_for_each(attribute, from, (unsigned int)header)
	{
		if (mnl_attr_get_type(attribute) != without)
			mnl_attr_put(message, attribute->nla_type,
				     mnl_attr_get_payload_len(attribute),
				     mnl_attr_get_payload(attribute));
	}
	return message;
}

static int say_address(struct rtnl_batch *batch, const struct nlmsghdr *from, uint16_t type, int to,
		       struct err *err)
{
	/* A label would have to begin with the link's name. */
	struct nlmsghdr *message =
		say_again(batch, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0, from,
			  sizeof(struct ifaddrmsg), IFA_LABEL, err);
	struct ifaddrmsg *header;

	if (!message)
		return err->code;
	header = mnl_nlmsg_get_payload(message);
	header->ifa_index = (unsigned int)to;
	batch_end(batch, message);
	return 0;
}

static void hops_lead(struct nlattr *multipath, int from, int to)
{
	struct rtnexthop *hop = mnl_attr_get_payload(multipath);
	int rest = (int)mnl_attr_get_payload_len(multipath);

	for (; RTNH_OK(hop, rest); hop = RTNH_NEXT(hop)) {
		hop->rtnh_flags &= RTNH_F_ONLINK;
		if (hop->rtnh_ifindex == from)
			hop->rtnh_ifindex = to;
		rest -= RTNH_ALIGN(hop->rtnh_len);
	}
}

static int say_route(struct rtnl_batch *batch, const struct nlmsghdr *from, int out, int to,
		     struct err *err)
{
	struct nlmsghdr *message = say_again(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE,
					     from, sizeof(struct rtmsg), RTA_CACHEINFO, err);
	struct rtmsg *header;
	struct nlattr *attribute;

	if (!message)
		return err->code;
	header = mnl_nlmsg_get_payload(message);
	header->rtm_flags &= RTNH_F_ONLINK;
	mnl_attr_for_each(attribute, message, sizeof(*header))
	{
		uint16_t type = mnl_attr_get_type(attribute);

		if (type == RTA_OIF)
			memcpy(mnl_attr_get_payload(attribute), &to, sizeof(to));
		else if (type == RTA_MULTIPATH)
			hops_lead(attribute, out, to);
	}
	batch_end(batch, message);
	return 0;
}

static int send_all(struct rtnl_batch *batch, const char *what, struct err *err)
{
	int ret = batch_send(batch, err);

	for (size_t i = 0; i < batch->n && ret == 0; i++)
		if (batch->requests[i].code)
			ret = err_set(err, batch->requests[i].code, "%s: %s", what,
				      batch->requests[i].text ? batch->requests[i].text
							      : strerror(-batch->requests[i].code));
	batch_clear(batch);
	return ret;
}

static int send_addresses(struct rtnl *rtnl, const struct baggage *baggage, uint16_t type, int link,
			  struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };

	for (const struct nlmsghdr *at = NULL; (at = next_address(baggage, at));)
		if (say_address(&batch, at, type, link, err) < 0) {
			batch_clear(&batch);
			return err->code;
		}
	return send_all(&batch, "the machine's own addresses cannot follow", err);
}

static int send_routes(struct rtnl *rtnl, const struct baggage *baggage, int from, int to,
		       struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };

	for (const struct nlmsghdr *at = NULL; (at = next_route(baggage, at));)
		if (say_route(&batch, at, from, to, err) < 0) {
			batch_clear(&batch);
			return err->code;
		}
	return send_all(&batch, "the machine's own routes cannot follow", err);
}

/* Addresses are on both links until it is known that all can be where they are to be. */
static int carry(struct rtnl *rtnl, const struct baggage *baggage, int from, int to,
		 struct err *err)
{
	struct err ignored = ERR_NONE;

	if (link_set_up(rtnl, to, true) < 0 ||
	    send_addresses(rtnl, baggage, RTM_NEWADDR, to, err) < 0 ||
	    send_routes(rtnl, baggage, from, to, err) < 0) {
		send_addresses(rtnl, baggage, RTM_DELADDR, to, &ignored);
		err_clear(&ignored);
		return err->code ? err->code : err_set(err, -EIO, "the link cannot be up");
	}
	return 0;
}

static int set_master(struct rtnl *rtnl, int port, int bridge, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct nlmsghdr *message = link_change_begin(&batch, port, NULL);

	mnl_attr_put_u32(message, IFLA_MASTER, (uint32_t)bridge);
	batch_end(&batch, message);
	return send_all(&batch, "the kernel refuses", err);
}

int follow_join(struct rtnl *rtnl, int port, int bridge, struct err *err)
{
	AUTO(baggage_clear) struct baggage baggage = { DUMP_NONE, DUMP_NONE };

	if (baggage_read(rtnl, port, &baggage, err) < 0)
		return err->code;
	if (!next_address(&baggage, NULL))
		return set_master(rtnl, port, bridge, err);
	if (carry(rtnl, &baggage, port, bridge, err) < 0)
		return err->code;
	if (set_master(rtnl, port, bridge, err) < 0) {
		struct err ignored = ERR_NONE;

		send_routes(rtnl, &baggage, bridge, port, &ignored);
		err_clear(&ignored);
		send_addresses(rtnl, &baggage, RTM_DELADDR, bridge, &ignored);
		err_clear(&ignored);
		return err->code;
	}
	return send_addresses(rtnl, &baggage, RTM_DELADDR, port, err);
}

int follow_leave(struct rtnl *rtnl, int port, int bridge, struct err *err)
{
	AUTO(baggage_clear) struct baggage baggage = { DUMP_NONE, DUMP_NONE };

	if (baggage_read(rtnl, bridge, &baggage, err) < 0 || set_master(rtnl, port, 0, err) < 0)
		return err->code;
	if (!next_address(&baggage, NULL))
		return 0;
	if (carry(rtnl, &baggage, bridge, port, err) < 0)
		return err->code;
	return send_addresses(rtnl, &baggage, RTM_DELADDR, bridge, err);
}

int follow_home(struct rtnl *rtnl, const struct link *bridge, struct err *err)
{
	AUTO(baggage_clear) struct baggage baggage = { DUMP_NONE, DUMP_NONE };
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;

	if (baggage_read(rtnl, bridge->index, &baggage, err) < 0)
		return err->code;
	if (!next_address(&baggage, NULL))
		return 0;
	if (link_table_read(rtnl, 0, &table, err) < 0)
		return err->code;
	for (size_t i = 0; i < table.n; i++)
		if (table.links[i].master == bridge->index &&
		    mac_equal(&table.links[i].mac, &bridge->mac))
			return follow_leave(rtnl, table.links[i].index, bridge->index, err);
	return err_set(err, -EBUSY, "bridge %s has addresses of the machine's own", bridge->name);
}
