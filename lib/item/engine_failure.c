/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could not be done, why, and when it is tried again. */
#include <stdlib.h>
#include <string.h>

#include "lib/item/engine_state.h"

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS   30000

struct name {
	const char *kind, *key;
};

static uint64_t name_hash(const char *kind, const char *key)
{
	return map_hash_more(map_hash_text(kind), key, strlen(key));
}

static bool has_name(const struct map_node *node, const void *key)
{
	const struct item *item = CONTAINER_OF(node, struct failure, by_key)->item;
	const struct name *name = key;

	return strcmp(item_key(item), name->key) == 0 && item_is(item, name->kind);
}

struct failure *failures_find(const struct engine *engine, const char *kind, const char *key)
{
	struct name name = { kind, key };
	struct map_node *node;

	if (!engine->failures.n)
		return NULL;
	node = map_find(&engine->failures, name_hash(kind, key), has_name, &name);
	return node ? CONTAINER_OF(node, struct failure, by_key) : NULL;
}

void failures_forget(struct engine *engine, struct failure *failure)
{
	map_remove(&engine->failures, &failure->by_key);
	item_unref(failure->item);
	free(failure->text);
	free(failure);
}

static struct failure *failure_of_item(struct engine *engine, struct item *item)
{
	struct failure *failure = failures_find(engine, item_kind(item), item_key(item));

	if (!failure) {
		failure = mem_alloc(sizeof(*failure));
		map_add(&engine->failures, &failure->by_key,
			name_hash(item_kind(item), item_key(item)));
	}
	item_ref(item);
	item_unref(failure->item);
	failure->item = item;
	return failure;
}

static struct failure *failure_of(struct engine *engine, const struct change *change)
{
	struct failure *failure =
		failure_of_item(engine, change->want ? change->want : change->have);

	failure->removal = change->action == CHANGE_REMOVE;
	failure->backed_off = false;
	return failure;
}

static void failure_wait(struct failure *failure, uint64_t now_ms)
{
	uint64_t wait =
		failure->tries < 8 ? (uint64_t)RETRY_FIRST_MS << failure->tries : RETRY_MAX_MS;

	failure->retry_at_ms = now_ms + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
	failure->tries++;
}

void failures_note_unread(struct engine *engine, const struct provider *provider,
			  const struct err *why, uint64_t now_ms)
{
	AUTO(item_unref_auto) struct item *item = item_new(KIND_BACKEND, provider->name, "", "");
	struct failure *failure = failure_of_item(engine, item);

	free(failure->text);
	failure->text = mem_format("cannot be read: %s", err_text(why));
	failure_wait(failure, now_ms);
}

void failures_note_read(struct engine *engine, const struct provider *provider)
{
	struct failure *failure = failures_find(engine, KIND_BACKEND, provider->name);

	if (failure)
		failures_forget(engine, failure);
}

void failures_note(struct engine *engine, struct plan *plan, uint64_t now_ms)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct change *change = &plan->changes[i];
		const struct item *item = change_item(change);
		struct failure *failure;

		if (change->err.code == 0) {
			failure = failures_find(engine, item_kind(item), item_key(item));
			if (failure)
				failures_forget(engine, failure);
			continue;
		}
		failure = failure_of(engine, change);
		free(failure->text);
		failure->text = mem_text(err_text(&change->err));
		failure_wait(failure, now_ms);
	}
}

void engine_back_off(struct engine *engine, const struct change *change, uint64_t at_ms,
		     const char *reason)
{
	struct failure *failure = failure_of(engine, change);

	free(failure->text);
	failure->text = mem_text(reason);
	failure->retry_at_ms = at_ms;
	failure->backed_off = true;
}

bool engine_backed_off(const struct engine *engine, const struct item *item)
{
	const struct failure *failure = failures_find(engine, item_kind(item), item_key(item));

	return failure && failure->backed_off;
}

uint64_t engine_retry_at(const struct engine *engine)
{
	uint64_t at = UINT64_MAX;
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after) {
		const struct failure *failure = CONTAINER_OF(node, struct failure, by_key);

		if (failure->retry_at_ms < at)
			at = failure->retry_at_ms;
	}
	return at;
}

