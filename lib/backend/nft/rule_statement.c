/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule does: verdicts, counters, marks, NAT. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/element.h"
#include "lib/backend/nft/rule_build.h"

#define EXPR_OBJREF_COUNTER NFT_OBJECT_COUNTER

static void add(struct build *build, struct nftnl_expr *expr)
{
	nftnl_rule_add_expr(build->rule->rule, expr);
}

int build_verdict(struct build *build)
{
	const char *word = words_peek(build->words), *chain = NULL;
	AUTO(free_ptr) char *text = NULL;
	struct nftnl_expr *expr;
	int verdict;

	if (strcmp(word, "jump") == 0 || strcmp(word, "goto") == 0) {
		words_take(build->words);
		text = mem_format("%s %s", word,
				  words_peek(build->words) ? words_peek(build->words) : "");
	} else {
		text = mem_text(word);
	}
	if (!verdict_parse(text, &verdict, &chain))
		return chain || strchr(text, ' ') ? not_understood(build, word) : 0;
	words_take(build->words);
	expr = expr_new("immediate");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain)
		nftnl_expr_set_str(expr, NFTNL_EXPR_IMM_CHAIN, chain);
	add(build, expr);
	return 1;
}

static int build_reject(struct build *build)
{
	struct nftnl_expr *expr = expr_new("reject");

	if (words_accept(build->words, "tcp-reset")) {
		selector_ensure(build->rule->rule, build->family, &build->ensured, NEEDS_NOTHING,
				IPPROTO_TCP);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_TCP_RST);
		nftnl_expr_set_u8(expr, NFTNL_EXPR_REJECT_CODE, 0);
	} else {
		bool admin = words_accept(build->words, "icmp-admin");

		nftnl_expr_set_u32(expr, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
		nftnl_expr_set_u8(expr, NFTNL_EXPR_REJECT_CODE,
				  admin ? NFT_REJECT_ICMPX_ADMIN_PROHIBITED
					: NFT_REJECT_ICMPX_PORT_UNREACH);
	}
	add(build, expr);
	return 1;
}

static int build_counter(struct build *build)
{
	struct nftnl_expr *expr;
	struct key key;
	int ret;

	if (words_accept(build->words, "name")) {
		const char *name = words_take(build->words);

		if (!name)
			return not_understood(build, name);
		expr = expr_new("objref");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE, EXPR_OBJREF_COUNTER);
		nftnl_expr_set_str(expr, NFTNL_EXPR_OBJREF_IMM_NAME, name);
		add(build, expr);
		return 1;
	}
	ret = build_key(build, &key);
	if (ret < 0)
		return ret;
	if (ret == 0) {
		add(build, expr_new("counter"));
		return 1;
	}
	build_load(build, &key);
	if (!words_accept(build->words, "map") || !words_peek(build->words) ||
	    words_peek(build->words)[0] != '@')
		return not_understood(build, words_peek(build->words));
	expr = expr_new("objref");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_OBJREF_SET_SREG, register_at(0));
	nftnl_expr_set_str(expr, NFTNL_EXPR_OBJREF_SET_NAME, words_take(build->words) + 1);
	add(build, expr);
	return 1;
}

/* "rate N/second [burst N]" */
static int build_limit(struct build *build)
{
	struct nftnl_expr *expr;
	const char *word;
	AUTO(free_ptr) char *text = NULL;
	char *slash;
	uint64_t rate, burst = 5;

	if (!words_accept(build->words, "rate"))
		return not_understood(build, words_peek(build->words));
	word = words_take(build->words);
	text = mem_text(word ? word : "");
	slash = strchr(text, '/');
	if (!slash || strcmp(slash, "/second") != 0)
		return not_understood(build, word);
	*slash = '\0';
	if (!number_parse(text, UINT32_MAX, &rate))
		return not_understood(build, word);
	if (words_accept(build->words, "burst")) {
		word = words_take(build->words);
		if (!word || !number_parse(word, UINT32_MAX, &burst))
			return not_understood(build, word);
	}
	expr = expr_new("limit");
	nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_RATE, rate);
	nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_BURST, (uint32_t)burst);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	add(build, expr);
	return 1;
}

