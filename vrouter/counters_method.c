/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The method Counters. A client that wants more is sent some objects after another, else one answer
 * has them all; so it is for the controller. */
#include "vrouter/counters_method.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/agent/reply.h"
#include "vrouter/counters.h"

const char counters_interface[] =
	"\ntype CounterFilter (\n  uuids: ?[]string,\n  kind: ?string\n)\n\n"
	"type Counter (\n  uuid: string,\n  section: string,\n  kind: string,\n  of: ?string,\n"
	"  bytes_up: ?int,\n  bytes_down: ?int,\n  packets_up: ?int,\n  packets_down: ?int,\n"
	"  sessions: ?int,\n  sessions_total: ?int\n)\n\n"
	"# What objects have carried; with 'more' in several answers. Without numbers: it rests.\n"
	"method Counters(filter: ?CounterFilter) -> (counters: []Counter)\n";

struct asked {
	struct agent *agent;
	struct wire_call *call; /* NULL: the controller asks, */
	struct agent_counting counting;
	agent_counted_fn *done; /* and is told so. */
	void *data;
	struct counters_reading *reading;
	json_t *all; /* For who wants one answer. */
};

static void asked_free(struct asked *asked)
{
	json_decref(asked->all);
	free(asked);
}

static void add_numbers(json_t *json, const struct counter *counter)
{
	static const char *const names[][2] = {
		[COUNTER_UP] = { "bytes_up", "packets_up" },
		[COUNTER_DOWN] = { "bytes_down", "packets_down" },
	};

	for (size_t i = COUNTER_UP; i <= COUNTER_DOWN; i++) {
		json_object_set_new(json, names[i][0], json_integer((json_int_t)counter->bytes[i]));
		if (counter->kind != COUNTER_MEMBER)
			json_object_set_new(json, names[i][1],
					    json_integer((json_int_t)counter->packets[i]));
	}
}

static json_t *counter_json(const struct counter *counter)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "uuid", counter->uuid, "section",
				 counter->section, "kind", counter_kinds[counter->kind]);

	if (counter->of)
		json_object_set_new(json, "of", json_string(counter->of));
	if (counter->counts)
		add_numbers(json, counter);
	if (counter->has_sessions) {
		json_object_set_new(json, "sessions", json_integer((json_int_t)counter->sessions));
		json_object_set_new(json, "sessions_total",
				    json_integer((json_int_t)counter->sessions_total));
	}
	return json;
}

static void finish(struct asked *asked, const struct err *err)
{
	if (asked->done)
		asked->done(asked->data, err ? NULL : asked->all, err);
	else if (err)
		reply_error(asked->agent, asked->call, err);
	else
		wire_reply(asked->call, json_pack("{s:O}", "counters", asked->all));
	asked_free(asked);
}

static void on_counters(void *data, const struct counter *counters, size_t n, bool last,
			const struct err *err)
{
	struct asked *asked = data;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(asked->all, counter_json(&counters[i]));
	if (err || last) {
		finish(asked, err);
	} else if (asked->call && wire_call_wants_more(asked->call)) {
		wire_reply_more(asked->call, json_pack("{s:o}", "counters", asked->all));
		asked->all = json_array();
	}
}

static void on_gone(struct wire_call *call, void *data)
{
	struct asked *asked = data;

	(void)call;
	counters_cancel(asked->reading);
	asked_free(asked);
}

static void start(struct agent *agent, struct wire_call *call, const struct counter_filter *filter)
{
	struct asked *asked = mem_alloc(sizeof(*asked));
	struct err err = ERR_NONE;

	*asked = (struct asked){ .agent = agent, .call = call, .all = json_array() };
	asked->reading = counters_read(agent, filter, on_counters, asked, &err);
	if (asked->reading) {
		wire_call_on_gone(call, on_gone, asked);
	} else {
		reply_not_found(agent, call, err_text(&err));
		asked_free(asked);
	}
	err_clear(&err);
}

static void cancel(struct agent_counting *counting)
{
	struct asked *asked = CONTAINER_OF(counting, struct asked, counting);

	counters_cancel(asked->reading);
	asked_free(asked);
}

struct agent_counting *router_counters(struct agent *agent, json_t *given, agent_counted_fn *done,
				       void *data, struct err *err)
{
	struct counter_filter filter = { 0 };
	struct asked *asked;

	if (given && field_decode(counter_filter_fields, given, &filter, err) < 0)
		return NULL;
	asked = mem_alloc(sizeof(*asked));
	*asked = (struct asked){ .agent = agent,
				 .counting = { cancel },
				 .done = done,
				 .data = data,
				 .all = json_array() };
	asked->reading = counters_read(agent, &filter, on_counters, asked, err);
	field_clear(counter_filter_fields, &filter);
	if (asked->reading)
		return &asked->counting;
	asked_free(asked);
	return NULL;
}

void method_counters(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "filter", NULL };
	struct agent *agent = data;
	struct counter_filter filter = { 0 };
	json_t *given = json_object_get(parameters, "filter");
	struct err err = ERR_NONE;

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (given && !json_is_null(given) &&
	    field_decode(counter_filter_fields, given, &filter, &err) < 0) {
		err_at(&err, "filter");
		reply_error(agent, call, &err);
	} else {
		start(agent, call, &filter);
	}
	field_clear(counter_filter_fields, &filter);
	err_clear(&err);
}