void engine_retry_soon(struct engine *engine, const char *only, uint64_t now_ms)
{
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after) {
		struct failure *failure = CONTAINER_OF(node, struct failure, by_key);
		const struct provider *provider = engine_provider(engine, item_kind(failure->item));

		if (!failure->backed_off &&
		    (!only || (provider && strcmp(provider->name, only) == 0)))
			failure->retry_at_ms = now_ms;
	}
}

static bool is_due(const struct engine *engine, const struct failure *failure,
		   const struct provider *provider, uint64_t now_ms)
{
	const struct item *item = failure->item;

	if (failure->retry_at_ms > now_ms)
		return false;
	if (item_is(item, KIND_BACKEND))
		return strcmp(item_key(item), provider->name) == 0;
	return engine_provider(engine, item_kind(item)) == provider;
}

/* Notes what is still to do about one failure; one that came right by itself is forgotten. */
static void plan_failure(struct engine *engine, const struct provider *provider,
			 struct failure *failure, const struct item_set *have, struct plan *plan)
{
	const char *kind = item_kind(failure->item), *key = item_key(failure->item);
	struct item *want = item_set_find(&engine->want, kind, key);
	struct item *held = item_set_find(have, kind, key);

	if ((!want && !held) || (want && held && engine_is_same(provider, want, held)))
		failures_forget(engine, failure);
	else
		plan_note(plan, want, held);
}

/* Reads the backend of each due failure once. One that could not be read before may differ
 * anywhere: all of it is compared. */
static void plan_due(struct engine *engine, const struct provider *provider, uint64_t now_ms,
		     struct plan *plan)
{
	const struct failure *unread = failures_find(engine, KIND_BACKEND, provider->name);
	struct item_set have = ITEM_SET_NONE;
	struct map_node *node, *after;
	struct err err = ERR_NONE;
	bool is_read = false, whole = unread && unread->retry_at_ms <= now_ms;
	struct plan all = PLAN_NONE;

	map_for_each (&engine->failures, node, after) {
		struct failure *failure = CONTAINER_OF(node, struct failure, by_key);

		if (!is_due(engine, failure, provider, now_ms))
			continue;
		if (!is_read && provider->read(provider->self, &engine->want, &have, &err) < 0)
			break; /* They stay due, and are put off by engine_retry(). */
		is_read = true;
		if (!item_is(failure->item, KIND_BACKEND))
			plan_failure(engine, provider, failure, &have, whole ? &all : plan);
	}
	if (is_read && whole) {
		engine_plan_provider(engine, provider, &have, plan);
		failures_note_read(engine, provider);
	}
	plan_clear(&all);
	err_clear(&err);
	item_set_clear(&have);
}

/* What is still due after it was tried has no backend that could be read: later. */
static void put_off(struct engine *engine, uint64_t now_ms)
{
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after) {
		struct failure *failure = CONTAINER_OF(node, struct failure, by_key);

		if (failure->retry_at_ms <= now_ms)
			failure_wait(failure, now_ms);
	}
}

void engine_retry(struct engine *engine, uint64_t now_ms, struct plan *plan)
{
	for (size_t i = 0; i < engine->n_providers; i++)
		plan_due(engine, &engine->providers[i], now_ms, plan);
	engine_make(engine, plan);
	failures_note(engine, plan, now_ms);
	put_off(engine, now_ms);
}

static void fill(struct engine_failure *out, const struct failure *failure)
{
	*out = (struct engine_failure){ failure->item, failure->removal, failure->text,
					failure->retry_at_ms };
}

void engine_failures(const struct engine *engine, engine_failure_fn *visit, void *data)
{
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after) {
		struct engine_failure failure;

		fill(&failure, CONTAINER_OF(node, struct failure, by_key));
		visit(data, &failure);
	}
}

bool engine_failed(const struct engine *engine, const char *owner, struct engine_failure *out)
{
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after) {
		const struct failure *failure = CONTAINER_OF(node, struct failure, by_key);

		if (strcmp(item_owner(failure->item), owner) != 0)
			continue;
		fill(out, failure);
		return true;
	}
	return false;
}

void failures_clear(struct engine *engine)
{
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after)
		failures_forget(engine, CONTAINER_OF(node, struct failure, by_key));
	map_clear(&engine->failures);
}
