/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as one transaction; what the kernel refuses is taken out with all of its owner's, and the
 * rest tried again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "lib/backend/nft/message.h"
#include "lib/base/sort.h"

#define ATTEMPTS_MAX 64
#define EAGAIN_MAX   5
/* With more elements than this they go many to a message, and only a refusal makes them go one by
 * one, to find whose it is. */
#define ELEMENTS_SINGLE 256

/* The order of a transaction. Removals first: what refers before what is referred to. */
enum step {
	STEP_REMOVE_RULE,
	STEP_REMOVE_ELEMENT,
	STEP_REMOVE_SET,
	STEP_REMOVE_COUNTER,
	STEP_REMOVE_CHAIN,
	STEP_REMOVE_TABLE,
	STEP_ADD_TABLE,
	STEP_ADD_CHAIN,
	STEP_ADD_COUNTER,
	STEP_ADD_SET,
	STEP_ADD_ELEMENT,
	STEP_ADD_RULE,
};
#define STEPS (STEP_ADD_RULE + 1)

static const char *const kinds[] = { "nft.table",   "nft.chain", "nft.set", "nft.counter",
				     "nft.element", "nft.rule",  NULL };

/* The comments of declarations stay with who made them first. */
static const char *const owned_kinds[] = { "nft.element", "nft.rule", NULL };

struct work {
	enum step step;
	struct change *change;
	const struct item *item;
	struct message_element element; /* What an element has from before. */
};

struct apply {
	struct nft *nft;
	struct work *works;
	size_t n;
	bool single; /* One element a message. */
	struct transaction batch;
	bool refused;
};

static enum step step_of(const struct item *item, bool remove)
{
	if (item_is(item, "nft.rule"))
		return remove ? STEP_REMOVE_RULE : STEP_ADD_RULE;
	if (item_is(item, "nft.element"))
		return remove ? STEP_REMOVE_ELEMENT : STEP_ADD_ELEMENT;
	if (item_is(item, "nft.set"))
		return remove ? STEP_REMOVE_SET : STEP_ADD_SET;
	if (item_is(item, "nft.counter"))
		return remove ? STEP_REMOVE_COUNTER : STEP_ADD_COUNTER;
	if (item_is(item, "nft.chain"))
		return remove ? STEP_REMOVE_CHAIN : STEP_ADD_CHAIN;
	return remove ? STEP_REMOVE_TABLE : STEP_ADD_TABLE;
}

static bool changes_in_place(const struct change *change)
{
	return item_is(change->want, "nft.chain") || item_is(change->want, "nft.table") ||
	       item_is(change->want, "nft.counter");
}

static void add_work(struct apply *apply, struct change *change, const struct item *item,
		     bool remove)
{
	apply->works[apply->n++] =
		(struct work){ .step = step_of(item, remove), .change = change, .item = item };
}

