/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/rtnl/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RETRIES 3

static void change_fail(struct rtnl *rtnl, const struct rtnl_kind *kind, struct change *change,
			int code, const char *text)
{
	struct err err = ERR_NONE;

	if (kind->refused && kind->refused(rtnl, change, code, &err) == 0) {
		err_clear(&err);
		return;
	}
	if (!err.code)
		err_set(&err, code, "the kernel refuses: %s", text ? text : strerror(-code));
	err_move(&change->err, &err);
}

/* One pass over the changes that have not failed for good; the number of those that failed. */
static size_t apply_once(struct rtnl *rtnl, const struct rtnl_kind *kind, struct change **changes,
			 size_t n)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct err broken = ERR_NONE;
	size_t failed = 0;

	for (size_t i = 0; i < n; i++) {
		err_clear(&changes[i]->err);
		kind->say(&batch, changes[i], &changes[i]->err);
	}
	batch_send(&batch, &broken);
	for (size_t i = 0; i < batch.n; i++) {
		struct rtnl_request *request = &batch.requests[i];
		struct change *change = request->about;

		if (change->err.code || !request->code)
			continue;
		if (request->code == -EINPROGRESS)
			err_set(&change->err, broken.code, "%s", err_text(&broken));
		else
			change_fail(rtnl, kind, change, request->code, request->text);
	}
	for (size_t i = 0; i < n; i++) {
		if (changes[i]->err.code)
			failed++;
		else if (kind->done)
			kind->done(rtnl, changes[i]);
	}
	err_clear(&broken);
	batch_clear(&batch);
	return failed;
}

static void apply_kind(struct rtnl *rtnl, const struct rtnl_kind *kind, struct change **changes,
		       size_t n)
{
	size_t failed = apply_once(rtnl, kind, changes, n);

	for (int i = 0; kind->retry && i < RETRIES && failed && failed < n; i++) {
		size_t before = failed, at = 0;

		/* The failed ones go to the front. */
		for (size_t j = 0; j < n; j++) {
			struct change *change = changes[j];

			if (!change->err.code)
				continue;
			changes[j] = changes[at];
			changes[at++] = change;
		}
		failed = apply_once(rtnl, kind, changes, before);
		if (failed == before)
			return;
		n = before;
	}
}

static void apply_some(struct rtnl *rtnl, const struct rtnl_kind *kind, struct change **changes,
		       size_t n, bool removals, struct change **picked)
{
	size_t n_picked = 0;

	for (size_t i = 0; i < n; i++)
		if ((changes[i]->action == CHANGE_REMOVE) == removals &&
		    item_is(change_item(changes[i]), kind->name))
			picked[n_picked++] = changes[i];
	if (n_picked)
		apply_kind(rtnl, kind, picked, n_picked);
}

void rtnl_apply(struct rtnl *rtnl, const struct rtnl_kind *kinds, struct change **changes, size_t n)
{
	AUTO(free_ptr) struct change **picked = mem_array(n + 1, sizeof(*picked));
	const struct rtnl_kind *kind;

	for (kind = kinds; kind->name; kind++)
		apply_some(rtnl, kind, changes, n, false, picked);
	while (kind-- != kinds)
		apply_some(rtnl, kind, changes, n, true, picked);
}

void have_say(const struct item_set *want, struct item_set *have, struct item *item)
{
	const struct item *wanted = item_set_like(want, item);

	item_set_say(have, item_kind(item), wanted ? item_owner(wanted) : "", item_key(item),
		     item_value(item));
	item_unref(item);
}

int rtnl_send_one(struct rtnl_batch *batch)
{
	int code = batch_send(batch, NULL);

	for (size_t i = 0; i < batch->n && !code; i++)
		code = batch->requests[i].code;
	batch_clear(batch);
	return code;
}

void text_words(struct words *words, const char *text)
{
	size_t length = strlen(text);
	char *at = words->bytes;

	words->n = 0;
	if (!length || length >= sizeof(words->bytes))
		return;
	memcpy(words->bytes, text, length + 1);
	for (char *word; (word = strsep(&at, " "));) {
		if (words->n == WORDS_MAX) {
			words->n = 0;
			return;
		}
		words->word[words->n++] = word;
	}
}

bool decimal_parse(const char *text, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;

	if (!*text || strlen(text) > 10)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	if (value > max)
		return false;
	*number = (uint32_t)value;
	return true;
}

int kind_value_bad(const struct item *item, struct err *err)
{
	return err_set(err, -EINVAL, "%s \"%.100s\" cannot be \"%.200s\"", item_kind(item),
		       item_key(item), item_value(item));
}
