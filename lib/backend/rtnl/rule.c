/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule.c - routing rules: "PRIORITY FAMILY" is "[from PREFIX] [iif LINK] [fwmark MARK/MASK] table N
 * [suppress_prefixlength N]". */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/message.h"
#include "lib/base/text.h"

struct judge {
	uint32_t priority, mark, mask, table;
	bool has_mark, has_suppress;
	uint32_t suppress;
	int family;
	struct prefix from;
	const char *link;
};

static bool mark_parse(const char *text, struct judge *judge)
{
	char *end;

	judge->mark = (uint32_t)strtoul(text, &end, 16);
	if (*end != '/')
		return false;
	judge->mask = (uint32_t)strtoul(end + 1, &end, 16);
	judge->has_mark = true;
	return !*end;
}

static bool word_parse(const char *word, const char *of, struct judge *judge)
{
	if (strcmp(word, "from") == 0)
		return prefix_parse(of, &judge->from, NULL) == 0;
	if (strcmp(word, "fwmark") == 0)
		return mark_parse(of, judge);
	if (strcmp(word, "table") == 0)
		return decimal_parse(of, UINT32_MAX, &judge->table);
	if (strcmp(word, "suppress_prefixlength") == 0) {
		judge->has_suppress = true;
		return decimal_parse(of, 128, &judge->suppress);
	}
	if (strcmp(word, "iif") != 0)
		return false;
	judge->link = of;
	return true;
}

static int judge_parse(const struct item *item, struct words *key, struct words *value,
		       struct judge *judge, struct err *err)
{
	text_words(key, item_key(item));
	text_words(value, item_value(item));
	if (key->n != 2 || !decimal_parse(key->word[0], UINT32_MAX, &judge->priority))
		return kind_value_bad(item, err);
	judge->family = strcmp(key->word[1], "ip6") == 0 ? AF_INET6 : AF_INET;
	for (size_t i = 0; i < value->n; i += 2)
		if (i + 1 == value->n || !word_parse(value->word[i], value->word[i + 1], judge))
			return kind_value_bad(item, err);
	return 0;
}

static void put_judge(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
		      const struct judge *judge, struct change *change)
{
	struct nlmsghdr *message =
		batch_begin(batch, type, flags, sizeof(struct fib_rule_hdr), change);
	struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);

	header->family = (uint8_t)judge->family;
	header->action = FR_ACT_TO_TBL;
	header->src_len = judge->from.ip.family ? judge->from.length : 0;
	mnl_attr_put_u32(message, FRA_PRIORITY, judge->priority);
	mnl_attr_put_u32(message, FRA_TABLE, judge->table);
	mnl_attr_put_u8(message, FRA_PROTOCOL, 119);
	if (judge->has_mark) {
		mnl_attr_put_u32(message, FRA_FWMARK, judge->mark);
		mnl_attr_put_u32(message, FRA_FWMASK, judge->mask);
	}
	if (judge->from.ip.family)
		put_ip(message, FRA_SRC, &judge->from.ip);
	if (judge->link)
		mnl_attr_put_strz(message, FRA_IIFNAME, judge->link);
	if (judge->has_suppress)
		mnl_attr_put_u32(message, FRA_SUPPRESS_PREFIXLEN, judge->suppress);
	batch_end(batch, message);
}

static int put_item(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
		    const struct item *item, struct change *change, struct err *err)
{
	struct judge judge = { 0 };
	struct words key, value;

	if (judge_parse(item, &key, &value, &judge, err) < 0)
		return err->code;
	put_judge(batch, type, flags, &judge, change);
	return 0;
}

/* The kernel cannot change a rule: the new one is there before the old one goes. */
int rule_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	int ret = 0;

	if (change->want)
		ret = put_item(batch, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, change->want, change,
			       err);
	if (ret == 0 && change->have)
		ret = put_item(batch, RTM_DELRULE, 0, change->have, change, err);
	return ret;
}

struct item *rule_item(const struct nlmsghdr *message)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[FRA_MAX + 1];
	AUTO(free_ptr) char *key = NULL;
	struct text value = TEXT_NONE;
	struct prefix from = { .length = header->src_len };
	struct item *item;

	get_attributes(message, sizeof(*header), attributes, FRA_MAX);
	if (get_u8(attributes[FRA_PROTOCOL]) != 119)
		return NULL;
	key = mem_format("%u %s", get_u32(attributes[FRA_PRIORITY]),
			 header->family == AF_INET6 ? "ip6" : "ip");
	from.ip = get_ip(attributes[FRA_SRC]);
	if (from.ip.family)
		text_format(&value, "from %s ", prefix_text(&from).s);
	if (attributes[FRA_IIFNAME])
		text_format(&value, "iif %s ", mnl_attr_get_str(attributes[FRA_IIFNAME]));
	if (attributes[FRA_FWMARK])
		text_format(&value, "fwmark 0x%x/0x%x ", get_u32(attributes[FRA_FWMARK]),
			    get_u32(attributes[FRA_FWMASK]));
	text_format(&value, "table %u", get_u32(attributes[FRA_TABLE]));
	if (attributes[FRA_SUPPRESS_PREFIXLEN] &&
	    get_u32(attributes[FRA_SUPPRESS_PREFIXLEN]) != UINT32_MAX)
		text_format(&value, " suppress_prefixlength %u",
			    get_u32(attributes[FRA_SUPPRESS_PREFIXLEN]));
	item = item_new("rule", key, text_view(&value), "");
	text_clear(&value);
	return item;
}
