/* SPDX-License-Identifier: GPL-2.0-or-later */
/* class.c - classes of HTB: "LINK CLASSID" is "parent CLASSID htb rate KBIT ceil KBIT burst BYTES
 * cburst BYTES". */
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>

#include "lib/backend/tc/kinds.h"

#define BYTES_PER_KBIT 125
/* The kernel counts a burst as the time that it takes at its rate, in ticks of so many
 * nanoseconds. */
#define TICK_NS       64
#define NS_PER_SECOND 1000000000ull
/* What a class sends at a time when several of the same parent wait. */
#define QUANTUM (2 * ETH_FRAME_LEN)

struct shape {
	uint32_t parent;
	uint32_t rate_kbit, ceil_kbit, burst_bytes, cburst_bytes;
};

static bool shape_parse(const char *text, struct shape *shape)
{
	struct words value;

	text_words(&value, text);
	return value.n == 11 && strcmp(value.word[0], "parent") == 0 &&
	       handle_parse(value.word[1], &shape->parent) && strcmp(value.word[2], "htb") == 0 &&
	       strcmp(value.word[3], "rate") == 0 &&
	       decimal_parse(value.word[4], UINT32_MAX, &shape->rate_kbit) && shape->rate_kbit &&
	       strcmp(value.word[5], "ceil") == 0 &&
	       decimal_parse(value.word[6], UINT32_MAX, &shape->ceil_kbit) && shape->ceil_kbit &&
	       strcmp(value.word[7], "burst") == 0 &&
	       decimal_parse(value.word[8], UINT32_MAX, &shape->burst_bytes) &&
	       strcmp(value.word[9], "cburst") == 0 &&
	       decimal_parse(value.word[10], UINT32_MAX, &shape->cburst_bytes);
}

static uint32_t ticks(uint32_t bytes, uint64_t rate)
{
	uint64_t n = bytes * NS_PER_SECOND / rate / TICK_NS;

	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* Rates above what 32 bits hold go by an attribute of their own. */
static uint32_t put_rate(struct nlmsghdr *message, uint16_t type, uint64_t rate)
{
	if (rate < UINT32_MAX)
		return (uint32_t)rate;
	mnl_attr_put_u64(message, type, rate);
	return UINT32_MAX;
}

static void put_shape(struct nlmsghdr *message, const struct shape *shape)
{
	uint64_t rate = (uint64_t)shape->rate_kbit * BYTES_PER_KBIT;
	uint64_t ceil = (uint64_t)shape->ceil_kbit * BYTES_PER_KBIT;
	struct tc_htb_opt options = { .quantum = QUANTUM };
	struct nlattr *nest;

	mnl_attr_put_strz(message, TCA_KIND, "htb");
	nest = mnl_attr_nest_start(message, TCA_OPTIONS);
	options.rate.linklayer = options.ceil.linklayer = TC_LINKLAYER_ETHERNET;
	options.rate.rate = put_rate(message, TCA_HTB_RATE64, rate);
	options.ceil.rate = put_rate(message, TCA_HTB_CEIL64, ceil);
	options.buffer = ticks(shape->burst_bytes, rate);
	options.cbuffer = ticks(shape->cburst_bytes, ceil);
	mnl_attr_put(message, TCA_HTB_PARMS, sizeof(options), &options);
	mnl_attr_nest_end(message, nest);
}

/* 'gone': the item that goes, else the one that comes. */
static int say(struct rtnl_batch *batch, struct change *change, bool gone, uint16_t flags,
	       struct err *err)
{
	const struct item *item = gone ? change->have : change->want;
	struct nlmsghdr *message;
	struct shape shape = { 0 };
	uint32_t handle = 0;
	struct words key;
	int link;

	if (tc_link(batch->rtnl, change, &key, &link, err) < 0)
		return err->code;
	if (!link)
		return 0;
	if (key.n != 2 || !handle_parse(key.word[1], &handle) ||
	    (!gone && !shape_parse(item_value(item), &shape)))
		return kind_value_bad(item, err);
	message = tc_begin(batch, gone ? RTM_DELTCLASS : RTM_NEWTCLASS, flags, link, shape.parent,
			   handle, change);
	if (!gone)
		put_shape(message, &shape);
	batch_end(batch, message);
	return 0;
}

static bool is_moved(const struct change *change)
{
	struct shape wanted, held;

	return shape_parse(item_value(change->want), &wanted) &&
	       (!shape_parse(item_value(change->have), &held) || wanted.parent != held.parent);
}

int class_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	if (change->action == CHANGE_CHANGE && !is_moved(change))
		return say(batch, change, false, NLM_F_CREATE, err);
	if (change->have && say(batch, change, true, 0, err) < 0)
		return err->code;
	return change->want ? say(batch, change, false, NLM_F_CREATE | NLM_F_EXCL, err) : 0;
}