/* By step, and within a step by key, so that elements of one set stand together. */
static void sort_works(struct apply *apply)
{
	AUTO(free_ptr) struct sort_entry *entries = mem_array(apply->n + 1, sizeof(*entries));
	struct work *sorted = mem_array(apply->n + 1, sizeof(*sorted));
	size_t n = 0;

	for (int step = 0; step < STEPS; step++) {
		size_t first = n;

		for (size_t i = 0; i < apply->n; i++)
			if ((int)apply->works[i].step == step)
				entries[n++] = (struct sort_entry){ item_key(apply->works[i].item),
								    &apply->works[i] };
		sort_by_text(entries + first, n - first);
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = *(struct work *)entries[i].of;
	free(apply->works);
	apply->works = sorted;
}

static void collect_works(struct apply *apply, struct change **changes, size_t n)
{
	apply->works = mem_array(2 * n, sizeof(*apply->works));
	for (size_t i = 0; i < n; i++) {
		struct change *change = changes[i];

		if (change->have && !(change->want && changes_in_place(change)))
			add_work(apply, change, change->have, true);
		if (change->want)
			add_work(apply, change, change->want, false);
	}
	sort_works(apply);
}

/* Elements of the same set that stand together, and may go together. */
static size_t run_length(const struct apply *apply, size_t i)
{
	const char *key = item_key(apply->works[i].item);
	size_t prefix = 0, n = 1;

	for (int words = 0; key[prefix] && words < 3; prefix++)
		words += key[prefix] == ' ';
	while (!apply->single && i + n < apply->n &&
	       apply->works[i + n].step == apply->works[i].step &&
	       apply->works[i + n].change->err.code == 0 &&
	       strncmp(item_key(apply->works[i + n].item), key, prefix) == 0)
		n++;
	return n;
}

static int add_elements(struct apply *apply, size_t i, size_t n, struct err *err)
{
	struct message_element *elements = mem_array(n, sizeof(*elements));
	int ret;

	for (size_t j = 0; j < n; j++) {
		elements[j] = apply->works[i + j].element;
		elements[j].item = apply->works[i + j].item;
	}
	ret = message_elements(apply->nft, &apply->batch, elements, n,
			       apply->works[i].step == STEP_REMOVE_ELEMENT, err);
	free(elements);
	return ret;
}

static int add_one(struct apply *apply, const struct work *work, struct err *err)
{
	struct nft *nft = apply->nft;
	struct transaction *batch = &apply->batch;

	switch (work->step) {
	case STEP_REMOVE_RULE:
	case STEP_ADD_RULE:
		return message_rule(nft, batch, work->item, work->step == STEP_REMOVE_RULE, err);
	case STEP_REMOVE_SET:
	case STEP_ADD_SET:
		return message_set(nft, batch, work->item, work->step == STEP_REMOVE_SET, err);
	case STEP_REMOVE_COUNTER:
	case STEP_ADD_COUNTER:
		return message_counter(nft, batch, work->item, work->step == STEP_REMOVE_COUNTER,
				       err);
	case STEP_REMOVE_CHAIN:
	case STEP_ADD_CHAIN:
		return message_chain(nft, batch, work->item, work->step == STEP_REMOVE_CHAIN, err);
	case STEP_REMOVE_TABLE:
	case STEP_ADD_TABLE:
		return message_table(nft, batch, work->item, work->step == STEP_REMOVE_TABLE, err);
	case STEP_REMOVE_ELEMENT:
	case STEP_ADD_ELEMENT:
		break;
	}
	return 0;
}

/* With a table goes what is in it; nothing of that must be taken away before. */
static bool goes_with_its_table(const struct apply *apply, const struct work *work)
{
	if (work->step >= STEP_REMOVE_TABLE)
		return false;
	for (size_t i = 0; i < apply->n; i++) {
		const char *table = item_key(apply->works[i].item);
		size_t length = strlen(table);

		if (apply->works[i].step == STEP_REMOVE_TABLE &&
		    strncmp(item_key(work->item), table, length) == 0 &&
		    item_key(work->item)[length] == ' ')
			return true;
		if (apply->works[i].step > STEP_REMOVE_TABLE)
			break;
	}
	return false;
}

static bool removes_tables(const struct apply *apply)
{
	for (size_t i = 0; i < apply->n && apply->works[i].step <= STEP_REMOVE_TABLE; i++)
		if (apply->works[i].step == STEP_REMOVE_TABLE)
			return true;
	return false;
}

static void fill_batch(struct apply *apply)
{
	bool with_tables = removes_tables(apply);

	transaction_begin(&apply->batch, apply->nft->seq + 1);
	apply->batch.tag = apply->n;
	rebuild_messages(apply->nft, &apply->batch);
	for (size_t i = 0, n; i < apply->n; i += n) {
		struct work *work = &apply->works[i];
		struct err err = ERR_NONE;
		int ret;

		n = 1;
		if (work->change->err.code || (with_tables && goes_with_its_table(apply, work)))
			continue;
		apply->batch.tag = i;
		if (work->step == STEP_REMOVE_ELEMENT || work->step == STEP_ADD_ELEMENT) {
			n = run_length(apply, i);
			ret = add_elements(apply, i, n, &err);
		} else {
			ret = add_one(apply, work, &err);
		}
		if (ret < 0) {
			/* One of several cannot be read: they go one by one from now on. */
			apply->single = apply->single || n > 1;
			if (n > 1)
				n = 0;
			else
				err_move(&work->change->err, &err);
		}
		err_clear(&err);
	}
}

static void fail_owner(struct apply *apply, const struct change *culprit)
{
	const char *owner = item_owner(change_item(culprit));

	for (size_t i = 0; *owner && i < apply->n; i++) {
		struct change *change = apply->works[i].change;

		if (!change->err.code && strcmp(item_owner(change_item(change)), owner) == 0)
			err_set(&change->err, culprit->err.code, "%s", err_text(&culprit->err));
	}
}

static void on_refused(void *data, size_t tag, int code, const char *text)
{
	struct apply *apply = data;
	struct change *change;

	apply->refused = true;
	if (tag >= apply->n || apply->works[tag].change->err.code)
		return;
	change = apply->works[tag].change;
	if (!apply->single && (apply->works[tag].step == STEP_ADD_ELEMENT ||
			       apply->works[tag].step == STEP_REMOVE_ELEMENT)) {
		apply->single = true;
		return;
	}
	if (code == -ENOENT && apply->works[tag].step < STEP_ADD_TABLE) {
		/* It is gone already: what was wanted. Without it the rest goes on. */
		apply->works[tag].item = NULL;
		return;
	}
	err_errno(&change->err, code, "nftables refuses%s%s", text ? ": " : "", text ? text : "");
	fail_owner(apply, change);
}

static void on_echo(void *data, const struct nlmsghdr *message)
{
	struct apply *apply = data;
	struct reading reading = { .nft = apply->nft };

	read_rule(message, &reading);
}

/* Removals of what was gone already are no work any more. */
static void drop_gone(struct apply *apply)
{
	size_t kept = 0;

	for (size_t i = 0; i < apply->n; i++)
		if (apply->works[i].item)
			apply->works[kept++] = apply->works[i];
	apply->n = kept;
}

static int commit(struct apply *apply)
{
	int ret = -EAGAIN;

	for (int i = 0; i < EAGAIN_MAX && (ret == -EAGAIN || ret == -EINTR); i++) {
		transaction_clear(&apply->batch);
		fill_batch(apply);
		apply->refused = false;
		ret = transaction_commit(apply->nft, &apply->batch, on_refused, on_echo, apply);
	}
	return ret;
}

static void fail_all(struct apply *apply, int code)
{
	for (size_t i = 0; i < apply->n; i++)
		if (!apply->works[i].change->err.code)
			err_errno(&apply->works[i].change->err, code, "nftables refuses");
}

/* What was taken away is known no more. */
static void forget_removed(struct apply *apply)
{
	for (size_t i = 0; i < apply->n; i++) {
		const struct work *work = &apply->works[i];
		struct place place;

		if (work->change->err.code || work->step > STEP_REMOVE_TABLE)
			continue;
		if (work->step == STEP_REMOVE_SET && !work->change->want)
			known_set_forget(apply->nft, item_key(work->item));
		else if (work->step == STEP_REMOVE_CHAIN)
			known_chain_forget(apply->nft, item_key(work->item));
		else if (work->step == STEP_REMOVE_TABLE)
			known_clear(apply->nft, item_key(work->item));
		if (work->step != STEP_REMOVE_RULE || work->change->want)
			continue;
		place_parse(item_key(work->item), &place);
		AUTO(free_ptr)
		char *chain = mem_format("%s %s %s", place.family, place.table, place.name);

		known_rule_remove(known_chain_find(apply->nft, chain), place.rest);
		place_clear(&place);
	}
}

static int commit_attempts(struct apply *apply)
{
	int ret = 0;

	for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		ret = commit(apply);
		if (ret == 0 || !apply->refused)
			break;
		drop_gone(apply);
	}
	return ret;
}

