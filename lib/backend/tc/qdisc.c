/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qdisc.c - queueing disciplines: "LINK HANDLE" is "root htb default MINOR", "CLASSID bfifo BYTES",
 * "CLASSID pfifo PACKETS", "CLASSID fq_codel" or "ingress". */
#include <errno.h>
#include <string.h>

#include "lib/backend/tc/kinds.h"

/* A tenth of the rate in bytes: what a class may send at a time among others. Ours share nothing.
 */
#define HTB_RATE_TO_QUANTUM 10

struct qdisc {
	uint32_t handle, parent;
	const char *kind;
	uint32_t number; /* The minor by default, or the limit. */
};

static bool value_parse(const struct words *value, struct qdisc *qdisc)
{
	uint32_t minor;

	if (value->n == 1 && strcmp(value->word[0], "ingress") == 0) {
		qdisc->parent = TC_H_INGRESS;
		qdisc->kind = "ingress";
		return qdisc->handle == TC_INGRESS;
	}
	if (value->n == 4 && strcmp(value->word[0], "root") == 0) {
		AUTO(free_ptr) char *text = mem_format("0:%s", value->word[3]);

		qdisc->parent = TC_H_ROOT;
		qdisc->kind = "htb";
		if (!handle_parse(text, &minor))
			return false;
		qdisc->number = minor;
		return qdisc->handle == TC_ROOT && strcmp(value->word[1], "htb") == 0 &&
		       strcmp(value->word[2], "default") == 0;
	}
	if (value->n < 2 || !handle_parse(value->word[0], &qdisc->parent))
		return false;
	qdisc->kind = value->word[1];
	if (strcmp(qdisc->kind, "fq_codel") == 0)
		return value->n == 2;
	return value->n == 3 &&
	       (strcmp(qdisc->kind, "bfifo") == 0 || strcmp(qdisc->kind, "pfifo") == 0) &&
	       decimal_parse(value->word[2], UINT32_MAX, &qdisc->number);
}

/* 'value' keeps the words that 'qdisc' points into. */
static int item_parse(const struct item *item, const struct words *key, struct words *value,
		      struct qdisc *qdisc, struct err *err)
{
	*qdisc = (struct qdisc){ .kind = "" };
	text_words(value, item_value(item));
	if (key->n != 2 || !handle_parse(key->word[1], &qdisc->handle) || !value->n ||
	    !value_parse(value, qdisc))
		return kind_value_bad(item, err);
	return 0;
}

static void put_options(struct nlmsghdr *message, const struct qdisc *qdisc)
{
	if (strcmp(qdisc->kind, "htb") == 0) {
		const struct tc_htb_glob init = { .version = TC_HTB_PROTOVER,
						  .rate2quantum = HTB_RATE_TO_QUANTUM,
						  .defcls = qdisc->number };
		struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);

		mnl_attr_put(message, TCA_HTB_INIT, sizeof(init), &init);
		mnl_attr_nest_end(message, options);
	} else if (strcmp(qdisc->kind + 1, "fifo") == 0) {
		const struct tc_fifo_qopt options = { .limit = qdisc->number };

		mnl_attr_put(message, TCA_OPTIONS, sizeof(options), &options);
	}
}

static void say(struct rtnl_batch *batch, uint16_t type, uint16_t flags, int link,
		const struct qdisc *qdisc, struct change *change)
{
	struct nlmsghdr *message =
		tc_begin(batch, type, flags, link, qdisc->parent, qdisc->handle, change);

	if (type == RTM_NEWQDISC) {
		mnl_attr_put_strz(message, TCA_KIND, qdisc->kind);
		put_options(message, qdisc);
	}
	batch_end(batch, message);
}

int qdisc_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct words key, value, value_before;
	struct qdisc qdisc = { .kind = "" }, before = { .kind = "" };
	uint16_t flags = NLM_F_CREATE | NLM_F_EXCL;
	int link;

	if (tc_link(batch->rtnl, change, &key, &link, err) < 0)
		return err->code;
	if (!link)
		return 0;
	if (change->have && item_parse(change->have, &key, &value_before, &before, err) < 0)
		return err->code;
	if (change->want && item_parse(change->want, &key, &value, &qdisc, err) < 0)
		return err->code;
	/* A queue's length changes in place, all else is another qdisc. */
	if (change->have && change->want && before.parent == qdisc.parent &&
	    strcmp(before.kind, qdisc.kind) == 0 && strcmp(qdisc.kind + 1, "fifo") == 0)
		flags = NLM_F_CREATE | NLM_F_REPLACE;
	else if (change->have)
		say(batch, RTM_DELQDISC, 0, link, &before, change);
	if (change->want)
		say(batch, RTM_NEWQDISC, flags, link, &qdisc, change);
	return 0;
}

int qdisc_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	struct words key, value;
	struct qdisc qdisc = { .kind = "" };

	(void)rtnl;
	/* Another one is there, or the kernel's own. */
	if (!change->want)
		return code == -EINVAL ? 0 : code;
	text_words(&key, item_key(change->want));
	if (item_parse(change->want, &key, &value, &qdisc, err) < 0)
		return err->code;
	if (code == -EEXIST)
		return err_set(err, code, "link %s has another qdisc there already", key.word[0]);
	if (code == -ENOENT && qdisc.parent == TC_H_ROOT)
		return err_set(err, -EOPNOTSUPP, "this kernel has no qdisc %s", qdisc.kind);
	return code;
}

bool qdisc_is_inner(const struct item *item)
{
	return strncmp(item_value(item), "root ", 5) != 0 &&
	       strcmp(item_value(item), "ingress") != 0;
}

/* What is of a kind that we never say has its kind alone as value: it is never as wanted. */
static char *value_text(const struct tcmsg *header, const char *kind, const struct nlattr *options)
{
	const char *parent = handle_text(header->tcm_parent).s;
	const struct nlattr *htb[TCA_HTB_INIT + 1];

	if (strcmp(kind, "ingress") == 0)
		return mem_text(kind);
	if (strcmp(kind, "htb") == 0 && header->tcm_parent == TC_H_ROOT) {
		const struct tc_htb_glob *init;

		get_nested(options, htb, TCA_HTB_INIT);
		if (!htb[TCA_HTB_INIT] ||
		    mnl_attr_get_payload_len(htb[TCA_HTB_INIT]) < sizeof(*init))
			return mem_text(kind);
		init = mnl_attr_get_payload(htb[TCA_HTB_INIT]);
		return mem_format("root htb default %x", init->defcls);
	}
	if (strcmp(kind, "bfifo") == 0 || strcmp(kind, "pfifo") == 0)
		return mem_format("%s %s %u", parent, kind, get_u32(options));
	if (strcmp(kind, "fq_codel") == 0)
		return mem_format("%s fq_codel", parent);
	return mem_text(kind);
}

struct item *qdisc_item(const struct nlmsghdr *message, const char *link)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[TCA_OPTIONS + 1];
	AUTO(free_ptr) char *key = mem_format("%s %s", link, handle_text(header->tcm_handle).s);
	AUTO(free_ptr) char *value = NULL;

	get_attributes(message, sizeof(*header), attributes, TCA_OPTIONS);
	value = value_text(header, tc_kind(attributes[TCA_KIND]), attributes[TCA_OPTIONS]);
	return item_new("tc.qdisc", key, value, "");
}
