/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/conntrack/request.h"

#include <arpa/inet.h>
#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

/* Bits of CTA_FILTER_ORIG_FLAGS and CTA_FILTER_REPLY_FLAGS; the kernel keeps them to itself
 * (net/netfilter/nf_conntrack_netlink.c). */
#define FILTER_SOURCE      (1u << 0)
#define FILTER_DESTINATION (1u << 1)
#define FILTER_PROTOCOL    (1u << 3)
#define FILTER_TO_PORT     (1u << 5)

struct nlmsghdr *request_begin(char *bytes, uint8_t type, uint8_t family, uint16_t flags,
			       uint32_t sequence)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct nfgenmsg *header;

	message->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = sequence;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	return message;
}

static void put_address(struct nlmsghdr *message, bool source, const struct ip *ip)
{
	struct nlattr *nest = mnl_attr_nest_start(message, CTA_TUPLE_IP);

	mnl_attr_put(message, source ? CTA_IP_V4_SRC : CTA_IP_V4_DST, ip_size(ip), ip->bytes);
	mnl_attr_nest_end(message, nest);
}

/* A tuple that has one address. */
static void put_tuple(struct nlmsghdr *message, uint16_t tuple, bool source, const struct ip *ip)
{
	struct nlattr *nest = mnl_attr_nest_start(message, tuple);

	put_address(message, source, ip);
	mnl_attr_nest_end(message, nest);
}

static void put_filter(struct nlmsghdr *message, uint32_t original, uint32_t reply)
{
	struct nlattr *filter = mnl_attr_nest_start(message, CTA_FILTER);

	mnl_attr_put_u32(message, CTA_FILTER_ORIG_FLAGS, original);
	mnl_attr_put_u32(message, CTA_FILTER_REPLY_FLAGS, reply);
	mnl_attr_nest_end(message, filter);
}

void request_filter(struct nlmsghdr *message, const struct flow_group *group)
{
	uint32_t original = group->is_source ? FILTER_SOURCE : FILTER_DESTINATION;
	uint32_t reply = group->is_source ? FILTER_DESTINATION : FILTER_SOURCE;
	bool has_other = group->other.family == 4;

	put_tuple(message, CTA_TUPLE_ORIG, group->is_source, &group->address);
	if (has_other)
		put_tuple(message, CTA_TUPLE_REPLY, !group->is_source, &group->other);
	put_filter(message, original, has_other ? reply : 0);
}

/* The protocol and port that packets of the flow are for; the flags of what was put. */
static uint32_t put_protocol(struct nlmsghdr *message, const struct flow *flow)
{
	uint32_t flags = FILTER_PROTOCOL;
	struct nlattr *nest;

	if (!flow->protocol)
		return 0;
	nest = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(message, CTA_PROTO_NUM, flow->protocol);
	if (flow->ports.first) {
		mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(flow->ports.first));
		flags |= FILTER_TO_PORT;
	}
	mnl_attr_nest_end(message, nest);
	return flags;
}

bool request_names(const struct flow *flow)
{
	return flow->kind != FLOW_BETWEEN && flow->address.family == 4 &&
	       flow->ports.first == flow->ports.last;
}

void request_flow(struct nlmsghdr *message, const struct flow *flow)
{
	bool source = flow->kind == FLOW_SNAT || flow->kind == FLOW_FROM;
	bool translated = flow->kind == FLOW_SNAT || flow->kind == FLOW_DNAT;
	uint32_t original = source ? FILTER_SOURCE : FILTER_DESTINATION, reply = 0;
	struct nlattr *nest = mnl_attr_nest_start(message, CTA_TUPLE_ORIG);

	put_address(message, source, &flow->address);
	if (!source)
		original |= put_protocol(message, flow);
	mnl_attr_nest_end(message, nest);
	if (translated) {
		put_tuple(message, CTA_TUPLE_REPLY, !source, &flow->other);
		reply = source ? FILTER_DESTINATION : FILTER_SOURCE;
	}
	put_filter(message, original, reply);
}

static void take(const struct nlattr *attribute, struct ip *ip, uint8_t family)
{
	*ip = (struct ip){ .family = family };
	if (mnl_attr_get_payload_len(attribute) == ip_size(ip))
		memcpy(ip->bytes, mnl_attr_get_payload(attribute), ip_size(ip));
}

static void parse_addresses(const struct nlattr *nest, struct ip *source, struct ip *destination)
{
	const struct nlattr *at;

	mnl_attr_for_each_nested(at, nest)
	{
		switch (mnl_attr_get_type(at)) {
		case CTA_IP_V4_SRC:
			take(at, source, 4);
			break;
		case CTA_IP_V4_DST:
			take(at, destination, 4);
			break;
		case CTA_IP_V6_SRC:
			take(at, source, 6);
			break;
		case CTA_IP_V6_DST:
			take(at, destination, 6);
			break;
		default:
			break;
		}
	}
}

static void parse_protocol(const struct nlattr *nest, uint8_t *protocol, uint16_t *to_port)
{
	const struct nlattr *at;

	mnl_attr_for_each_nested(at, nest)
	{
		if (mnl_attr_get_type(at) == CTA_PROTO_NUM)
			*protocol = mnl_attr_get_u8(at);
		else if (mnl_attr_get_type(at) == CTA_PROTO_DST_PORT)
			*to_port = ntohs(mnl_attr_get_u16(at));
	}
}

static void parse_tuple(const struct nlattr *nest, struct ip *source, struct ip *destination,
			uint8_t *protocol, uint16_t *to_port)
{
	const struct nlattr *at;

	mnl_attr_for_each_nested(at, nest)
	{
		if (mnl_attr_get_type(at) == CTA_TUPLE_IP)
			parse_addresses(at, source, destination);
		else if (mnl_attr_get_type(at) == CTA_TUPLE_PROTO)
			parse_protocol(at, protocol, to_port);
	}
}

bool seen_parse(const struct nlmsghdr *message, struct flow_seen *seen)
{
	uint16_t reply_port = 0;
	uint8_t protocol = 0;
	const struct nlattr *at;

	*seen = (struct flow_seen){ 0 };
	mnl_attr_for_each(at, message, sizeof(struct nfgenmsg))
	{
		switch (mnl_attr_get_type(at)) {
		case CTA_TUPLE_ORIG:
			parse_tuple(at, &seen->from, &seen->to, &seen->protocol, &seen->to_port);
			break;
		case CTA_TUPLE_REPLY:
			parse_tuple(at, &seen->reply_from, &seen->reply_to, &protocol, &reply_port);
			break;
		case CTA_STATUS:
			seen->is_dnat = ntohl(mnl_attr_get_u32(at)) & IPS_DST_NAT;
			break;
		default:
			break;
		}
	}
	return seen->from.family && seen->reply_from.family;
}
