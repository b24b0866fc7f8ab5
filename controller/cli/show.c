/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies as a person reads them. */
#include <stdio.h>
#include <string.h>

#include "controller/cli/command.h"

static const char *text_of(json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text ? text : "";
}

static long long number_of(json_t *json, const char *name)
{
	return (long long)json_integer_value(json_object_get(json, name));
}

void show_json(const struct call *call, json_t *reply)
{
	(void)call;
	json_dumpf(reply, stdout, JSON_INDENT(2));
	putchar('\n');
}

static char sign_of(const char *action)
{
	if (strcmp(action, "add") == 0)
		return '+';
	return strcmp(action, "remove") == 0 ? '-' : '~';
}

void show_plan(const struct call *call, json_t *reply)
{
	json_t *plan = json_object_get(reply, "plan"), *failures, *entry;
	size_t i;

	if (call->options->dry_run)
		json_array_foreach (plan, i, entry)
			printf("%c %-12s %s%s%s\n", sign_of(text_of(entry, "action")),
			       text_of(entry, "kind"), text_of(entry, "key"),
			       *text_of(entry, "to") ? "  =  " : "", text_of(entry, "to"));
	printf("revision %lld, %zu changes%s\n", number_of(reply, "revision"),
	       json_array_size(plan) + (size_t)number_of(reply, "plan_omitted"),
	       call->options->dry_run ? " (nothing was done)" : "");
	failures = json_object_get(reply, "failures");
	json_array_foreach (failures, i, entry)
		printf("failed: %s: %s %s: %s\n", text_of(entry, "owner"), text_of(entry, "kind"),
		       text_of(entry, "key"), text_of(entry, "message"));
}

void show_status(const struct call *call, json_t *reply)
{
	json_t *list = json_object_get(reply, "objects"), *entry;
	size_t i;

	(void)call;
	printf("revision %lld\n", number_of(reply, "revision"));
	json_array_foreach (list, i, entry)
		printf("%-16s %-24s %-9s %s\n", text_of(entry, "section"), text_of(entry, "uuid"),
		       text_of(entry, "health"), text_of(entry, "reason"));
	list = json_object_get(reply, "services");
	json_array_foreach (list, i, entry)
		printf("service %-8s %-9s pid %lld, restarts %lld %s\n", text_of(entry, "name"),
		       text_of(entry, "state"), number_of(entry, "pid"),
		       number_of(entry, "restarts"), text_of(entry, "reason"));
	list = json_object_get(reply, "drift");
	json_array_foreach (list, i, entry)
		printf("repaired: %s %s %s, touched by %s\n", text_of(entry, "action"),
		       text_of(entry, "kind"), text_of(entry, "key"),
		       *text_of(entry, "process") ? text_of(entry, "process") : "someone");
}

void show_counters(const struct call *call, json_t *reply)
{
	json_t *list = json_object_get(reply, "counters"), *entry;
	size_t i;

	(void)call;
	printf("%-16s %-24s %14s %14s %12s %12s\n", "section", "uuid", "bytes up", "bytes down",
	       "packets up", "packets down");
	json_array_foreach (list, i, entry)
		printf("%-16s %-24s %14lld %14lld %12lld %12lld\n", text_of(entry, "section"),
		       text_of(entry, "uuid"), number_of(entry, "bytes_up"),
		       number_of(entry, "bytes_down"), number_of(entry, "packets_up"),
		       number_of(entry, "packets_down"));
}

void show_steps(const struct call *call, json_t *reply)
{
	json_t *steps = json_object_get(reply, "steps"), *step;
	size_t i;

	(void)call;
	json_array_foreach (steps, i, step)
		printf("%2zu. %-14s %s%s%s\n", i + 1, text_of(step, "action"),
		       text_of(step, "text"), *text_of(step, "object") ? "  -- " : "",
		       text_of(step, "object"));
	printf("=> %s\n", text_of(reply, "verdict"));
}
