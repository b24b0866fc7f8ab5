/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.c - what this kernel has of nf_tables, really tried.
 *
 * The table is made and taken away in one transaction: there is nothing to be left behind, and
 * nobody in the way. */
#include <errno.h>

#include "lib/backend/nft/message.h"

#define TABLE_NAME "weft_probe"
#define ATTEMPTS   5

struct probe {
	struct nft *nft;
	struct transaction batch;
	const char *family;
};

static struct item *of_table(const struct probe *probe, const char *kind, const char *rest,
			     const char *value)
{
	AUTO(free_ptr) char *key = mem_format("%s " TABLE_NAME "%s", probe->family, rest);

	return item_new(kind, key, value, "");
}

static int add_table(struct probe *probe, bool remove, struct err *err)
{
	AUTO(item_unref_auto) struct item *item = of_table(probe, "nft.table", "", "");

	return message_table(probe->nft, &probe->batch, item, remove, err);
}

static int add_chain(struct probe *probe, const char *hook, struct err *err)
{
	AUTO(item_unref_auto) struct item *item = of_table(probe, "nft.chain", " chain", hook);

	return message_chain(probe->nft, &probe->batch, item, false, err);
}

static int add_rule(struct probe *probe, const char *rule, struct err *err)
{
	AUTO(item_unref_auto) struct item *item = of_table(probe, "nft.rule", " chain 1", rule);

	return message_rule(probe->nft, &probe->batch, item, false, err);
}

static void on_refused(void *data, size_t tag, int code, const char *text)
{
	(void)data;
	(void)tag;
	(void)code;
	(void)text;
}

static void on_echo(void *data, const struct nlmsghdr *message)
{
	(void)data;
	(void)message;
}

static int try_once(struct probe *probe, const char *hook, const char *rule, struct err *err)
{
	int ret;

	transaction_begin(&probe->batch, probe->nft->seq + 1);
	ret = add_table(probe, false, err);
	if (ret == 0)
		ret = add_chain(probe, hook, err);
	if (ret == 0)
		ret = add_rule(probe, rule, err);
	if (ret == 0)
		ret = add_table(probe, true, err);
	if (ret == 0)
		ret = transaction_commit(probe->nft, &probe->batch, on_refused, on_echo, NULL);
	transaction_clear(&probe->batch);
	return ret;
}

int nft_probe(struct nft *nft, const char *family, const char *hook, const char *rule,
	      struct err *err)
{
	struct probe probe = { .nft = nft, .family = family };
	int ret = -EAGAIN;

	for (int i = 0; i < ATTEMPTS && (ret == -EAGAIN || ret == -EINTR); i++)
		ret = try_once(&probe, hook, rule, err);
	return ret < 0 && !err->code ? err_errno(err, ret, "nftables refuses") : ret;
}
