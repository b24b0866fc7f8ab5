/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others did to what is ours: looked at, put right, told of. A hand that does the same again
 * and again is answered ever more slowly, so that two agents who disagree do not burn a machine. */
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* More than this many touched items are not looked at one by one: the backend is read once. */
#define TOUCHED_MAX 1000
/* The same item this often within the window: someone fights us for it. */
#define FIGHT_TIMES     5
#define FIGHT_WINDOW_MS 10000

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

static void touched_open(struct agent *agent)
{
	if (!agent->touched)
		agent->touched = mem_alloc(sizeof(*agent->touched));
}

void drift_routes_lost(struct agent *agent)
{
	touched_open(agent);
	agent->touched->routes_lost = true;
}

void drift_touched(struct agent *agent, const char *kind, const char *key, bool removed,
		   const char *process)
{
	struct touched_key name = { kind, key };
	uint64_t hash = map_hash_more(map_hash_text(kind), key, strlen(key));
	size_t kind_size = strlen(kind) + 1, key_size = strlen(key) + 1;
	struct touched_item *item;

	touched_open(agent);
	if (process) {
		free(agent->touched->process);
		agent->touched->process = mem_text(process);
	}
	if (agent->touched->overrun)
		return;
	if (takes_others_along(kind, removed) || agent->touched->items.n >= TOUCHED_MAX) {
		agent->touched->overrun = true;
		return;
	}
	if (map_find(&agent->touched->items, hash, is_touched, &name))
		return;
	item = mem_alloc(sizeof(*item) + kind_size + key_size);
	memcpy(item->kind, kind, kind_size);
	memcpy(item->kind + kind_size, key, key_size);
	item->key = item->kind + kind_size;
	item->process = mem_text(process);
	map_add(&agent->touched->items, &item->in_touched, hash);
}

static bool is_fight(const struct agent *agent, const struct change *change, uint64_t now_ms)
{
	const struct item *item = change_item(change);
	unsigned int times = 0;

	for (size_t i = 0; i < DRIFT_KEPT; i++) {
		const struct drift_entry *entry = &agent->drift.entries[i];

		times += entry->item && entry->at_ms + FIGHT_WINDOW_MS > now_ms &&
			 item_is(entry->item, item_kind(item)) &&
			 strcmp(item_key(entry->item), item_key(item)) == 0;
	}
	return times >= FIGHT_TIMES;
}

static void note_entry(struct agent *agent, const struct change *change, const char *process)
{
	struct drift_entry *entry = &agent->drift.entries[agent->drift.next++ % DRIFT_KEPT];
	const struct item *item = change_item(change);

	item_unref(entry->item);
	free(entry->process);
	*entry = (struct drift_entry){ .item = item_ref(change->want ? change->want : change->have),
				       .action = change->action,
				       .at_ms = clock_ms(),
				       .wall_at_ms = clock_wall_ms(),
				       .process = mem_text(process) };
	log_warning("%s %s was touched by %s: put right", item_kind(item), item_key(item),
		    process ? process : "someone else");
}

/* Makes the repair but for what is fought over, which waits as a failure does. */
static void repair(struct agent *agent, struct plan *plan, const char *process)
{
	struct plan now = PLAN_NONE;
	uint64_t now_ms = clock_ms();

	for (size_t i = 0; i < plan->n; i++) {
		struct change *change = &plan->changes[i];
		AUTO(free_ptr) char *reason = NULL;

		if (!is_fight(agent, change, now_ms)) {
			plan_note(&now, change->want, change->have);
			continue;
		}
		reason = mem_format("%s takes it away again and again; put right every %d s",
				    process ? process : "someone", FIGHT_WINDOW_MS / 1000);
		engine_back_off(agent->engine, change, now_ms + FIGHT_WINDOW_MS, reason);
		log_warning("%s %s: %s", item_kind(change_item(change)),
			    item_key(change_item(change)), reason);
	}
	engine_repair(agent->engine, now_ms, &now);
	for (size_t i = 0; i < now.n; i++)
		note_entry(agent, &now.changes[i], process);
	plan_clear(&now);
	if (plan->n) {
		agent_schedule(agent);
		agent_status_changed(agent);
	}
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

static int read_one(struct agent *agent, const struct touched_item *touched, struct item **have,
		    struct err *err)
{
	if (strncmp(touched->kind, "nft.", 4) == 0)
		return nft_read_one(agent->nft, touched->kind, touched->key, have, err);
	return rtnl_read_one(agent->rtnl, touched->kind, touched->key, have, err);
}

void drift_repair(struct agent *agent)
{
	struct touched *touched = STEAL(agent->touched);
	struct plan plan = PLAN_NONE;
	struct map_node *node, *after;

	if (!touched)
		return;
	map_for_each (&touched->items, node, after) {
		struct touched_item *item = CONTAINER_OF(node, struct touched_item, in_touched);
		struct item *have = NULL;
		struct err err = ERR_NONE;

		if (touched->overrun) {
			forget(touched, item);
			continue;
		}
		if (read_one(agent, item, &have, &err) < 0)
			touched->overrun = true;
		else
			engine_touched(agent->engine, item->kind, item->key, have, &plan);
		err_clear(&err);
		forget(touched, item);
	}
	if (touched->overrun)
		drift_everything(agent, NULL, touched->process);
	else
		repair(agent, &plan, touched->process);
	/* After the addresses that they need. */
	if (touched->routes_lost)
		drift_everything(agent, "routes", touched->process);
	plan_clear(&plan);
	map_clear(&touched->items);
	free(touched->process);
	free(touched);
}

json_t *drift_json(const struct agent *agent)
{
	static const char *const actions[] = { "add", "change", "remove" };
	json_t *list = json_array();

	for (size_t i = 0; i < DRIFT_KEPT; i++) {
		const struct drift_entry *entry =
			&agent->drift.entries[(agent->drift.next + i) % DRIFT_KEPT];
		json_t *json;

		if (!entry->item)
			continue;
		json = json_pack("{s:s, s:s, s:s, s:s, s:I}", "kind", item_kind(entry->item), "key",
				 item_key(entry->item), "owner", item_owner(entry->item), "action",
				 actions[entry->action], "at_ms", (json_int_t)entry->wall_at_ms);
		if (entry->process)
			json_object_set_new(json, "process", json_string(entry->process));
		json_array_append_new(list, json);
	}
	return list;
}

void drift_clear(struct agent *agent)
{
	struct map_node *node, *after;

	for (size_t i = 0; i < DRIFT_KEPT; i++) {
		item_unref(agent->drift.entries[i].item);
		free(agent->drift.entries[i].process);
	}
	if (!agent->touched)
		return;
	map_for_each (&agent->touched->items, node, after)
		forget(agent->touched, CONTAINER_OF(node, struct touched_item, in_touched));
	map_clear(&agent->touched->items);
	free(agent->touched->process);
	free(agent->touched);
}