static int build_log(struct build *build)
{
	struct nftnl_expr *expr = expr_new("log");

	if (words_accept(build->words, "prefix") && words_peek(build->words))
		nftnl_expr_set_str(expr, NFTNL_EXPR_LOG_PREFIX, words_take(build->words));
	add(build, expr);
	return 1;
}

/* Behind a key of this size, ": SELECTOR": what a map is to hold for it. */
static int dynamic_data(struct build *build, const struct key *key, struct nftnl_expr *expr)
{
	size_t offset = (key->types.size + 3) & ~(size_t)3;
	const struct selector *selector = selector_take(build->words);

	if (!selector)
		return not_understood(build, words_peek(build->words));
	if (offset + selector_type(selector)->size > VALUE_BYTES_MAX)
		return err_set(build->err, -EINVAL, "the key and its data are too long together");
	/* Its check would overwrite the key in the registers. */
	selector_ensure(build->rule->rule, build->family, &build->ensured, selector->needs,
			selector->protocol);
	build_load(build, key);
	selector_load(build->rule->rule, build->family, &build->ensured, selector, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_SREG_DATA, register_at(offset));
	return 0;
}

/* "add @SET { KEY }", "add @MAP { KEY : SELECTOR }" */
static int build_dynamic(struct build *build, uint32_t operation)
{
	const char *set = words_take(build->words);
	struct nftnl_expr *expr;
	struct key key;
	int ret;

	if (!set || set[0] != '@' || !words_accept(build->words, "{"))
		return not_understood(build, set);
	ret = build_key(build, &key);
	if (ret <= 0)
		return ret < 0 ? ret : not_understood(build, words_peek(build->words));
	expr = expr_new("dynset");
	if (!words_accept(build->words, ":"))
		build_load(build, &key);
	else if (dynamic_data(build, &key, expr) < 0) {
		nftnl_expr_free(expr);
		return build->err->code;
	}
	nftnl_expr_set_str(expr, NFTNL_EXPR_DYNSET_SET_NAME, set + 1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_OP, operation);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_SREG_KEY, register_at(0));
	add(build, expr);
	if (!words_accept(build->words, "}"))
		return not_understood(build, words_peek(build->words));
	return 1;
}

/* "INDEX", of a link, into the register at 'offset'. */
static int forward_index(struct build *build, size_t offset)
{
	const char *word = words_take(build->words);
	uint64_t number;
	uint32_t index;

	if (!word || !number_parse(word, INT32_MAX, &number))
		return not_understood(build, word);
	index = (uint32_t)number;
	build_immediate(build, offset, &index, sizeof(index));
	return 0;
}

/* "ip to SELECTOR|ADDRESS device INDEX": to the neighbour there, whose MAC the kernel asks for. */
static int forward_neighbour(struct build *build, struct nftnl_expr *expr)
{
	const struct type *type = type_find("ipv4_addr");
	uint8_t address[TYPE_BYTES_MAX];
	const char *word;
	struct key key;
	int ret;

	if (!words_accept(build->words, "to"))
		return not_understood(build, words_peek(build->words));
	selector_ensure(build->rule->rule, build->family, &build->ensured, NEEDS_IPV4, 0);
	ret = build_key(build, &key);
	if (ret < 0)
		return ret;
	if (ret > 0) {
		build_load(build, &key);
	} else {
		word = words_take(build->words);
		if (!word || !type_parse(type, word, address))
			return not_understood(build, word);
		build_immediate(build, 0, address, type->size);
	}
	if (!words_accept(build->words, "device"))
		return not_understood(build, words_peek(build->words));
	ret = forward_index(build, 4);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FWD_SREG_ADDR, register_at(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FWD_SREG_DEV, register_at(4));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_FWD_NFPROTO, NFPROTO_IPV4);
	return ret;
}

