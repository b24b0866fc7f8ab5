/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others did to what is ours: looked at and put right. Who does the same again and again is
 * answered ever more slowly (lib/item/fight.h). */
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* More than this many touched items are not looked at one by one: the backend is read once. */
#define TOUCHED_MAX 1000
/* Reading everything takes no more than one part in this many of the time. */
#define LOOK_SHARE 4

struct touched_item {
	struct map_node in_touched;
	char *process;
	const char *key; /* Behind the kind, in 'kind'. */
	char kind[];
};

struct touched {
	struct map items;
	char *process; /* Of the last. */
	bool overrun;  /* Too many: the kind's backend is read whole. */
	bool routes_lost;
};

struct touched_key {
	const char *kind, *key;
};

static bool is_touched(const struct map_node *node, const void *key)
{
	const struct touched_item *item = CONTAINER_OF(node, struct touched_item, in_touched);
	const struct touched_key *wanted = key;

	return strcmp(item->key, wanted->key) == 0 && strcmp(item->kind, wanted->kind) == 0;
}

static void forget(struct touched *touched, struct touched_item *item)
{
	map_remove(&touched->items, &item->in_touched);
	free(item->process);
	free(item);
}

/* With a table, chain or set goes what is in it, without a word about each. */
static bool takes_others_along(const char *kind, bool removed)
{
	return removed && (strcmp(kind, "nft.table") == 0 || strcmp(kind, "nft.chain") == 0 ||
			   strcmp(kind, "nft.set") == 0);
}

static struct touched *touched_of(struct agent *agent)
{
	if (!agent->touched)
		agent->touched = mem_alloc(sizeof(*agent->touched));
	return agent->touched;
}

void drift_lost(struct agent *agent)
{
	touched_of(agent)->overrun = true;
}

void drift_routes_lost(struct agent *agent)
{
	touched_of(agent)->routes_lost = true;
}

void drift_touched(struct agent *agent, const char *kind, const char *key, bool removed,
		   const char *process)
{
	struct touched_key name = { kind, key };
	uint64_t hash = map_hash_more(map_hash_text(kind), key, strlen(key));
	size_t kind_size = strlen(kind) + 1, key_size = strlen(key) + 1;
	struct touched *touched = touched_of(agent);
	struct touched_item *item;

	if (process) {
		free(touched->process);
		touched->process = mem_text(process);
	}
	if (touched->overrun)
		return;
	if (takes_others_along(kind, removed) || touched->items.n >= TOUCHED_MAX) {
		touched->overrun = true;
		return;
	}
	if (map_find(&touched->items, hash, is_touched, &name))
		return;
	item = mem_alloc(sizeof(*item) + kind_size + key_size);
	memcpy(item->kind, kind, kind_size);
	memcpy(item->kind + kind_size, key, key_size);
	item->key = item->kind + kind_size;
	item->process = mem_text(process);
	map_add(&touched->items, &item->in_touched, hash);
}

/* The first words of a key: two name an nftables table, three a chain or set in it. */
static char *first_words(const char *key, int n)
{
	const char *at = key;

	while (n-- > 0 && *at) {
		at += strspn(at, " ");
		at += strcspn(at, " ");
	}
	return mem_format("%.*s", (int)(at - key), key);
}

/* Tables, chains and sets that this plan makes: what is in them had gone with them. */
static void note_holders(const struct plan *plan, struct item_set *holders)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct item *item = change_item(&plan->changes[i]);

		if (takes_others_along(item_kind(item), plan->changes[i].action == CHANGE_ADD))
			item_set_say(holders, item_kind(item), "", item_key(item), "");
	}
}

/* The outermost of the holders that 'item' is in, or NULL. */
static const struct item *holder_of(const struct item_set *holders, const struct item *item)
{
	const char *key = item_key(item);
	AUTO(free_ptr) char *table = NULL, *inner = NULL;
	const struct item *holder;

	if (!item_set_count(holders) || strncmp(item_kind(item), "nft.", 4) != 0 ||
	    item_is(item, "nft.table"))
		return NULL;
	table = first_words(key, 2);
	holder = item_set_find(holders, "nft.table", table);
	if (holder || item_is(item, "nft.chain") || item_is(item, "nft.set"))
		return holder;
	inner = first_words(key, 3);
	holder = item_set_find(holders, "nft.chain", inner);
	return holder ? holder : item_set_find(holders, "nft.set", inner);
}

/* What is fought over: the item; of foreign rules and elements, which have other names each time,
 * the place. */
static char *fought_over(const struct change *change)
{
	const struct item *item = change_item(change);

	if (change->action == CHANGE_REMOVE && strncmp(item_kind(item), "nft.", 4) == 0)
		return first_words(item_key(item), 3);
	return mem_text(item_key(item));
}

/* How long the repair of what went with nothing else waits. */
static uint64_t touch_again(struct agent *agent, const struct change *change, const char *process,
			    uint64_t now_ms)
{
	const char *kind = item_kind(change_item(change));
	AUTO(free_ptr) char *name = fought_over(change);
	bool waited = fights_wait_ms(&agent->fights, kind, name, now_ms) > 0;
	uint64_t wait = fights_touch(&agent->fights, kind, name, now_ms);

	if (wait && !waited)
		log_warning("%s %s is touched by %s again and again: put right in %llu ms", kind,
			    name, process ? process : "someone else", (unsigned long long)wait);
	return wait;
}

