/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentence of a rule: matches, one after another, and statements. */
#include "lib/backend/nft/rule.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/nft.h"
#include "lib/backend/nft/nft_state.h"
#include "lib/backend/nft/rule_build.h"

int not_understood(const struct build *build, const char *word)
{
	if (!word)
		return err_set(build->err, -EINVAL, "the rule ends too early");
	return err_set(build->err, -EINVAL, "'%s' is not understood", word);
}

static int key_add(struct build *build, struct key *key, const struct selector *selector)
{
	if (!selector)
		return not_understood(build, words_peek(build->words));
	key->selectors[key->types.n] = selector;
	if (!type_list_add(&key->types, selector_type(selector)))
		return err_set(build->err, -EINVAL, "the concatenation is too long");
	return 0;
}

int build_key(struct build *build, struct key *key)
{
	const struct selector *selector;
	int ret;

	*key = (struct key){ 0 };
	if (!words_accept(build->words, "concat(")) {
		selector = selector_take(build->words);
		if (!selector)
			return 0;
		ret = key_add(build, key, selector);
		return ret < 0 ? ret : 1;
	}
	do {
		ret = key_add(build, key, selector_take(build->words));
		if (ret < 0)
			return ret;
	} while (words_accept(build->words, "."));
	if (!words_accept(build->words, ")"))
		return not_understood(build, words_peek(build->words));
	return 1;
}

void build_load(struct build *build, const struct key *key)
{
	struct nftnl_rule *rule = build->rule->rule;

	for (size_t i = 0; i < key->types.n; i++)
		selector_ensure(rule, build->family, &build->ensured, key->selectors[i]->needs,
				key->selectors[i]->protocol);
	for (size_t i = 0; i < key->types.n; i++)
		selector_load(rule, build->family, &build->ensured, key->selectors[i],
			      type_list_offset(&key->types, i));
}

int build_lookup(struct build *build, const char *name, bool inverted, uint32_t to, bool is_map)
{
	struct nftnl_expr *expr;

	if (!name || name[0] != '@' || !name[1])
		return not_understood(build, name);
	expr = expr_new("lookup");
	nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, name + 1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, register_at(0));
	if (is_map)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, to);
	if (inverted)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	nftnl_rule_add_expr(build->rule->rule, expr);
	return 0;
}

void build_immediate(struct build *build, size_t offset, const void *value, size_t size)
{
	struct nftnl_expr *expr = expr_new("immediate");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, register_at(offset));
	nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, value, (uint32_t)size);
	nftnl_rule_add_expr(build->rule->rule, expr);
}

static void mask(struct build *build, const void *bits, size_t size)
{
	static const uint8_t none[TYPE_BYTES_MAX];
	struct nftnl_expr *expr = expr_new("bitwise");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, register_at(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, register_at(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, (uint32_t)size);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, bits, (uint32_t)size);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, none, (uint32_t)size);
	nftnl_rule_add_expr(build->rule->rule, expr);
}

/* One value; of flags also several: "syn,ack". */
static int parse_bits(struct build *build, const struct type *type, const char *text, uint8_t *bits)
{
	AUTO(free_ptr) char *list = mem_text(text);
	uint8_t one[TYPE_BYTES_MAX];

	memset(bits, 0, type->size);
	for (char *word = strtok(list, ","); word; word = type->bits ? strtok(NULL, ",") : NULL) {
		if (!type_parse(type, type->bits ? word : text, one))
			return not_understood(build, word);
		for (size_t i = 0; i < type->size; i++)
			bits[i] |= one[i];
	}
	return list && *text ? 0 : not_understood(build, text);
}

/* "established,related": any of these bits. */
static int match_bits(struct build *build, const struct type *type, const char *list, bool inverted)
{
	static const uint8_t none[TYPE_BYTES_MAX];
	uint8_t all[TYPE_BYTES_MAX];

	if (parse_bits(build, type, list, all) < 0)
		return build->err->code;
	mask(build, all, type->size);
	compare(build->rule->rule, 0, inverted, none, type->size);
	return 0;
}

static void match_prefix(struct build *build, const struct type *type, const struct range *range,
			 int length, bool inverted)
{
	uint8_t bits[TYPE_BYTES_MAX] = { 0 };

	for (int bit = 0; bit < length; bit++)
		bits[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	mask(build, bits, type->size);
	compare(build->rule->rule, 0, !inverted, range->first, type->size);
}

static void match_range(struct build *build, const struct type *type, const struct range *range,
			bool inverted)
{
	int length = range_prefix_length(type, range);
	struct nftnl_expr *expr;

	if (range_is_single(type, range)) {
		compare(build->rule->rule, 0, !inverted, range->first, type->size);
		return;
	}
	if (length >= 0) {
		match_prefix(build, type, range, length, inverted);
		return;
	}
	expr = expr_new("range");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_RANGE_SREG, register_at(0));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_RANGE_OP, inverted ? NFT_RANGE_NEQ : NFT_RANGE_EQ);
	nftnl_expr_set(expr, NFTNL_EXPR_RANGE_FROM_DATA, range->first, type->size);
	nftnl_expr_set(expr, NFTNL_EXPR_RANGE_TO_DATA, range->last, type->size);
	nftnl_rule_add_expr(build->rule->rule, expr);
}

