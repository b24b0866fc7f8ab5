/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.c - what takes everything to another link: "LINK PARENT PRIORITY HANDLE" is "protocol all
 * u32 match-all redirect DEVICE". HANDLE is the node of u32's own table, 800 and above. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_mirred.h>
#include <string.h>

#include "lib/backend/rtnl/socket.h"
#include "lib/backend/tc/kinds.h"

#define VALUE "protocol all u32 match-all redirect "

struct redirect {
	int link, device;
	uint32_t parent, priority, handle;
};

static int key_parse(const struct item *item, const struct words *key, struct redirect *redirect,
		     struct err *err)
{
	AUTO(free_ptr) char *node = key->n == 4 ? mem_format("0:%s", key->word[3]) : NULL;

	if (!node || !handle_parse(key->word[1], &redirect->parent) ||
	    !decimal_parse(key->word[2], UINT16_MAX, &redirect->priority) ||
	    !handle_parse(node, &redirect->handle))
		return kind_value_bad(item, err);
	return 0;
}

static struct nlmsghdr *begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags,
			      const struct redirect *redirect, struct change *change)
{
	struct nlmsghdr *message = tc_begin(batch, type, flags, redirect->link, redirect->parent,
					    redirect->handle, change);
	struct tcmsg *header = mnl_nlmsg_get_payload(message);

	header->tcm_info = redirect->priority << 16 | htons(ETH_P_ALL);
	mnl_attr_put_strz(message, TCA_KIND, "u32");
	return message;
}

static void put_redirect(struct nlmsghdr *message, int device)
{
	const struct tc_mirred mirred = { .action = TC_ACT_STOLEN,
					  .eaction = TCA_EGRESS_REDIR,
					  .ifindex = (uint32_t)device };
	struct nlattr *actions = mnl_attr_nest_start(message, TCA_U32_ACT);
	struct nlattr *first = mnl_attr_nest_start(message, 1), *options;

	mnl_attr_put_strz(message, TCA_ACT_KIND, "mirred");
	options = mnl_attr_nest_start(message, TCA_ACT_OPTIONS);
	mnl_attr_put(message, TCA_MIRRED_PARMS, sizeof(mirred), &mirred);
	mnl_attr_nest_end(message, options);
	mnl_attr_nest_end(message, first);
	mnl_attr_nest_end(message, actions);
}

/* A selector of one key: struct tc_u32_sel and its struct tc_u32_key. */
#define SELECTOR_BYTES (sizeof(struct tc_u32_sel) + sizeof(struct tc_u32_key))

static void say_new(struct rtnl_batch *batch, const struct redirect *redirect,
		    struct change *change)
{
	static const struct tc_u32_sel all = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
	char selector[SELECTOR_BYTES] = { 0 }; /* Its key has no bits. */
	struct nlmsghdr *message =
		begin(batch, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, redirect, change);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);

	memcpy(selector, &all, sizeof(all));
	mnl_attr_put(message, TCA_U32_SEL, sizeof(selector), selector);
	put_redirect(message, redirect->device);
	mnl_attr_nest_end(message, options);
	batch_end(batch, message);
}

/* The table's number is the kernel's choice: what goes, goes with its whole priority. */
static void say_gone(struct rtnl_batch *batch, const struct redirect *redirect,
		     struct change *change)
{
	struct redirect all = *redirect;

	all.handle = 0;
	batch_end(batch, begin(batch, RTM_DELTFILTER, 0, &all, change));
}

int filter_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct redirect redirect = { 0 };
	struct words key;

	if (tc_link(batch->rtnl, change, &key, &redirect.link, err) < 0)
		return err->code;
	if (!redirect.link)
		return 0;
	if (key_parse(change_item(change), &key, &redirect, err) < 0)
		return err->code;
	if (change->want) {
		const char *value = item_value(change->want);

		if (strncmp(value, VALUE, strlen(VALUE)) != 0)
			return kind_value_bad(change->want, err);
		if (rtnl_need_link(batch->rtnl, value + strlen(VALUE), &redirect.device, err) < 0)
			return err->code;
	}
	if (change->have)
		say_gone(batch, &redirect, change);
	if (change->want)
		say_new(batch, &redirect, change);
	return 0;
}

/* The link that the first action redirects to; 0 if it does another thing. */
static int redirected_to(const struct nlattr *actions)
{
	const struct nlattr *action[2], *at[TCA_ACT_OPTIONS + 1], *parms[TCA_MIRRED_PARMS + 1];
	const struct tc_mirred *mirred;

	get_nested(actions, action, 1);
	get_nested(action[1], at, TCA_ACT_OPTIONS);
	if (strcmp(tc_kind(at[TCA_ACT_KIND]), "mirred") != 0)
		return 0;
	get_nested(at[TCA_ACT_OPTIONS], parms, TCA_MIRRED_PARMS);
	if (!parms[TCA_MIRRED_PARMS] ||
	    mnl_attr_get_payload_len(parms[TCA_MIRRED_PARMS]) < sizeof(*mirred))
		return 0;
	mirred = mnl_attr_get_payload(parms[TCA_MIRRED_PARMS]);
	return mirred->eaction == TCA_EGRESS_REDIR ? (int)mirred->ifindex : 0;
}

/* Only the whole of what is wanted reads as such: a selector without bits. */
static bool matches_all(const struct nlattr *attribute)
{
	const struct tc_u32_sel *selector;

	if (!attribute || mnl_attr_get_payload_len(attribute) < SELECTOR_BYTES)
		return false;
	selector = mnl_attr_get_payload(attribute);
	return selector->nkeys == 1 && !selector->keys[0].mask;
}

struct item *filter_item(struct rtnl *rtnl, const struct nlmsghdr *message, const char *link)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[TCA_OPTIONS + 1], *options[TCA_U32_ACT + 1];
	AUTO(free_ptr) char *key = NULL, *value = NULL;
	char device[IFNAMSIZ] = "";
	uint32_t node = header->tcm_handle & 0xfff;

	get_attributes(message, sizeof(*header), attributes, TCA_OPTIONS);
	get_nested(attributes[TCA_OPTIONS], options, TCA_U32_ACT);
	/* The kernel also tells of u32's tables and of the filter as a whole. */
	if (!node || !options[TCA_U32_SEL])
		return NULL;
	key = mem_format("%s %s %u %x", link, handle_text(header->tcm_parent).s,
			 header->tcm_info >> 16, node);
	if (strcmp(tc_kind(attributes[TCA_KIND]), "u32") != 0 || !matches_all(options[TCA_U32_SEL]))
		return item_new("tc.filter", key, "", "");
	rtnl_link_name(rtnl, redirected_to(options[TCA_U32_ACT]), device);
	value = mem_format(VALUE "%s", device);
	return item_new("tc.filter", key, value, "");
}
