/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods that every agent has: Apply, Patch, Get, Reconcile. */
#include <errno.h>
#include <string.h>

#include "lib/agent/agent_link.h"
#include "lib/agent/agent_state.h"
#include "lib/agent/reply.h"
#include "lib/base/clock.h"

/* A reply lists this many changes at most; 'plan_omitted' tells of the others. */
#define PLAN_SHOWN 10000

static json_t *plan_shown(const struct plan *plan, size_t *omitted)
{
	struct plan part = *plan;

	part.n = plan->n < PLAN_SHOWN ? plan->n : PLAN_SHOWN;
	*omitted = plan->n - part.n;
	return plan_json(&part);
}

static void add_failure(void *data, const struct engine_failure *failure)
{
	uint64_t now = clock_ms();

	json_array_append_new(
		data, json_pack("{s:s, s:s, s:s, s:s, s:I}", "owner", item_owner(failure->item),
				"kind", item_kind(failure->item), "key", item_key(failure->item),
				"message", failure->text, "retry_in_ms",
				(json_int_t)(failure->retry_at_ms > now ? failure->retry_at_ms - now
									: 0)));
}

static void reply_plan(struct agent *agent, struct wire_call *call, int64_t revision,
		       struct plan *plan)
{
	json_t *failures = json_array();
	size_t omitted;
	json_t *reply;

	engine_failures(agent->engine, add_failure, failures);
	plan_sort(plan);
	reply = json_pack("{s:I, s:o, s:o}", "revision", (json_int_t)revision, "plan",
			  plan_shown(plan, &omitted), "failures", failures);
	if (omitted)
		json_object_set_new(reply, "plan_omitted", json_integer((json_int_t)omitted));
	wire_reply(call, reply);
}

static bool flag(json_t *parameters, const char *name)
{
	return json_is_true(json_object_get(parameters, name));
}

static int64_t held_revision(const struct agent *agent)
{
	return agent->document ? document_revision(agent->document) : 0;
}

/* Under a controller nobody else changes the document, unless by force. */
static bool controller_holds(struct agent *agent, struct wire_call *call, json_t *parameters)
{
	if (!agent->link || flag(parameters, "dry_run") || flag(parameters, "force"))
		return false;
	reply_controller_holds(agent, call, agent->options.controller);
	return true;
}

static void method_apply(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "state", "dry_run", "force", NULL };
	struct agent *agent = data;
	struct plan plan = PLAN_NONE;
	struct err err = ERR_NONE;
	json_t *state = json_object_get(parameters, "state");
	int64_t revision = held_revision(agent);

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (!json_is_object(state)) {
		reply_invalid(agent, call, "state", "expected object");
		return;
	}
	if (controller_holds(agent, call, parameters))
		return;
	if (agent_apply(agent, state, flag(parameters, "dry_run"), &plan, &err) < 0)
		reply_error(agent, call, &err);
	else
		reply_plan(agent, call,
			   flag(parameters, "dry_run") ? revision : held_revision(agent), &plan);
	if (!err.code && !flag(parameters, "dry_run"))
		agent_link_forced(agent);
	plan_clear(&plan);
	err_clear(&err);
}

static void method_patch(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "base_revision", "revision", "upsert", "remove",
					     "dry_run",       "force",    NULL };
	struct agent *agent = data;
	struct plan plan = PLAN_NONE;
	struct err err = ERR_NONE;
	json_t *base = json_object_get(parameters, "base_revision");
	json_t *next = json_object_get(parameters, "revision");
	json_t *upsert = json_object_get(parameters, "upsert");
	json_t *remove = json_object_get(parameters, "remove");
	int64_t held = held_revision(agent);

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (!json_is_integer(base)) {
		reply_invalid(agent, call, "base_revision", "expected integer");
		return;
	}
	if (next && !json_is_null(next) && !json_is_integer(next)) {
		reply_invalid(agent, call, "revision", "expected integer");
		return;
	}
	if (controller_holds(agent, call, parameters))
		return;
	if (!agent->document || json_integer_value(base) != held) {
		reply_revision_mismatch(agent, call, held);
		return;
	}
	if (agent_patch(agent, json_is_integer(next) ? json_integer_value(next) : held + 1,
			json_is_null(upsert) ? NULL : upsert, json_is_null(remove) ? NULL : remove,
			flag(parameters, "dry_run"), &plan, &err) < 0)
		reply_error(agent, call, &err);
	else
		reply_plan(agent, call, held_revision(agent), &plan);
	if (!err.code && !flag(parameters, "dry_run"))
		agent_link_forced(agent);
	plan_clear(&plan);
	err_clear(&err);
}

static void method_get(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { NULL };
	struct agent *agent = data;

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (!agent->document) {
		wire_reply(call, json_pack("{s:o, s:i, s:s}", "state", json_object(), "revision", 0,
					   "hash", ""));
		return;
	}
	wire_reply(call,
		   json_pack("{s:o, s:I, s:s}", "state", document_json(agent->document, false),
			     "revision", (json_int_t)document_revision(agent->document), "hash",
			     document_hash(agent->document).s));
	agent_trim_soon(agent);
}

static void method_reconcile(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "dry_run", NULL };
	struct agent *agent = data;
	struct plan plan = PLAN_NONE;
	struct err err = ERR_NONE;

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (engine_reconcile(agent->engine, NULL, flag(parameters, "dry_run"), clock_ms(), &plan,
			     &err) < 0)
		reply_error(agent, call, &err);
	else
		reply_plan(agent, call, held_revision(agent), &plan);
	agent_schedule(agent);
	agent_status_changed(agent);
	plan_clear(&plan);
	err_clear(&err);
}

void agent_methods_add(struct agent *agent)
{
	agent_add_method(agent, "Apply", method_apply);
	agent_add_method(agent, "Patch", method_patch);
	agent_add_method(agent, "Get", method_get);
	agent_add_method(agent, "Status", agent_status_method);
	agent_add_method(agent, "Reconcile", method_reconcile);
	if (agent->type->explain)
		agent_add_method(agent, "Explain", agent_explain_method);
	if (agent->type->trace_family)
		agent_add_method(agent, "Trace", agent_trace_method);
}
