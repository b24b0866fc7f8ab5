/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watch: a document, whole or by what is another now.
 *
 * What a member's document is, is asked of the model again whenever something may have changed it,
 * and held against what was sent last: what is sent never depends on how a change came about. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/link/agents_state.h"
#include "controller/link/say.h"
#include "lib/base/log.h"

/* The member's row, for its revision. */
static int load_agent(struct member *member, struct agent *agent, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct model *model = member->agents->model;

	if (model_find(model, &agent_type, &rows, err, member->type->table.name, member->uuid) < 0)
		return err->code;
	if (!rows.n)
		return err_set(err, -ENOENT, "%s is gone", member->name.s);
	return model_load(model, &agent_type, ((struct resource *)db_row(&rows, 0))->uuid, agent,
			  err);
}

/* The next revision, on the disk before anyone hears of it; larger than 'than' as well. Within a
 * transaction. */
static int take_revision(struct member *member, int64_t than, int64_t *revision, struct err *err)
{
	struct agent agent = { 0 };
	int ret = load_agent(member, &agent, err);

	if (ret < 0)
		return ret;
	agent.revision = (agent.revision > than ? agent.revision : than) + 1;
	*revision = agent.revision;
	ret = model_write(member->agents->model, &agent_type, &agent, err);
	model_clear(&agent_type, &agent);
	return ret;
}

/* ---- what is said on the stream ------------------------------------------------------------- */

static json_t *said(const struct member *member)
{
	return json_pack("{s:I, s:s}", "revision", (json_int_t)member->revision, "digest",
			 held_digest(&member->held).s);
}

static void say_whole(struct member *member, const json_t *document)
{
	wire_reply_more_text(member->watch,
			     say_document(said(member), document, member->revision, &member->held));
}

static void say_patch(struct member *member, int64_t base, const struct held_patch *patch)
{
	json_t *answer = said(member);

	json_object_set_new(answer, "base_revision", json_integer((json_int_t)base));
	wire_reply_more_text(member->watch, say_change(answer, patch));
	findings_removed(member, patch->remove);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static int commit_revision(struct member *member, int64_t than, struct err *err)
{
	struct model *model = member->agents->model;
	int64_t revision;
	int ret = model_begin(model, err);

	if (ret < 0)
		return ret;
	ret = model_end(model, take_revision(member, than, &revision, err), err);
	if (ret == 0)
		member->revision = revision;
	return ret;
}

/* Says what the agent lacks, who holds 'revision' with 'digest'. */
static int begin(struct member *member, int64_t revision, const char *digest, struct err *err)
{
	struct held_patch patch = { 0 };
	int64_t base = member->revision;
	bool known = member->held.sections && revision == base &&
		     strcmp(digest, held_digest(&member->held).s) == 0;
	json_t *document;
	int ret = change_all(member, &member->held, &patch, &document, err);

	if (ret < 0) {
		held_patch_clear(&patch);
		return ret;
	}
	if (strcmp(digest, held_digest(&member->held).s) == 0) {
		member->revision = revision;
		wire_reply_more(member->watch, said(member));
	} else {
		ret = commit_revision(member, revision > base ? revision : base, err);
		if (ret == 0 && known)
			say_patch(member, base, &patch);
		else if (ret == 0)
			say_whole(member, document);
	}
	if (ret < 0)
		held_clear(&member->held);
	held_patch_clear(&patch);
	json_decref(document);
	return ret;
}

static void went_away(struct member *member)
{
	member_parts_connected(member, false);
	member_drop_questions(member);
	findings_away(member);
	member_wait(member, WAITS_MOVED);
	agents_wake(member->agents);
}

static void on_gone(struct wire_call *call, void *data)
{
	struct member *member = data;

	(void)call;
	log_info("agents: %s is gone", member->name.s);
	member->watch = NULL;
	went_away(member);
}

void member_take_all(struct member *member)
{
	json_t *nothing;

	findings_gone(member);
	if (!member->watch)
		return;
	/* Its row is gone, and with it its revision: this is the last one that it is sent. */
	member->revision++;
	nothing = json_object();
	held_set(&member->held, nothing);
	say_whole(member, nothing);
	json_decref(nothing);
	log_info("agents: %s is deleted, and told to hold nothing", member->name.s);
}

void member_let_go(struct member *member, const char *why)
{
	struct wire_call *call = STEAL(member->watch);
	struct err err = ERR_NONE;

	if (!call)
		return;
	err_set(&err, -EACCES, "%s", why);
	agents_reply_error(call, "NotEnrolled", &err);
	err_clear(&err);
	went_away(member);
}

static void replace(struct member *member)
{
	struct wire_call *call = STEAL(member->watch);
	struct err err = ERR_NONE;

	if (!call)
		return;
	member_drop_questions(member);
	err_set(&err, -EALREADY, "another connection watches now");
	agents_reply_error(call, "Replaced", &err);
	err_clear(&err);
}

void agents_watch(struct wire_call *call, json_t *parameters, void *data)
{
	const char *digest = json_string_value(json_object_get(parameters, "digest"));
	int64_t revision = json_integer_value(json_object_get(parameters, "revision"));
	struct agents *agents = data;
	struct member *member = agents_caller(agents, call);
	struct err err = ERR_NONE;

	if (!member)
		return;
	if (!wire_call_wants_more(call)) {
		err_set(&err, -EINVAL, "it is a stream: the call has to want more");
		agents_reply_error(call, "InvalidParameter", &err);
		err_clear(&err);
		return;
	}
	replace(member);
	member->watch = call;
	if (begin(member, revision, digest ? digest : "", &err) < 0) {
		log_error("agents: %s: %s", member->name.s, err_text(&err));
		member->watch = NULL;
		agents_reply_error(call, "Busy", &err);
		err_clear(&err);
		return;
	}
	log_info("agents: %s is there, at revision %lld", member->name.s,
		 (long long)member->revision);
	wire_call_on_gone(call, on_gone, member);
	member->touched = 0;
	held_clear(&member->away);
	member_parts_connected(member, true);
	member_parts_sent(member, member->revision);
	member_wait(member, WAITS_MOVED);
	agents_wake(agents);
}

/* ---- changes -------------------------------------------------------------------------------- */

/* A change that waits for its revision. */
struct step {
	struct member *member;
	json_t *whole; /* In place of a patch, where it is not known what the agent holds. */
	struct held_patch patch;
	int64_t revision;
};

struct steps {
	struct step *steps;
	size_t n, room;
};

static void steps_clear(struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++) {
		held_patch_clear(&steps->steps[i].patch);
		json_decref(steps->steps[i].whole);
	}
	free(steps->steps);
}