/* What passes between this and the commit is not counted. */
static int carry(struct apply *apply, struct err *err)
{
	struct carrying *carryings = mem_array(apply->n, sizeof(*carryings));
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < apply->n; i++)
		if (apply->works[i].step == STEP_ADD_ELEMENT)
			carryings[n++] = (struct carrying){ apply->works[i].change,
							    &apply->works[i].element };
	ret = carry_read(apply->nft, carryings, n, err);
	free(carryings);
	return ret;
}

static void provider_apply(void *self, struct change **changes, size_t n)
{
	struct apply apply = { .nft = self, .single = n <= ELEMENTS_SINGLE };
	struct err err = ERR_NONE;
	int ret;

	collect_works(&apply, changes, n);
	ret = carry(&apply, &err);
	err_clear(&err);
	if (ret == 0)
		ret = commit_attempts(&apply);
	if (ret < 0)
		fail_all(&apply, ret);
	else {
		forget_removed(&apply);
		rebuild_done(apply.nft);
	}
	transaction_clear(&apply.batch);
	free(apply.works);
}

static bool provider_same(const struct item *want, const struct item *have)
{
	AUTO(free_ptr) char *hash = NULL;

	if ((item_is(want, "nft.element") || item_is(want, "nft.rule")) &&
	    strcmp(item_owner(want), item_owner(have)) != 0)
		return false;
	if (!item_is(want, "nft.rule"))
		return strcmp(item_value(want), item_value(have)) == 0;
	hash = mem_format("#%016llx", (unsigned long long)rule_hash(item_value(want)));
	return strcmp(hash, item_value(have)) == 0;
}

