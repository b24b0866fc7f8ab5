/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/engine.h"

#include <stdlib.h>
#include <string.h>

#include "lib/item/engine_state.h"

struct engine *engine_new(void)
{
	return mem_alloc(sizeof(struct engine));
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	failures_clear(engine);
	item_set_clear(&engine->want);
	free(engine->providers);
	free(engine);
}

void engine_add_provider(struct engine *engine, const struct provider *provider)
{
	mem_grow(&engine->providers, &engine->providers_room, engine->n_providers + 1,
		 sizeof(*engine->providers));
	engine->providers[engine->n_providers++] = *provider;
}

const struct item_set *engine_wanted(const struct engine *engine)
{
	return &engine->want;
}

/* Whether a wanted item takes the place of another that was wanted under its key. */
static bool is_other(const struct engine *engine, const struct item *want, const struct item *held)
{
	const struct provider *provider;

	if (strcmp(item_value(want), item_value(held)) != 0)
		return true;
	if (strcmp(item_owner(want), item_owner(held)) == 0)
		return false;
	provider = engine_provider(engine, item_kind(want));
	for (const char *const *kind = provider ? provider->owned : NULL; kind && *kind; kind++)
		if (item_is(want, *kind))
			return true;
	return false;
}

/* What failed is not as wanted, though the wanted set says so: a plan between two wanted sets must
 * try it again. */
static void plan_failed_again(const struct engine *engine, const struct item_set *want,
			      struct plan *plan)
{
	struct map_node *node, *after;

	map_for_each (&engine->failures, node, after) {
		const struct failure *failure = CONTAINER_OF(node, struct failure, by_key);
		const struct item *item = failure->item;
		struct item *wanted = item_set_like(want, item);
		const struct item *held = item_set_like(&engine->want, item);

		if (!failure->backed_off && wanted && held && !is_other(engine, wanted, held))
			plan_note(plan, wanted, NULL);
	}
}

void engine_plan_replace(const struct engine *engine, const struct item_set *want,
			 struct plan *plan)
{
	struct item *item, *after;

	item_set_for_each (want, item, after) {
		struct item *held = item_set_like(&engine->want, item);

		if (!held || is_other(engine, item, held))
			plan_note(plan, item, held);
	}
	item_set_for_each (&engine->want, item, after)
		if (!item_set_like(want, item))
			plan_note(plan, NULL, item);
	plan_failed_again(engine, want, plan);
}

void engine_plan_change(const struct engine *engine, const struct item_set *before,
			const struct item_set *after, struct plan *plan)
{
	struct item *item, *next;

	item_set_expect(&engine->want, after);
	item_set_expect(&engine->want, before);
	item_set_for_each (after, item, next) {
		struct item *held = item_set_like(&engine->want, item);

		if (!held || is_other(engine, item, held) ||
		    failures_find(engine, item_kind(item), item_key(item)))
			plan_note(plan, item, held);
	}
	item_set_for_each (before, item, next) {
		struct item *held = item_set_like(&engine->want, item);

		if (held && !item_set_like(after, item))
			plan_note(plan, NULL, held);
	}
}

static void want_drop(struct engine *engine, const struct item *item)
{
	struct item *held = item_set_like(&engine->want, item);

	if (held)
		item_unref(item_set_take(&engine->want, held));
}

void engine_believe(struct engine *engine, struct item_set *want)
{
	item_set_clear(&engine->want);
	engine->want = *want;
	*want = (struct item_set)ITEM_SET_NONE;
}

void engine_replace(struct engine *engine, struct item_set *want, uint64_t now_ms,
		    struct plan *plan)
{
	engine_plan_replace(engine, want, plan);
	engine_believe(engine, want);
	engine_make(engine, plan);
	failures_note(engine, plan, now_ms);
}

void engine_change(struct engine *engine, struct item_set *before, struct item_set *after,
		   uint64_t now_ms, struct plan *plan)
{
	struct item *item, *next;

	engine_plan_change(engine, before, after, plan);
	item_set_for_each (before, item, next)
		want_drop(engine, item);
	item_set_for_each (after, item, next) {
		want_drop(engine, item);
		item_set_add(&engine->want, item_set_take(after, item));
	}
	item_set_clear(before);
	item_set_clear(after);
	engine_make(engine, plan);
	failures_note(engine, plan, now_ms);
}

