/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: objects, services, capabilities, and what others changed. */
#include <time.h>

#include "controller/cli/cli.h"
#include "controller/cli/field.h"
#include "controller/cli/table.h"

static void add_texts(struct table *table, const json_t *json, const char *const *names)
{
	for (; *names; names++)
		table_add(table, field_text(json, *names));
}

static void print_table(const struct cli *cli, struct table *table)
{
	if (table->n)
		fputc('\n', cli->out);
	table_print(table, cli->out);
	table_clear(table);
}

static void print_objects(const struct cli *cli, const json_t *list)
{
	static const char *const titles[] = { "OBJECT", "SECTION", "HEALTH", "REASON", NULL };
	static const char *const names[] = { "uuid", "section", "health", "reason", NULL };
	struct table table;
	const json_t *one;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (list, i, one)
		add_texts(&table, one, names);
	print_table(cli, &table);
}

static void print_services(const struct cli *cli, const json_t *list)
{
	static const char *const titles[] = { "SERVICE",   "STATE",  ">PID",
					      ">RESTARTS", "REASON", NULL };
	struct table table;
	const json_t *one;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (list, i, one) {
		table_add(&table, field_text(one, "name"));
		table_add(&table, field_text(one, "state"));
		if (json_is_integer(json_object_get(one, "pid")))
			table_add_number(&table, field_number(one, "pid"));
		else
			table_add(&table, NULL);
		table_add_number(&table, field_number(one, "restarts"));
		table_add(&table, field_text(one, "reason"));
	}
	print_table(cli, &table);
}

static void print_capabilities(const struct cli *cli, const json_t *list)
{
	static const char *const titles[] = { "CAPABILITY", "SUPPORTED", "REASON", NULL };
	struct table table;
	const json_t *one;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (list, i, one) {
		table_add(&table, field_text(one, "name"));
		table_add(&table, json_is_true(json_object_get(one, "supported")) ? "yes" : "no");
		table_add(&table, field_text(one, "reason"));
	}
	print_table(cli, &table);
}

static void add_time(struct table *table, json_int_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm local;
	char text[32] = "";

	if (localtime_r(&at, &local))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	table_add(table, text);
}

static void print_drift(const struct cli *cli, const json_t *list)
{
	static const char *const titles[] = {
		"REPAIRED", "ACTION", "KIND", "KEY", "PROCESS", NULL
	};
	static const char *const names[] = { "action", "kind", "key", "process", NULL };
	struct table table;
	const json_t *one;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (list, i, one) {
		add_time(&table, field_number(one, "at_ms"));
		add_texts(&table, one, names);
	}
	print_table(cli, &table);
}

static void print_status(const struct cli *cli, const json_t *answer)
{
	if (cli_has(cli, OPTION_JSON)) {
		cli_print_json(cli, answer);
		return;
	}
	fprintf(cli->out, "revision %lld\n", (long long)field_number(answer, "revision"));
	print_objects(cli, json_object_get(answer, "objects"));
	print_services(cli, json_object_get(answer, "services"));
	print_capabilities(cli, json_object_get(answer, "capabilities"));
	print_drift(cli, json_object_get(answer, "drift"));
}

/* One answer a line for machines; for people, what is between two answers. */
static void print_next(const struct cli *cli, const json_t *answer)
{
	if (cli_has(cli, OPTION_JSON)) {
		json_dumpf(answer, cli->out, JSON_COMPACT);
		fputc('\n', cli->out);
		return;
	}
	print_status(cli, answer);
	fputs("\n----\n\n", cli->out);
}

int status_run(struct cli *cli)
{
	if (cli_has(cli, OPTION_FOLLOW))
		return cli_stream(cli, "Status", NULL, print_next);
	return cli_call(cli, "Status", NULL, print_status);
}