static void back_off(struct agent *agent, const struct change *change, const struct item *what,
		     const char *process, uint64_t at_ms)
{
	AUTO(free_ptr)
	char *reason =
		mem_format("%s touches %s %s again and again", process ? process : "someone else",
			   item_kind(what), item_key(what));

	engine_back_off(agent->engine, change, at_ms, reason);
}

/* Notes in 'now' what is made at once; what is fought over waits as a failure does. */
static void sort_out(struct agent *agent, const struct plan *plan, const struct item_set *holders,
		     const char *process, uint64_t now_ms, struct plan *now)
{
	/* The holders first: the others share their fate. */
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < plan->n; i++) {
			struct change *change = &plan->changes[i];
			const struct item *item = change_item(change);
			const struct item *holder = holder_of(holders, item);
			uint64_t wait;

			if (!holder != !round || engine_backed_off(agent->engine, item))
				continue;
			wait = holder ? fights_wait_ms(&agent->fights, item_kind(holder),
						       item_key(holder), now_ms)
				      : touch_again(agent, change, process, now_ms);
			if (wait)
				back_off(agent, change, holder ? holder : item, process,
					 now_ms + wait);
			else
				plan_note(now, change->want, change->have);
		}
}

static void repair(struct agent *agent, const struct plan *plan, const char *process)
{
	struct item_set holders = ITEM_SET_NONE;
	struct plan now = PLAN_NONE;
	uint64_t now_ms = clock_ms();

	if (!plan->n)
		return;
	fights_forgive(&agent->fights, now_ms);
	note_holders(plan, &holders);
	sort_out(agent, plan, &holders, process, now_ms, &now);
	engine_repair(agent->engine, now_ms, &now);
	for (size_t i = 0; i < now.n; i++)
		if (!holder_of(&holders, change_item(&now.changes[i])))
			drift_note(&agent->drift, &now.changes[i], process);
	plan_clear(&now);
	item_set_clear(&holders);
	agent_schedule(agent);
	agent_status_changed(agent);
}

void drift_everything(struct agent *agent, const char *provider, const char *process)
{
	struct plan plan = PLAN_NONE;
	struct err err = ERR_NONE;

	if (engine_reconcile(agent->engine, provider, true, clock_ms(), &plan, &err) < 0) {
		log_error("cannot be read: %s", err_text(&err));
		agent_schedule(agent);
	}
	repair(agent, &plan, process);
	plan_clear(&plan);
	err_clear(&err);
}

void drift_link(struct agent *agent, const char *link, const struct item_set *some)
{
	struct plan plan = PLAN_NONE;
	struct err err = ERR_NONE;

	if (engine_look_at_link(agent->engine, link, some, &plan, &err) < 0) {
		log_error("link %s cannot be read: %s", link, err_text(&err));
		agent_links_again(agent);
	}
	repair(agent, &plan, NULL);
	plan_clear(&plan);
	err_clear(&err);
}

static int read_one(struct agent *agent, const struct touched_item *touched, struct item **have,
		    struct err *err)
{
	if (strncmp(touched->kind, "nft.", 4) == 0)
		return nft_read_one(agent->nft, touched->kind, touched->key, have, err);
	return rtnl_read_one(agent->rtnl, touched->kind, touched->key, have, err);
}

/* Looks at each touched item; false if one cannot be read. */
static bool look_at_each(struct agent *agent, struct touched *touched, struct plan *plan)
{
	struct map_node *node, *after;
	bool ok = true;

	map_for_each (&touched->items, node, after) {
		struct touched_item *item = CONTAINER_OF(node, struct touched_item, in_touched);
		struct item *have = NULL;
		struct err err = ERR_NONE;

		ok = ok && read_one(agent, item, &have, &err) == 0;
		if (ok)
			engine_touched(agent->engine, item->kind, item->key, have, plan);
		err_clear(&err);
		forget(touched, item);
	}
	return ok;
}

static void look_at_everything(struct agent *agent, const char *process)
{
	uint64_t start = clock_ms(), end;

	drift_everything(agent, NULL, process);
	end = clock_ms();
	agent->look_again_ms = end + LOOK_SHARE * (end - start);
}

/* Whether everything is to be read, but not yet: the timer comes back for it. */
static bool look_later(struct agent *agent)
{
	uint64_t now = clock_ms(),
		 wait = agent->look_again_ms > now ? agent->look_again_ms - now : 0;
	struct timeval timeout = { (time_t)(wait / 1000), (suseconds_t)(wait % 1000) * 1000 };

	if (!agent->touched->overrun || !wait)
		return false;
	if (!evtimer_pending(agent->look_timer, NULL))
		evtimer_add(agent->look_timer, &timeout);
	return true;
}

static void touched_free(struct touched *touched)
{
	struct map_node *node, *after;

	map_for_each (&touched->items, node, after)
		forget(touched, CONTAINER_OF(node, struct touched_item, in_touched));
	map_clear(&touched->items);
	free(touched->process);
	free(touched);
}

void drift_repair(struct agent *agent)
{
	struct plan plan = PLAN_NONE;
	struct touched *touched;

	if (!agent->touched || look_later(agent))
		return;
	touched = STEAL(agent->touched);
	if (touched->overrun || !look_at_each(agent, touched, &plan))
		look_at_everything(agent, touched->process);
	else
		repair(agent, &plan, touched->process);
	/* After the addresses that they need. */
	if (touched->routes_lost)
		drift_everything(agent, "routes", touched->process);
	plan_clear(&plan);
	touched_free(touched);
}

void drift_clear(struct agent *agent)
{
	drift_told_clear(&agent->drift);
	fights_clear(&agent->fights);
	if (agent->touched)
		touched_free(agent->touched);
}