bool class_is_inner(const struct item *item)
{
	struct shape shape;

	return shape_parse(item_value(item), &shape) && TC_H_MIN(shape.parent);
}

int class_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };

	if (code != -EEXIST || !change->want)
		return code;
	/* One of ours of which nobody knew: it stands below our root. */
	if (say(&batch, change, false, NLM_F_CREATE, err) < 0) {
		batch_clear(&batch);
		return err->code;
	}
	return rtnl_send_one(&batch);
}

static uint64_t get_u64(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 8 ? mnl_attr_get_u64(attribute)
								     : 0;
}

static uint64_t bytes_of(uint32_t n_ticks, uint64_t rate)
{
	return (n_ticks * (uint64_t)TICK_NS * rate + NS_PER_SECOND / 2) / NS_PER_SECOND;
}

static char *value_text(const struct tcmsg *header, const struct nlattr *options)
{
	uint32_t parent =
		header->tcm_parent == TC_H_ROOT ? TC_H_MAJ(header->tcm_handle) : header->tcm_parent;
	const struct nlattr *at[TCA_HTB_CEIL64 + 1];
	const struct tc_htb_opt *shape;
	uint64_t rate, ceil;

	get_nested(options, at, TCA_HTB_CEIL64);
	if (!at[TCA_HTB_PARMS] || mnl_attr_get_payload_len(at[TCA_HTB_PARMS]) < sizeof(*shape))
		return mem_text("");
	shape = mnl_attr_get_payload(at[TCA_HTB_PARMS]);
	rate = at[TCA_HTB_RATE64] ? get_u64(at[TCA_HTB_RATE64]) : shape->rate.rate;
	ceil = at[TCA_HTB_CEIL64] ? get_u64(at[TCA_HTB_CEIL64]) : shape->ceil.rate;
	return mem_format("parent %s htb rate %llu ceil %llu burst %llu cburst %llu",
			  handle_text(parent).s, (unsigned long long)rate / BYTES_PER_KBIT,
			  (unsigned long long)ceil / BYTES_PER_KBIT,
			  (unsigned long long)bytes_of(shape->buffer, rate),
			  (unsigned long long)bytes_of(shape->cbuffer, ceil));
}

struct item *class_item(const struct nlmsghdr *message, const char *link)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[TCA_OPTIONS + 1];
	AUTO(free_ptr) char *key = mem_format("%s %s", link, handle_text(header->tcm_handle).s);
	AUTO(free_ptr) char *value = NULL;

	get_attributes(message, sizeof(*header), attributes, TCA_OPTIONS);
	value = value_text(header, attributes[TCA_OPTIONS]);
	return item_new("tc.class", key, value, "");
}

static bool burst_same(uint32_t want, uint32_t have, uint32_t rate_kbit)
{
	uint64_t step = (uint64_t)rate_kbit * BYTES_PER_KBIT * TICK_NS / NS_PER_SECOND + 1;

	return (want > have ? want - have : have - want) <= step;
}

bool class_same(const struct item *want, const struct item *have)
{
	struct shape wanted, held;

	if (!shape_parse(item_value(want), &wanted) || !shape_parse(item_value(have), &held))
		return false;
	return wanted.parent == held.parent && wanted.rate_kbit == held.rate_kbit &&
	       wanted.ceil_kbit == held.ceil_kbit &&
	       burst_same(wanted.burst_bytes, held.burst_bytes, wanted.rate_kbit) &&
	       burst_same(wanted.cburst_bytes, held.cburst_bytes, wanted.ceil_kbit);
}
