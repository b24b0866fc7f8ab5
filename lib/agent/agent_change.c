/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another document: checked, compiled, put on disk, then into the kernel, in this order. */
#include <errno.h>

#include "lib/agent/agent_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* A plan this long has used much memory that nobody needs again soon. */
#define PLAN_LARGE 10000

static void log_failures(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct change *change = &plan->changes[i];
		const struct item *item = change_item(change);

		if (change->err.code)
			log_warning("%s: %s %s: %s", item_owner(item), item_kind(item),
				    item_key(item), err_text(&change->err));
	}
}

void agent_settle(struct agent *agent, const struct plan *plan)
{
	log_failures(plan);
	agent_schedule(agent);
	agent_status_changed(agent);
	agent_after(agent);
	if (plan->n > PLAN_LARGE)
		agent_trim_soon(agent);
}

void agent_compile_all(struct agent *agent, struct plan *plan)
{
	struct item_set items = ITEM_SET_NONE;

	notes_clear(&agent->notes);
	if (agent->document)
		agent->type->compile(agent->document, &agent->facts, &items, &agent->notes);
	engine_replace(agent->engine, &items, clock_ms(), plan);
	agent_settle(agent, plan);
}

int agent_start_document(struct agent *agent, struct plan *plan, struct err *err)
{
	struct item_set items = ITEM_SET_NONE;
	int ret;

	if (agent->document)
		agent->type->compile(agent->document, &agent->facts, &items, &agent->notes);
	engine_believe(agent->engine, &items);
	ret = engine_reconcile(agent->engine, NULL, false, clock_ms(), plan, err);
	agent_settle(agent, plan);
	agent_trim_soon(agent);
	return ret;
}

int agent_apply(struct agent *agent, json_t *state, bool dry_run, struct plan *plan,
		struct err *err)
{
	struct item_set items = ITEM_SET_NONE;
	struct notes notes = NOTES_NONE;
	struct document *document = NULL;
	int ret =
		document_parse_over(agent->type->document, state, agent->document, &document, err);

	if (ret < 0)
		return ret;
	if (dry_run || (ret = store_replace(agent->store, document, err)) < 0) {
		if (dry_run) {
			agent->type->compile(document, &agent->facts, &items, &notes);
			engine_plan_replace(agent->engine, &items, plan);
		}
		item_set_clear(&items);
		notes_clear(&notes);
		document_free(document);
		return ret;
	}
	document_free(agent->document);
	agent->document = document;
	if (agent->type->changed)
		agent->type->changed(agent);
	agent_compile_all(agent, plan);
	agent_compact_soon(agent);
	return 0;
}

static bool all_local(const struct agent *agent, json_t *sections)
{
	const struct section_type *section = agent->type->document->sections;

	for (; section->name; section++)
		if (json_object_get(sections, section->name) &&
		    !agent->type->compile_local(section))
			return false;
	return true;
}

struct gather {
	const struct agent *agent;
	struct affected *affected;
};

static void gather_one(void *data, struct object *object)
{
	affected_add(((struct gather *)data)->affected, object);
}

static void gather_affected(void *data, struct object *object)
{
	struct gather *gather = data;

	affected_add(gather->affected, object);
	gather->agent->type->affected(gather->agent->document, object, gather_one, gather);
}

static size_t gather_patched(struct gather *gather, const struct document_delta *delta)
{
	size_t added = 0;

	for (size_t i = 0; i < delta->n; i++) {
		if (delta->steps[i].is)
			gather_affected(gather, delta->steps[i].is);
		added += !delta->steps[i].was;
	}
	return added;
}

/* Patches the document. Afterwards 'gather' has all that the patch may touch, 'before' what the
 * document made of them until now. */
static int patch_gather(struct agent *agent, json_t *upsert, json_t *remove, struct gather *gather,
			struct item_set *before, struct document_delta *delta, struct err *err)
{
	struct notes seen = NOTES_NONE;
	size_t known, added;
	int ret;

	document_patch_names(agent->document, upsert, remove, gather_affected, gather);
	known = affected_count(gather->affected);
	affected_compile(agent, gather->affected, before, &seen);
	ret = document_patch(agent->document, upsert, remove, delta, err);
	if (ret < 0)
		goto out;
	added = gather_patched(gather, delta);
	if (affected_count(gather->affected) > known + added) {
		/* Some are touched only by what the patch brings: back, to see how they were. */
		document_take_back(delta);
		item_set_clear(before);
		affected_compile(agent, gather->affected, before, &seen);
		ret = document_patch(agent->document, upsert, remove, delta, err);
	}
out:
	notes_clear(&seen);
	return ret;
}

/* A patch whose sections are compiled object by object: only what it may touch is looked at, as it
 * was before and as it is then. */
static int patch_local(struct agent *agent, int64_t revision, json_t *upsert, json_t *remove,
		       bool dry_run, struct plan *plan, struct err *err)
{
	struct gather gather = { agent, affected_new() };
	struct item_set before = ITEM_SET_NONE, after = ITEM_SET_NONE;
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	struct notes seen = NOTES_NONE;
	int ret;

	ret = patch_gather(agent, upsert, remove, &gather, &before, &delta, err);
	if (ret < 0)
		goto out;
	if (!dry_run)
		ret = store_append(agent->store, revision, upsert, remove, err);
	if (dry_run || ret < 0) {
		affected_compile(agent, gather.affected, &after, &seen);
		engine_plan_change(agent->engine, &before, &after, plan);
		document_take_back(&delta);
		goto out;
	}
	document_keep(&delta);
	document_set_revision(agent->document, revision);
	if (agent->type->changed)
		agent->type->changed(agent);
	affected_compile(agent, gather.affected, &after, &agent->notes);
	engine_change(agent->engine, &before, &after, clock_ms(), plan);
	agent_settle(agent, plan);
out:
	notes_clear(&seen);
	item_set_clear(&before);
	item_set_clear(&after);
	affected_free(gather.affected);
	return ret;
}

static int patch_whole(struct agent *agent, int64_t revision, json_t *upsert, json_t *remove,
		       bool dry_run, struct plan *plan, struct err *err)
{
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	int ret = document_patch(agent->document, upsert, remove, &delta, err);

	if (ret < 0)
		return ret;
	if (!dry_run)
		ret = store_append(agent->store, revision, upsert, remove, err);
	if (dry_run || ret < 0) {
		struct item_set items = ITEM_SET_NONE;
		struct notes notes = NOTES_NONE;

		agent->type->compile(agent->document, &agent->facts, &items, &notes);
		engine_plan_replace(agent->engine, &items, plan);
		item_set_clear(&items);
		notes_clear(&notes);
		document_take_back(&delta);
		return ret;
	}
	document_keep(&delta);
	document_set_revision(agent->document, revision);
	if (agent->type->changed)
		agent->type->changed(agent);
	agent_compile_all(agent, plan);
	return 0;
}

int agent_patch(struct agent *agent, int64_t revision, json_t *upsert, json_t *remove, bool dry_run,
		struct plan *plan, struct err *err)
{
	int ret;

	if (all_local(agent, upsert) && all_local(agent, remove))
		ret = patch_local(agent, revision, upsert, remove, dry_run, plan, err);
	else
		ret = patch_whole(agent, revision, upsert, remove, dry_run, plan, err);
	if (ret == 0 && !dry_run)
		agent_compact_soon(agent);
	return ret;
}