/* Whether what jobs wait for is any of its business, who is not there to be sent it. */
static int look_at_absent(struct member *member, struct err *err)
{
	struct held_patch patch = { 0 };
	json_t *whole = NULL;
	int ret;

	if (!member->away.sections)
		held_copy(&member->away, &member->held);
	ret = change_touched(member, &member->away, &patch, &whole, err);
	if (ret == 0 && held_patch_empty(&patch)) {
		member_parts_same(member);
	} else if (ret == 0) {
		member_parts_certain(member);
		findings_unsent(member, patch.upsert);
		findings_removed(member, patch.remove);
	}
	if (ret == 0)
		member->touched = 0;
	held_patch_clear(&patch);
	json_decref(whole);
	return ret;
}

static int add_step(struct steps *steps, struct member *member, struct err *err)
{
	struct step step = { .member = member };
	int ret = change_touched(member, &member->held, &step.patch, &step.whole, err);

	if (ret < 0) {
		held_patch_clear(&step.patch);
		return ret;
	}
	member->touched = 0;
	if (held_patch_empty(&step.patch)) {
		member_parts_same(member);
	} else {
		mem_grow(&steps->steps, &steps->room, steps->n + 1, sizeof(*steps->steps));
		steps->steps[steps->n++] = step;
		if (member->swept)
			log_warning("agents: %s: no change told that its document is another",
				    member->name.s);
	}
	member->swept = false;
	return 0;
}

static int commit_steps(struct model *model, struct steps *steps, struct err *err)
{
	int ret = model_begin(model, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; ret == 0 && i < steps->n; i++)
		ret = take_revision(steps->steps[i].member, steps->steps[i].member->revision,
				    &steps->steps[i].revision, err);
	return model_end(model, ret, err);
}

/* What is held is not what was sent: the agents get the whole. */
static void forget_steps(struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++) {
		struct member *member = steps->steps[i].member;

		held_clear(&member->held);
		member_touch(member, HOST_ALL);
	}
}

static void say_steps(struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++) {
		struct member *member = steps->steps[i].member;
		int64_t base = member->revision;

		member->revision = steps->steps[i].revision;
		if (steps->steps[i].whole)
			say_whole(member, steps->steps[i].whole);
		else
			say_patch(member, base, &steps->steps[i].patch);
		member_parts_sent(member, member->revision);
	}
}

static int look_at(struct steps *steps, struct member *member, struct err *err)
{
	if (member->watch)
		return add_step(steps, member, err);
	if (member->parts && member->held.sections)
		return look_at_absent(member, err);
	return 0;
}

/* It is tried again and again: what is the matter is said once. */
static void note_unmade(struct member *member, const struct err *err)
{
	const char *why = err->code ? err_text(err) : NULL;

	if (why && (!member->unmade || strcmp(member->unmade, why) != 0))
		log_error("agents: %s: its document cannot be made: %s", member->name.s, why);
	free(member->unmade);
	member->unmade = mem_text(why);
}

/* Between two changes of the model all that hosts share is the same. One document that cannot be
 * made holds up no other; it stays touched. Whether all were made. */
static bool gather(struct agents *agents, struct steps *steps)
{
	struct waiting *touched = &agents->waiting[WAITS_TOUCHED];
	size_t n = 0;

	for (size_t i = 0; i < touched->n; i++) {
		struct member *member = touched->members[i];
		struct err err = ERR_NONE;

		if (member->touched && look_at(steps, member, &err) < 0)
			touched->members[n++] = member;
		else
			member->waits[WAITS_TOUCHED] = false;
		note_unmade(member, &err);
		err_clear(&err);
	}
	touched->n = n;
	return n == 0;
}

int agents_project(struct agents *agents, bool *all, struct err *err)
{
	AUTO(steps_clear) struct steps steps = { 0 };

	*all = gather(agents, &steps);
	if (!steps.n)
		return 0;
	if (commit_steps(agents->model, &steps, err) < 0) {
		forget_steps(&steps);
		return err->code;
	}
	say_steps(&steps);
	return 0;
}

void agents_sweep(struct agents *agents)
{
	struct map_node *node, *after;
	size_t at = 0;

	if (agents->swept >= agents->members.n)
		agents->swept = 0;
	map_for_each (&agents->members, node, after) {
		struct member *member = CONTAINER_OF(node, struct member, by_name);

		if (at++ != agents->swept)
			continue;
		agents->swept++;
		if (member->watch && !member->touched) {
			member_touch(member, HOST_ALL);
			member->swept = true;
		}
		return;
	}
}