/* "to INDEX": the link with this index; or "ip to ...". */
static int build_forward(struct build *build)
{
	struct nftnl_expr *expr = expr_new("fwd");
	int ret = 0;

	if (words_accept(build->words, "ip"))
		ret = forward_neighbour(build, expr);
	else if (!words_accept(build->words, "to"))
		ret = not_understood(build, words_peek(build->words));
	else {
		ret = forward_index(build, 0);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_FWD_SREG_DEV, register_at(0));
	}
	if (ret < 0) {
		nftnl_expr_free(expr);
		return ret;
	}
	add(build, expr);
	return 1;
}

int build_statement(struct build *build)
{
	if (words_accept(build->words, "counter"))
		return build_counter(build);
	if (words_accept(build->words, "reject"))
		return build_reject(build);
	if (words_accept(build->words, "limit"))
		return build_limit(build);
	if (words_accept(build->words, "fwd"))
		return build_forward(build);
	if (words_accept(build->words, "log"))
		return build_log(build);
	if (words_accept(build->words, "add"))
		return build_dynamic(build, NFT_DYNSET_OP_ADD);
	if (words_accept(build->words, "update"))
		return build_dynamic(build, NFT_DYNSET_OP_UPDATE);
	if (words_accept(build->words, "delete"))
		return build_dynamic(build, NFT_DYNSET_OP_DELETE);
	if (words_accept(build->words, "notrack")) {
		add(build, expr_new("notrack"));
		return 1;
	}
	return 0;
}

/* Puts what follows into the first register: a constant, a selector, or one through a map. */
static int build_value(struct build *build, const struct type *type)
{
	uint8_t value[TYPE_BYTES_MAX] = { 0 };
	const char *word;
	struct key key;
	int ret = build_key(build, &key);

	if (ret < 0)
		return ret;
	if (ret > 0) {
		build_load(build, &key);
		if (words_accept(build->words, "map"))
			return build_lookup(build, words_take(build->words), false, register_at(0),
					    true);
		return 0;
	}
	word = words_take(build->words);
	if (!word || !type_parse(type, word, value))
		return not_understood(build, word);
	build_immediate(build, 0, value, type->size);
	return 0;
}

/* "X & MASK | VALUE", X loaded. */
static int build_bits(struct build *build, const struct type *type)
{
	uint8_t keep[TYPE_BYTES_MAX] = { 0 }, put[TYPE_BYTES_MAX] = { 0 };
	struct nftnl_expr *expr;
	const char *word = words_take(build->words);

	if (!word || !type_parse(type, word, keep))
		return not_understood(build, word);
	if (words_accept(build->words, "|")) {
		word = words_take(build->words);
		if (!word || !type_parse(type, word, put))
			return not_understood(build, word);
	}
	for (size_t i = 0; i < type->size; i++)
		keep[i] &= (uint8_t)~put[i];
	expr = expr_new("bitwise");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, register_at(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, register_at(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, type->size);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, keep, type->size);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, put, type->size);
	add(build, expr);
	return 0;
}

/* Where a field of a packet can be written: checksums follow, those of IPv4's header and of what
 * is above it; of an error's inner packet only the header's, which its own checksum covers. */
static bool set_payload(const struct selector *selector, struct nftnl_expr *expr)
{
	bool is_ip = selector->needs == NEEDS_IPV4 && selector->key == NFT_PAYLOAD_NETWORK_HEADER;
	bool is_inner = strcmp(selector->words[1], "inner") == 0;

	if (selector->key == NFT_PAYLOAD_LL_HEADER || selector->needs == NEEDS_ARP)
		return true;
	if ((!is_ip && !is_inner) || strcmp(selector->type, "ipv4_addr") != 0)
		return false;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, is_inner ? 8 + 10 : 10);
	if (is_ip)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
	return true;
}

