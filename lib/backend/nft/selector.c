/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/nft/selector.h"

#include <netinet/in.h>
#include <stdio.h>

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#define NETWORK   NFT_PAYLOAD_NETWORK_HEADER
#define LINK      NFT_PAYLOAD_LL_HEADER
#define TRANSPORT NFT_PAYLOAD_TRANSPORT_HEADER

static const struct selector selectors[] = {
	{ { "meta", "iif" }, "link_index", LOAD_META, NFT_META_IIF, 0, 0, 0 },
	{ { "meta", "iifname" }, "ifname", LOAD_META, NFT_META_IIFNAME, 0, 0, 0 },
	{ { "meta", "oifname" }, "ifname", LOAD_META, NFT_META_OIFNAME, 0, 0, 0 },
	{ { "meta", "ibrname" }, "ifname", LOAD_META, NFT_META_BRI_IIFNAME, 0, 0, 0 },
	{ { "meta", "obrname" }, "ifname", LOAD_META, NFT_META_BRI_OIFNAME, 0, 0, 0 },
	{ { "meta", "l4proto" }, "inet_proto", LOAD_META, NFT_META_L4PROTO, 0, 0, 0 },
	{ { "meta", "mark" }, "mark", LOAD_META, NFT_META_MARK, 0, 0, 0 },
	{ { "meta", "priority" }, "classid", LOAD_META, NFT_META_PRIORITY, 0, 0, 0 },
	{ { "meta", "protocol" }, "ether_type", LOAD_META, NFT_META_PROTOCOL, 0, 0, 0 },
	{ { "meta", "iiftype" }, "iface_type", LOAD_META, NFT_META_IIFTYPE, 0, 0, 0 },
	{ { "meta", "pkttype" }, "pkt_type", LOAD_META, NFT_META_PKTTYPE, 0, 0, 0 },
	{ { "meta", "nfproto" }, "nf_proto", LOAD_META, NFT_META_NFPROTO, 0, 0, 0 },
	{ { "meta", "secpath" }, "boolean", LOAD_META, NFT_META_SECPATH, 0, 0, 0 },
	{ { "meta", "nftrace" }, "number1", LOAD_META, NFT_META_NFTRACE, 0, 0, 0 },
	{ { "fib", "daddr", "type" }, "fib_addrtype", LOAD_FIB, NFT_FIB_RESULT_ADDRTYPE, 0, 0, 0 },
	{ { "ip", "saddr" }, "ipv4_addr", LOAD_PAYLOAD, NETWORK, 12, NEEDS_IPV4, 0 },
	{ { "ip", "daddr" }, "ipv4_addr", LOAD_PAYLOAD, NETWORK, 16, NEEDS_IPV4, 0 },
	{ { "ip", "protocol" }, "inet_proto", LOAD_PAYLOAD, NETWORK, 9, NEEDS_IPV4, 0 },
	{ { "ip", "ttl" }, "number1", LOAD_PAYLOAD, NETWORK, 8, NEEDS_IPV4, 0 },
	{ { "ip", "length" }, "number2", LOAD_PAYLOAD, NETWORK, 2, NEEDS_IPV4, 0 },
	{ { "ip6", "saddr" }, "ipv6_addr", LOAD_PAYLOAD, NETWORK, 8, NEEDS_IPV6, 0 },
	{ { "ip6", "daddr" }, "ipv6_addr", LOAD_PAYLOAD, NETWORK, 24, NEEDS_IPV6, 0 },
	{ { "ether", "daddr" }, "ether_addr", LOAD_PAYLOAD, LINK, 0, 0, 0 },
	{ { "ether", "saddr" }, "ether_addr", LOAD_PAYLOAD, LINK, 6, 0, 0 },
	{ { "ether", "type" }, "ether_type", LOAD_PAYLOAD, LINK, 12, 0, 0 },
	{ { "arp", "operation" }, "arp_op", LOAD_PAYLOAD, NETWORK, 6, NEEDS_ARP, 0 },
	{ { "arp", "saddr", "ether" }, "ether_addr", LOAD_PAYLOAD, NETWORK, 8, NEEDS_ARP, 0 },
	{ { "arp", "saddr", "ip" }, "ipv4_addr", LOAD_PAYLOAD, NETWORK, 14, NEEDS_ARP, 0 },
	{ { "arp", "daddr", "ether" }, "ether_addr", LOAD_PAYLOAD, NETWORK, 18, NEEDS_ARP, 0 },
	{ { "arp", "daddr", "ip" }, "ipv4_addr", LOAD_PAYLOAD, NETWORK, 24, NEEDS_ARP, 0 },
	{ { "icmp", "type" }, "icmp_type", LOAD_PAYLOAD, TRANSPORT, 0, NEEDS_IPV4, IPPROTO_ICMP },
	/* Of the packet that an error is about: behind the error's own eight bytes. */
	{ { "icmp", "inner", "saddr" },
	  "ipv4_addr",
	  LOAD_PAYLOAD,
	  TRANSPORT,
	  8 + 12,
	  NEEDS_IPV4,
	  IPPROTO_ICMP },
	{ { "icmp", "inner", "daddr" },
	  "ipv4_addr",
	  LOAD_PAYLOAD,
	  TRANSPORT,
	  8 + 16,
	  NEEDS_IPV4,
	  IPPROTO_ICMP },
	{ { "icmpv6", "type" },
	  "icmpv6_type",
	  LOAD_PAYLOAD,
	  TRANSPORT,
	  0,
	  NEEDS_IPV6,
	  IPPROTO_ICMPV6 },
	{ { "icmpv6", "taddr" },
	  "ipv6_addr",
	  LOAD_PAYLOAD,
	  TRANSPORT,
	  8,
	  NEEDS_IPV6,
	  IPPROTO_ICMPV6 },
	{ { "tcp", "flags" }, "tcp_flag", LOAD_PAYLOAD, TRANSPORT, 13, 0, IPPROTO_TCP },
	{ { "tcp", "sport" }, "inet_service", LOAD_PAYLOAD, TRANSPORT, 0, 0, IPPROTO_TCP },
	{ { "tcp", "dport" }, "inet_service", LOAD_PAYLOAD, TRANSPORT, 2, 0, IPPROTO_TCP },
	{ { "udp", "sport" }, "inet_service", LOAD_PAYLOAD, TRANSPORT, 0, 0, IPPROTO_UDP },
	{ { "udp", "dport" }, "inet_service", LOAD_PAYLOAD, TRANSPORT, 2, 0, IPPROTO_UDP },
	{ { "th", "sport" }, "inet_service", LOAD_PAYLOAD, TRANSPORT, 0, 0, 0 },
	{ { "th", "dport" }, "inet_service", LOAD_PAYLOAD, TRANSPORT, 2, 0, 0 },
	{ { "ct", "state" }, "ct_state", LOAD_CT, NFT_CT_STATE, 0, 0, 0 },
	{ { "ct", "status" }, "ct_status", LOAD_CT, NFT_CT_STATUS, 0, 0, 0 },
	{ { "ct", "direction" }, "ct_dir", LOAD_CT, NFT_CT_DIRECTION, 0, 0, 0 },
	{ { "ct", "mark" }, "mark", LOAD_CT, NFT_CT_MARK, 0, 0, 0 },
	{ { "ct", "zone" }, "zone", LOAD_CT, NFT_CT_ZONE, 0, 0, 0 },
	{ { "ct", "original", "ip", "saddr" }, "ipv4_addr", LOAD_CT, NFT_CT_SRC_IP, 1, 0, 0 },
	{ { "ct", "original", "ip", "daddr" }, "ipv4_addr", LOAD_CT, NFT_CT_DST_IP, 1, 0, 0 },
	{ { "ct", "original", "ip6", "saddr" }, "ipv6_addr", LOAD_CT, NFT_CT_SRC_IP6, 1, 0, 0 },
	{ { "ct", "original", "ip6", "daddr" }, "ipv6_addr", LOAD_CT, NFT_CT_DST_IP6, 1, 0, 0 },
	{ { "ct", "reply", "ip", "saddr" }, "ipv4_addr", LOAD_CT, NFT_CT_SRC_IP, 2, 0, 0 },
	{ { "ct", "reply", "ip", "daddr" }, "ipv4_addr", LOAD_CT, NFT_CT_DST_IP, 2, 0, 0 },
	{ { "ct", "original", "proto-dst" }, "inet_service", LOAD_CT, NFT_CT_PROTO_DST, 1, 0, 0 },
	{ { "ct", "reply", "proto-dst" }, "inet_service", LOAD_CT, NFT_CT_PROTO_DST, 2, 0, 0 },
	{ { "ct", "original", "protocol" }, "inet_proto", LOAD_CT, NFT_CT_PROTOCOL, 1, 0, 0 },
	{ { "ct", "reply", "protocol" }, "inet_proto", LOAD_CT, NFT_CT_PROTOCOL, 2, 0, 0 },
	{ { "rt", "ipsec" }, "boolean", LOAD_RT, NFT_RT_XFRM, 0, 0, 0 },
};