static void add_edge(struct nftnl_set *set, const struct type *type, const uint8_t *bytes,
		     bool is_end)
{
	struct nftnl_set_elem *elem = nftnl_set_elem_alloc();

	nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, bytes, type->size);
	if (is_end)
		nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	nftnl_set_elem_add(set, elem);
}

struct list {
	struct range *ranges;
	size_t n, room;
};

static int list_parse(struct build *build, const struct type *type, char *text, struct list *list)
{
	for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
		mem_grow(&list->ranges, &list->room, list->n + 1, sizeof(*list->ranges));
		if (range_parse(type, word, &list->ranges[list->n++], build->err) < 0)
			return build->err->code;
	}
	return 0;
}

static bool list_has_ranges(const struct type *type, const struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!range_is_single(type, &list->ranges[i]))
			return true;
	return false;
}

static int range_compare(const void *one, const void *other)
{
	return memcmp(one, other, TYPE_BYTES_MAX); /* By their beginnings, which are first. */
}

/* Ranges that touch become one: in a set without name Linux 6.1 looks no further when it finds the
 * end of one where the next begins (nft_rbtree's lookup). */
static void list_join(const struct type *type, struct list *list)
{
	size_t n = 0;

	qsort(list->ranges, list->n, sizeof(*list->ranges), range_compare);
	for (size_t i = 1; i < list->n; i++) {
		struct range *last = &list->ranges[n], *next = &list->ranges[i];
		struct range end = *last;

		if (bytes_increment(end.last, type->size) &&
		    memcmp(next->first, end.last, type->size) > 0)
			list->ranges[++n] = *next;
		else if (memcmp(next->last, last->last, type->size) > 0)
			memcpy(last->last, next->last, sizeof(last->last));
	}
	list->n = list->n ? n + 1 : 0;
}

static void list_fill(struct nftnl_set *set, const struct type *type, const struct list *list,
		      bool interval)
{
	for (size_t i = 0; i < list->n; i++) {
		struct range range = list->ranges[i];

		add_edge(set, type, range.first, false);
		if (interval && bytes_increment(range.last, type->size))
			add_edge(set, type, range.last, true);
	}
}

/* A list of constants is a set without name, which lives and dies with its rule. */
static int match_list(struct build *build, const struct type *type, char *text, bool inverted)
{
	static const uint32_t machine_order = 1; /* For nft(8), see message_set(). */
	struct user_data data = { .size = 0 };
	struct nftnl_set *set = nftnl_set_alloc();
	struct rule *rule = build->rule;
	struct list list = { 0 };
	struct nftnl_expr *expr;
	bool interval;
	int ret;

	ret = list_parse(build, type, text, &list);
	interval = list_has_ranges(type, &list);
	if (interval)
		list_join(type, &list);
	if (ret == 0)
		list_fill(set, type, &list, interval);
	free(list.ranges);
	if (ret < 0) {
		nftnl_set_free(set);
		return ret;
	}
	if (rule->n_sets == RULE_SETS_MAX) {
		nftnl_set_free(set);
		return err_set(build->err, -EINVAL, "the rule has too many lists");
	}
	rule->sets[rule->n_sets++] = set;
	nftnl_set_set_str(set, NFTNL_SET_NAME, "__set%d");
	nftnl_set_set_u32(set, NFTNL_SET_ID, ++*build->set_id);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS,
			  NFT_SET_ANONYMOUS | NFT_SET_CONSTANT |
				  (interval ? (uint32_t)NFT_SET_INTERVAL : 0U));
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, type->kernel);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, type->size);
	if (type->host_order) {
		user_data_put(&data, 0, &machine_order, sizeof(machine_order));
		nftnl_set_set_data(set, NFTNL_SET_USERDATA, data.bytes, (uint32_t)data.size);
	}
	expr = expr_new("lookup");
	nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, "__set%d");
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SET_ID, *build->set_id);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, register_at(0));
	if (inverted)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	nftnl_rule_add_expr(rule->rule, expr);
	return 0;
}

static int match_value(struct build *build, const struct type *type, bool inverted)
{
	const char *word = words_take(build->words);
	AUTO(free_ptr) char *list = mem_text(word);
	struct range range;

	if (!word)
		return not_understood(build, word);
	if (type->bits)
		return match_bits(build, type, list, inverted);
	if (strchr(word, ','))
		return match_list(build, type, list, inverted);
	if (range_parse(type, word, &range, build->err) < 0)
		return build->err->code;
	match_range(build, type, &range, inverted);
	return 0;
}