static int dump(struct reading *reading, uint16_t type, mnl_cb_t callback, struct err *err)
{
	char bytes[256] = { 0 };
	struct nlmsghdr *message = nftnl_nlmsg_build_hdr(bytes, type, 0, NLM_F_DUMP, 0);

	return nft_talk(reading->nft, message, callback, reading, err);
}

static int read_all_elements(struct reading *reading, struct err *err)
{
	struct map_node *node, *after;

	map_for_each (&reading->nft->sets, node, after)
		if (read_elements_of(reading, CONTAINER_OF(node, struct known_set, by_key), err) <
		    0)
			return err->code;
	return 0;
}

static int read_everything(struct reading *reading, struct err *err)
{
	if (dump(reading, NFT_MSG_GETTABLE, read_table, err) < 0 ||
	    dump(reading, NFT_MSG_GETCHAIN, read_chain, err) < 0 ||
	    dump(reading, NFT_MSG_GETSET, read_set, err) < 0 ||
	    dump(reading, NFT_MSG_GETOBJ, read_counter, err) < 0 ||
	    dump(reading, NFT_MSG_GETRULE, read_rule, err) < 0)
		return err->code;
	return read_all_elements(reading, err);
}

static int provider_read(void *self, const struct item_set *want, struct item_set *have,
			 struct err *err)
{
	struct nft *nft = self;
	struct reading reading = { .nft = nft, .have = have };
	int ret = -EINTR;

	for (int i = 0; i < 10 && ret == -EINTR; i++) {
		item_set_clear(have);
		known_clear(nft, NULL);
		ret = read_everything(&reading, err);
	}
	return ret < 0 ? ret : rebuild_find(nft, want, have, err);
}

struct provider nft_provider(struct nft *nft)
{
	return (struct provider){ .name = "nftables",
				  .kinds = kinds,
				  .self = nft,
				  .read = provider_read,
				  .same = provider_same,
				  .owned = owned_kinds,
				  .apply = provider_apply,
				  .at_once = true };
}

/* Reads one thing whole: tables, chains, sets and rules are few; an element is asked for by itself.
 */
int nft_read_one(struct nft *nft, const char *kind, const char *key, struct item **have,
		 struct err *err)
{
	struct item_set found = ITEM_SET_NONE;
	struct reading reading = { .nft = nft, .have = &found };
	struct item *item;
	int ret = 0;

	*have = NULL;
	if (strcmp(kind, "nft.element") == 0) {
		struct place place;

		place_parse(key, &place);
		AUTO(free_ptr)
		char *set_key = mem_format("%s %s %s", place.family, place.table, place.name);
		const struct known_set *set = known_set_find(nft, set_key);

		if (set)
			ret = read_element_one(&reading, set, key + strlen(set_key) + 1, err);
		place_clear(&place);
	} else if (strcmp(kind, "nft.rule") == 0) {
		ret = dump(&reading, NFT_MSG_GETRULE, read_rule, err);
	} else if (strcmp(kind, "nft.set") == 0) {
		ret = dump(&reading, NFT_MSG_GETSET, read_set, err);
	} else if (strcmp(kind, "nft.chain") == 0) {
		ret = dump(&reading, NFT_MSG_GETCHAIN, read_chain, err);
	} else if (strcmp(kind, "nft.counter") == 0) {
		ret = dump(&reading, NFT_MSG_GETOBJ, read_counter, err);
	} else {
		ret = dump(&reading, NFT_MSG_GETTABLE, read_table, err);
	}
	item = item_set_find(&found, kind, key);
	if (item)
		*have = item_set_take(&found, item);
	item_set_clear(&found);
	return ret;
}