static size_t match_length(const struct selector *selector, const struct words *words)
{
	size_t n = 0;

	for (; n < ARRAY_SIZE(selector->words) && selector->words[n]; n++)
		if (words->at + n >= words->n ||
		    strcmp(words->words[words->at + n], selector->words[n]) != 0)
			return 0;
	return n;
}

const struct selector *selector_take(struct words *words)
{
	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		size_t length = match_length(&selectors[i], words);

		if (!length)
			continue;
		words->at += length;
		return &selectors[i];
	}
	return NULL;
}

const struct type *selector_type(const struct selector *selector)
{
	return type_find(selector->type);
}

uint32_t register_at(size_t offset)
{
	return NFT_REG32_00 + (uint32_t)(offset / 4);
}

struct nftnl_expr *expr_new(const char *name)
{
	return nftnl_expr_alloc(name);
}

void compare(struct nftnl_rule *rule, size_t offset, bool equal, const void *value, size_t size)
{
	struct nftnl_expr *expr = expr_new("cmp");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, register_at(offset));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
	nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, value, (uint32_t)size);
	nftnl_rule_add_expr(rule, expr);
}

static void load_meta(struct nftnl_rule *rule, uint32_t key, size_t offset)
{
	struct nftnl_expr *expr = expr_new("meta");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, register_at(offset));
	nftnl_rule_add_expr(rule, expr);
}