int build_set(struct build *build, const struct selector *selector)
{
	const struct type *type = selector_type(selector);
	struct nftnl_expr *expr;
	int ret;

	selector_ensure(build->rule->rule, build->family, &build->ensured, selector->needs,
			selector->protocol);
	ret = build_value(build, type);

	if (ret == 0 && words_accept(build->words, "&"))
		ret = build_bits(build, type);
	if (ret < 0)
		return ret;
	if (selector->load == LOAD_META) {
		expr = expr_new("meta");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, selector->key);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_META_SREG, register_at(0));
	} else if (selector->load == LOAD_CT) {
		expr = expr_new("ct");
		nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, selector->key);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_SREG, register_at(0));
	} else if (selector->load == LOAD_PAYLOAD) {
		expr = expr_new("payload");
		if (!set_payload(selector, expr)) {
			nftnl_expr_free(expr);
			return err_set(build->err, -EINVAL, "this cannot be set");
		}
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_SREG, register_at(0));
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, selector->key);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, selector->offset);
		nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, type->size);
	} else {
		return err_set(build->err, -EINVAL, "this cannot be set");
	}
	add(build, expr);
	return 0;
}

/* "ADDRESS[:PORT[-LAST]]" */
static int nat_constant(struct build *build, const struct type *type, struct nftnl_expr *nat)
{
	const struct type *service = type_find("inet_service");
	AUTO(free_ptr) char *text = mem_text(words_peek(build->words));
	char *colon = text && type->size == 4 ? strchr(text, ':') : NULL;
	uint8_t address[TYPE_BYTES_MAX];
	struct range ports;

	if (colon)
		*colon = '\0';
	if (!text || !type_parse(type, text, address))
		return not_understood(build, words_peek(build->words));
	build_immediate(build, 0, address, type->size);
	nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_ADDR_MIN, register_at(0));
	if (colon) {
		if (range_parse(service, colon + 1, &ports, build->err) < 0)
			return build->err->code;
		build_immediate(build, 16, ports.first, service->size);
		nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_PROTO_MIN, register_at(16));
		if (!range_is_single(service, &ports)) {
			build_immediate(build, 20, ports.last, service->size);
			nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_PROTO_MAX, register_at(20));
		}
	}
	words_take(build->words);
	return 0;
}

/* "SELECTOR map @MAP"; the map's data may hold a port behind the address. */
static int nat_mapped(struct build *build, const struct key *key, struct nftnl_expr *nat)
{
	const struct declaration *declaration;
	const char *map;

	build_load(build, key);
	if (!words_accept(build->words, "map"))
		return not_understood(build, words_peek(build->words));
	map = words_take(build->words);
	if (build_lookup(build, map, false, register_at(0), true) < 0)
		return build->err->code;
	nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_ADDR_MIN, register_at(0));
	declaration = build->declaration(build->data, map + 1);
	if (declaration && declaration->data == SET_DATA_VALUE && declaration->value.n == 2)
		nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_PROTO_MIN,
				   register_at(type_list_offset(&declaration->value, 1)));
	return 0;
}

static int build_translation(struct build *build, uint32_t kind)
{
	bool is_ip6 = words_peek(build->words) && strcmp(words_peek(build->words), "ip6") == 0;
	struct nftnl_expr *nat;
	struct key key;
	int ret;

	if ((!is_ip6 && !words_accept(build->words, "ip")) ||
	    (is_ip6 && !words_accept(build->words, "ip6")) || !words_accept(build->words, "to"))
		return not_understood(build, words_peek(build->words));
	selector_ensure(build->rule->rule, build->family, &build->ensured,
			is_ip6 ? NEEDS_IPV6 : NEEDS_IPV4, 0);
	nat = expr_new("nat");
	nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_TYPE, kind);
	nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_FAMILY, is_ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
	ret = build_key(build, &key);
	if (ret > 0)
		ret = nat_mapped(build, &key, nat);
	else if (ret == 0)
		ret = nat_constant(build, type_find(is_ip6 ? "ipv6_addr" : "ipv4_addr"), nat);
	if (ret < 0) {
		nftnl_expr_free(nat);
		return ret;
	}
	add(build, nat);
	return 1;
}

int build_nat(struct build *build)
{
	if (words_accept(build->words, "dnat"))
		return build_translation(build, NFT_NAT_DNAT);
	if (words_accept(build->words, "snat"))
		return build_translation(build, NFT_NAT_SNAT);
	if (words_accept(build->words, "masquerade")) {
		add(build, expr_new("masq"));
		return 1;
	}
	return 0;
}