bool engine_is_same(const struct provider *provider, const struct item *want,
		    const struct item *have)
{
	if (provider->same)
		return provider->same(want, have);
	return strcmp(item_value(want), item_value(have)) == 0;
}

void engine_plan_provider(const struct engine *engine, const struct provider *provider,
			  const struct item_set *have, struct plan *plan)
{
	struct item *item, *after;

	for (const char *const *kind = provider->kinds; *kind; kind++)
		item_set_for_each_of (&engine->want, *kind, item, after) {
			struct item *held = item_set_like(have, item);

			if (!held || !engine_is_same(provider, item, held))
				plan_note(plan, item, held);
		}
	item_set_for_each (have, item, after)
		if (!item_set_like(&engine->want, item))
			plan_note(plan, NULL, item);
}

int engine_reconcile(struct engine *engine, const char *only, bool dry_run, uint64_t now_ms,
		     struct plan *plan, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < engine->n_providers; i++) {
		const struct provider *provider = &engine->providers[i];
		struct item_set have = ITEM_SET_NONE;
		struct err why = ERR_NONE;

		if (only && strcmp(provider->name, only) != 0)
			continue;
		if (provider->read(provider->self, &engine->want, &have, &why) < 0) {
			failures_note_unread(engine, provider, &why, now_ms);
			err_in(&why, "%s", provider->name);
			if (ret == 0) {
				ret = why.code;
				if (err)
					err_move(err, &why);
			}
			err_clear(&why);
		} else {
			engine_plan_provider(engine, provider, &have, plan);
			if (!dry_run)
				failures_note_read(engine, provider);
		}
		item_set_clear(&have);
	}
	if (dry_run)
		return ret;
	engine_make(engine, plan);
	failures_note(engine, plan, now_ms);
	return ret;
}

/* Whether the link is what the key begins with. */
static bool is_of_link(const struct item *item, const char *link)
{
	size_t length = strlen(link);

	return strncmp(item_key(item), link, length) == 0 &&
	       (item_key(item)[length] == ' ' || !item_key(item)[length]);
}

static void plan_link(const struct engine *engine, const struct provider *provider,
		      const char *link, const struct item_set *some, const struct item_set *have,
		      struct plan *plan)
{
	struct item *item, *after;

	for (const char *const *kind = provider->kinds; *kind; kind++)
		item_set_for_each_of (some, *kind, item, after) {
			struct item *want = item_set_like(&engine->want, item);
			struct item *held = item_set_like(have, item);

			if (want && is_of_link(want, link) &&
			    (!held || !engine_is_same(provider, want, held)))
				plan_note(plan, want, held);
		}
	item_set_for_each (have, item, after)
		if (!item_set_like(&engine->want, item))
			plan_note(plan, NULL, item);
}

int engine_look_at_link(const struct engine *engine, const char *link, const struct item_set *some,
			struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < engine->n_providers; i++) {
		const struct provider *provider = &engine->providers[i];
		struct item_set have = ITEM_SET_NONE;
		int ret;

		if (!provider->read_link)
			continue;
		ret = provider->read_link(provider->self, link, some, &have, err);
		if (ret == 0)
			plan_link(engine, provider, link, some, &have, plan);
		item_set_clear(&have);
		if (ret < 0)
			return err_in(err, "%s", provider->name);
	}
	return 0;
}

void engine_touched(struct engine *engine, const char *kind, const char *key, struct item *have,
		    struct plan *plan)
{
	const struct provider *provider = engine_provider(engine, kind);
	struct item *want = item_set_find(&engine->want, kind, key);
	const struct failure *failure = failures_find(engine, kind, key);

	if (provider && !failure && (want || have) &&
	    !(want && have && engine_is_same(provider, want, have)))
		plan_note(plan, want, have);
	item_unref(have);
}

void engine_repair(struct engine *engine, uint64_t now_ms, struct plan *plan)
{
	engine_make(engine, plan);
	failures_note(engine, plan, now_ms);
}

const struct provider *engine_provider(const struct engine *engine, const char *kind)
{
	for (size_t i = 0; i < engine->n_providers; i++)
		for (const char *const *known = engine->providers[i].kinds; *known; known++)
			if (strcmp(*known, kind) == 0)
				return &engine->providers[i];
	return NULL;
}
