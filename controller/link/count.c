/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters: a question goes to the agent that holds the object, in its stream; what it tells is the
 * answer. */
#include <errno.h>
#include <string.h>

#include "controller/count/count.h"
#include "controller/link/agents_state.h"
#include "lib/base/log.h"

/* What the sections of the documents, by which agents count, are in the model. */
static const char *section_of(const struct model_type *type)
{
	if (type == &router_nic_type)
		return "interfaces";
	return report_section(type);
}

/* Who counts for it: one that is there, if there is one. */
static struct member *member_counting(struct agents *agents, const struct model_type *type,
				      const char *uuid)
{
	struct map_node *node, *after;
	struct member *found = NULL;

	if (type == &router_type || type == &vpc_router_type)
		return member_named(agents, type, uuid);
	map_for_each (&agents->members, node, after) {
		struct member *member = CONTAINER_OF(node, struct member, by_name);

		if ((!found || !found->watch) && report_is_held(member, section_of(type), uuid))
			found = member;
	}
	return found;
}

/* Of a router, what its own NICs carry: the rest is of those whose services it has. */
static json_t *filter_of(const struct model_type *type, const char *uuid)
{
	if (type == &router_type || type == &vpc_router_type)
		return json_pack("{s:s}", "kind", "interface");
	if (type == &nic_type)
		return json_pack("{s:s, s:[s]}", "kind", "port", "uuids", uuid);
	return json_pack("{s:[s]}", "uuids", uuid);
}

int agents_ask_counters(void *data, const struct model_type *type, const char *uuid,
			struct count_question *question, struct err *err)
{
	struct agents *agents = data;
	struct member *member = member_counting(agents, type, uuid);

	if (!member)
		return 1;
	if (!member->watch)
		return err_set(err, -EAGAIN, "%s", member_away_reason(member));
	count_open(question, &member->questions);
	wire_reply_more(member->watch,
			json_pack("{s:I, s:s, s:{s:I, s:o}}", "revision",
				  (json_int_t)member->revision, "digest",
				  held_digest(&member->held).s, "count", "request",
				  (json_int_t)question->number, "filter", filter_of(type, uuid)));
	return 0;
}

/* What is known of a counter, and nothing else that an agent may say. */
static json_t *counter_of(const json_t *said)
{
	static const char *const texts[] = { "uuid", "kind", "of" };
	static const char *const numbers[] = { "bytes_up",     "bytes_down", "packets_up",
					       "packets_down", "sessions",   "sessions_total" };
	json_t *counter = json_object(), *value;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		value = json_object_get(said, texts[i]);
		if (json_is_string(value))
			json_object_set(counter, texts[i], value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		value = json_object_get(said, numbers[i]);
		if (json_is_integer(value))
			json_object_set(counter, numbers[i], value);
	}
	return counter;
}

void agents_counters(struct wire_call *call, json_t *parameters, void *data)
{
	int64_t number = json_integer_value(json_object_get(parameters, "request"));
	const char *failure = json_string_value(json_object_get(parameters, "failure"));
	struct member *member = agents_caller(data, call);
	struct count_question *question;
	json_t *counters, *said;
	struct err err = ERR_NONE;
	size_t i;

	if (!member)
		return;
	question = count_find(member->questions, number);
	if (question && failure) {
		err_set(&err, -EAGAIN, "its agent: %.1024s", failure);
		count_answer(question, NULL, &err);
		err_clear(&err);
	} else if (question) {
		counters = json_array();
		json_array_foreach (json_object_get(parameters, "counters"), i, said)
			json_array_append_new(counters, counter_of(said));
		count_answer(question, counters, NULL);
		json_decref(counters);
	}
	/* Who asked may have gone meanwhile. */
	wire_reply(call, json_object());
}

void member_drop_questions(struct member *member)
{
	struct err err = ERR_NONE;

	err_set(&err, -EAGAIN, "%s", member_away_reason(member));
	while (member->questions)
		count_answer(member->questions, NULL, &err);
	err_clear(&err);
}