/* "& MASK [!=|==] VALUE" */
static int match_masked(struct build *build, const struct type *type)
{
	const char *word = words_take(build->words);
	uint8_t bits[TYPE_BYTES_MAX], value[TYPE_BYTES_MAX];
	bool inverted;

	if (!word || parse_bits(build, type, word, bits) < 0)
		return not_understood(build, word);
	inverted = words_accept(build->words, "!=");
	if (!inverted)
		words_accept(build->words, "==");
	word = words_take(build->words);
	if (!word || parse_bits(build, type, word, value) < 0)
		return not_understood(build, word);
	mask(build, bits, type->size);
	compare(build->rule->rule, 0, !inverted, value, type->size);
	return 0;
}

static void add_mark(struct build *build, uint32_t attribute, size_t offset)
{
	struct nftnl_expr *expr = expr_new("meta");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(expr, (uint16_t)attribute, register_at(offset));
	nftnl_rule_add_expr(build->rule->rule, expr);
}

/* "map @MAP vmap @MAP", a key loaded: what the first map has, a mark's 32 bits, is looked up in the
 * second. The kernel would do so at once; but nft(8) 1.0.6 aborts when it lists a rule that looks
 * up what was looked up. So it goes through the packet's mark, which the same rule puts back. */
static int match_through(struct build *build, const struct key *key)
{
	size_t kept = (key->types.size + 3) & ~(size_t)3;

	if (kept + sizeof(uint32_t) > VALUE_BYTES_MAX)
		return err_set(build->err, -EINVAL, "the key is too long for two maps");
	if (build_lookup(build, words_take(build->words), false, register_at(0), true) < 0)
		return build->err->code;
	if (!words_accept(build->words, "vmap"))
		return not_understood(build, words_peek(build->words));
	add_mark(build, NFTNL_EXPR_META_DREG, kept);
	add_mark(build, NFTNL_EXPR_META_SREG, 0);
	add_mark(build, NFTNL_EXPR_META_DREG, 0);
	add_mark(build, NFTNL_EXPR_META_SREG, kept);
	return build_lookup(build, words_take(build->words), false, NFT_REG_VERDICT, true);
}

static int build_match(struct build *build)
{
	struct key key;
	const char *word;
	bool inverted;
	int ret = build_key(build, &key);

	if (ret <= 0)
		return ret;
	if (key.types.n == 1 && words_accept(build->words, "set")) {
		ret = build_set(build, key.selectors[0]);
		return ret < 0 ? ret : 1;
	}
	build_load(build, &key);
	if (words_accept(build->words, "vmap"))
		ret = build_lookup(build, words_take(build->words), false, NFT_REG_VERDICT, true);
	else if (words_accept(build->words, "map"))
		ret = match_through(build, &key);
	else if (key.types.n == 1 && words_accept(build->words, "&"))
		ret = match_masked(build, key.types.types[0]);
	else {
		inverted = words_accept(build->words, "!=");
		word = words_peek(build->words);
		if (word && word[0] == '@')
			ret = build_lookup(build, words_take(build->words), inverted, 0, false);
		else if (key.types.n == 1)
			ret = match_value(build, key.types.types[0], inverted);
		else
			ret = not_understood(build, word);
	}
	return ret < 0 ? ret : 1;
}

static int build_rule(struct build *build)
{
	while (words_peek(build->words)) {
		int ret = build_verdict(build);

		if (ret == 0)
			ret = build_nat(build);
		if (ret == 0)
			ret = build_statement(build);
		if (ret == 0)
			ret = build_match(build);
		if (ret < 0)
			return ret;
		if (ret == 0)
			return not_understood(build, words_peek(build->words));
	}
	return 0;
}

int rule_translate(const char *family, const char *text, rule_declaration_fn *declaration,
		   const void *data, uint32_t *set_id, struct rule *rule, struct err *err)
{
	AUTO(words_clear) struct words words = WORDS_NONE;
	struct build build = { .family = family,
			       .words = &words,
			       .rule = rule,
			       .declaration = declaration,
			       .data = data,
			       .set_id = set_id,
			       .err = err };
	int ret = words_split(&words, text, err);

	*rule = (struct rule){ .rule = nftnl_rule_alloc() };
	if (ret == 0)
		ret = build_rule(&build);
	if (ret < 0) {
		rule_clear(rule);
		err_in(err, "rule \"%s\"", text);
	}
	return ret;
}

void rule_clear(struct rule *rule)
{
	for (size_t i = 0; i < rule->n_sets; i++)
		nftnl_set_free(rule->sets[i]);
	if (rule->rule)
		nftnl_rule_free(rule->rule);
	*rule = (struct rule){ 0 };
}

static const struct declaration *nothing_known(const void *data, const char *set)
{
	(void)data;
	(void)set;
	return NULL;
}

int nft_rule_check(const char *family, const char *text, struct err *err)
{
	struct rule rule;
	uint32_t set_id = 0;
	int ret = rule_translate(family, text, nothing_known, NULL, &set_id, &rule, err);

	if (ret == 0)
		rule_clear(&rule);
	return ret;
}
