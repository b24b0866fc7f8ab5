/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which route the kernel takes for a packet, or why none. */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "lib/backend/rtnl/request.h"
#include "lib/backend/rtnl/rtnl.h"

static void ask(struct dump_request *request, const struct rtnl_asked *asked)
{
	struct nlmsghdr *message = dump_begin(request, RTM_GETROUTE, sizeof(struct rtmsg));
	struct rtmsg *header = mnl_nlmsg_get_payload(message);

	header->rtm_family = (unsigned char)family_of(&asked->to);
	header->rtm_dst_len = (unsigned char)ip_bits(&asked->to);
	header->rtm_flags = RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE; /* Else it says main. */
	put_ip(message, RTA_DST, &asked->to);
	if (asked->from.family) {
		header->rtm_src_len = (unsigned char)ip_bits(&asked->from);
		put_ip(message, RTA_SRC, &asked->from);
	}
	if (asked->iif)
		mnl_attr_put_u32(message, RTA_IIF, (uint32_t)asked->iif);
	if (asked->mark)
		mnl_attr_put_u32(message, RTA_MARK, asked->mark);
}

static void read_way(const struct nlmsghdr *message, const struct rtnl_asked *asked,
		     struct rtnl_way *way)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_TABLE + 1];

	get_attributes(message, sizeof(*header), attributes, RTA_TABLE);
	way->table = attributes[RTA_TABLE] ? get_u32(attributes[RTA_TABLE]) : header->rtm_table;
	way->destination.ip = get_ip(attributes[RTA_DST]);
	if (!way->destination.ip.family)
		way->destination.ip.family = asked->to.family;
	way->destination.length = header->rtm_dst_len;
	way->metric = get_u32(attributes[RTA_PRIORITY]);
	way->oif = (int)get_u32(attributes[RTA_OIF]);
	way->gateway = get_ip(attributes[RTA_GATEWAY]);
	way->connected = header->rtm_protocol == RTPROT_KERNEL;
}

int rtnl_way(struct rtnl *rtnl, const struct rtnl_asked *asked, struct rtnl_way *way)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct dump_request request;
	const struct nlmsghdr *message;
	int code;

	*way = (struct rtnl_way){ 0 };
	ask(&request, asked);
	code = dump_read_single(rtnl, &request, &dump);
	if (code < 0)
		return code;
	message = dump_next(&dump, NULL);
	if (!message)
		return -ENETUNREACH;
	read_way(message, asked, way);
	return 0;
}