static void ensure_network(struct nftnl_rule *rule, const char *family, enum selector_needs needs)
{
	static const uint16_t ether_types[] = { 0, 0x0800, 0x86dd, 0x0806, 0x8100 };
	uint8_t nfproto = needs == NEEDS_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	uint16_t protocol = htons(ether_types[needs]);

	if (strcmp(family, "ip") == 0 || strcmp(family, "ip6") == 0 || strcmp(family, "arp") == 0)
		return;
	if (strcmp(family, "inet") == 0) {
		load_meta(rule, NFT_META_NFPROTO, 0);
		compare(rule, 0, true, &nfproto, sizeof(nfproto));
	} else {
		load_meta(rule, NFT_META_PROTOCOL, 0);
		compare(rule, 0, true, &protocol, sizeof(protocol));
	}
}

void selector_ensure(struct nftnl_rule *rule, const char *family, struct ensured *ensured,
		     enum selector_needs network, uint8_t protocol)
{
	if (network != NEEDS_NOTHING && ensured->network != network) {
		ensure_network(rule, family, network);
		ensured->network = network;
	}
	if (protocol && ensured->protocol != protocol) {
		load_meta(rule, NFT_META_L4PROTO, 0);
		compare(rule, 0, true, &protocol, sizeof(protocol));
		ensured->protocol = protocol;
	}
}

static void load_payload(struct nftnl_rule *rule, const struct selector *selector, size_t offset)
{
	struct nftnl_expr *expr = expr_new("payload");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, selector->key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, selector->offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, selector_type(selector)->size);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, register_at(offset));
	nftnl_rule_add_expr(rule, expr);
}

static void load_ct(struct nftnl_rule *rule, const struct selector *selector, size_t offset)
{
	struct nftnl_expr *expr = expr_new("ct");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, selector->key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, register_at(offset));
	if (selector->offset)
		nftnl_expr_set_u8(expr, NFTNL_EXPR_CT_DIR, (uint8_t)(selector->offset - 1));
	nftnl_rule_add_expr(rule, expr);
}

static void load_fib(struct nftnl_rule *rule, const struct selector *selector, size_t offset)
{
	struct nftnl_expr *expr = expr_new("fib");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_RESULT, selector->key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_DREG, register_at(offset));
	nftnl_rule_add_expr(rule, expr);
}

static void load_rt(struct nftnl_rule *rule, const struct selector *selector, size_t offset)
{
	struct nftnl_expr *expr = expr_new("rt");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_RT_KEY, selector->key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_RT_DREG, register_at(offset));
	nftnl_rule_add_expr(rule, expr);
}

void selector_load(struct nftnl_rule *rule, const char *family, struct ensured *ensured,
		   const struct selector *selector, size_t offset)
{
	if (!offset)
		selector_ensure(rule, family, ensured, selector->needs, selector->protocol);
	switch (selector->load) {
	case LOAD_META:
		load_meta(rule, selector->key, offset);
		break;
	case LOAD_PAYLOAD:
		load_payload(rule, selector, offset);
		break;
	case LOAD_CT:
		load_ct(rule, selector, offset);
		break;
	case LOAD_FIB:
		load_fib(rule, selector, offset);
		break;
	case LOAD_RT:
		load_rt(rule, selector, offset);
		break;
	}
}
