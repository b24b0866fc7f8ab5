/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack_bench.h - tracked connections as a kernel would have them, without a packet. */
#ifndef WEFT_TESTS_UNIT_CONNTRACK_BENCH_H
#define WEFT_TESTS_UNIT_CONNTRACK_BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "lib/base/mem.h"

/* One connection: what its first packet bore, and what answers bear. */
struct track {
	const char *from, *to, *reply_from, *reply_to;
	uint8_t protocol;
	uint16_t from_port, to_port;
};

static inline void track_address(struct nf_conntrack *ct, enum nf_conntrack_attr v4,
				 enum nf_conntrack_attr v6, const char *text)
{
	struct in6_addr ip6;
	struct in_addr ip;

	if (inet_pton(AF_INET, text, &ip) == 1)
		nfct_set_attr_u32(ct, v4, ip.s_addr);
	else if (inet_pton(AF_INET6, text, &ip6) == 1)
		nfct_set_attr(ct, v6, &ip6);
}

/* Puts the request that inserts it at 'bytes'; its length. */
static inline size_t track_say(const struct track *track, char *bytes)
{
	struct nf_conntrack *ct = nfct_new();
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	uint8_t family = strchr(track->from, ':') ? AF_INET6 : AF_INET;
	struct nfgenmsg *header;

	message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	nfct_set_attr_u8(ct, ATTR_ORIG_L3PROTO, family);
	nfct_set_attr_u8(ct, ATTR_REPL_L3PROTO, family);
	nfct_set_attr_u8(ct, ATTR_ORIG_L4PROTO, track->protocol);
	nfct_set_attr_u8(ct, ATTR_REPL_L4PROTO, track->protocol);
	track_address(ct, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, track->from);
	track_address(ct, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, track->to);
	track_address(ct, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC,
		      track->reply_from ? track->reply_from : track->to);
	track_address(ct, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST,
		      track->reply_to ? track->reply_to : track->from);
	nfct_set_attr_u16(ct, ATTR_ORIG_PORT_SRC, htons(track->from_port));
	nfct_set_attr_u16(ct, ATTR_ORIG_PORT_DST, htons(track->to_port));
	nfct_set_attr_u16(ct, ATTR_REPL_PORT_SRC, htons(track->to_port));
	nfct_set_attr_u16(ct, ATTR_REPL_PORT_DST, htons(track->from_port));
	if (track->protocol == IPPROTO_TCP)
		nfct_set_attr_u8(ct, ATTR_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
	nfct_set_attr_u32(ct, ATTR_TIMEOUT, 3600);
	nfct_nlmsg_build(message, ct);
	nfct_destroy(ct);
	return message->nlmsg_len;
}

/* 0, or the kernel's refusal. */
static inline int track_insert(struct mnl_socket *socket, const struct track *track)
{
	char bytes[2048] = { 0 };
	ssize_t n;

	if (mnl_socket_sendto(socket, bytes, track_say(track, bytes)) < 0)
		return -errno;
	n = mnl_socket_recvfrom(socket, bytes, sizeof(bytes));
	return n < 0 || mnl_cb_run(bytes, (size_t)n, 0, 0, NULL, NULL) < 0 ? -errno : 0;
}

#endif
