/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters: what each object has carried. */
#include <string.h>

#include "controller/cli/cli.h"
#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "controller/cli/table.h"

/* Many come in several answers. */
static void collect(const struct cli *cli, const json_t *answer)
{
	json_array_extend(cli->data, json_object_get(answer, "counters"));
}

static void print_table(const struct cli *cli, const json_t *counters)
{
	static const char *const titles[] = { "OBJECT",        "KIND",        "OF",
					      ">BYTES UP",     ">BYTES DOWN", ">PACKETS UP",
					      ">PACKETS DOWN", ">SESSIONS",   NULL };
	static const char *const numbers[] = { "bytes_up", "bytes_down", "packets_up",
					       "packets_down", "sessions" };
	struct table table;
	const json_t *one;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (counters, i, one) {
		table_add(&table, field_text(one, "uuid"));
		table_add(&table, field_text(one, "kind"));
		table_add(&table, field_text(one, "of"));
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++) {
			if (json_is_integer(json_object_get(one, numbers[k])))
				table_add_number(&table, field_number(one, numbers[k]));
			else
				table_add(&table, NULL);
		}
	}
	table_print(&table, cli->out);
	table_clear(&table);
}

/* "A,B" */
static json_t *uuids_of(const char *given)
{
	AUTO(free_ptr) char *list = mem_text(given);
	json_t *uuids = json_array();
	char *rest = list, *one;

	while ((one = strsep(&rest, ",")))
		json_array_append_new(uuids, json_string(one));
	return uuids;
}

int counters_run(struct cli *cli)
{
	json_t *filter = json_object(), *counters = json_array();
	int status;

	if (cli_has(cli, OPTION_KIND))
		json_object_set_new(filter, "kind", json_string(cli->values[OPTION_KIND]));
	if (cli_has(cli, OPTION_UUID))
		json_object_set_new(filter, "uuids", uuids_of(cli->values[OPTION_UUID]));
	cli->data = counters;
	status = cli_stream(cli, "Counters", json_pack("{s:o}", "filter", filter), collect);
	if (status == CLI_DONE && cli_has(cli, OPTION_JSON)) {
		json_t *all = json_pack("{s:O}", "counters", counters);

		cli_print_json(cli, all);
		json_decref(all);
	} else if (status == CLI_DONE) {
		print_table(cli, counters);
	}
	json_decref(counters);
	return status;
}

/* Of an object of the controller's. */
int object_counters_run(struct cli *cli)
{
	json_t *answer;
	int status = session_ask_of_object(cli, "Counters", &answer);

	if (status != CLI_DONE)
		return status;
	if (cli_has(cli, OPTION_JSON))
		cli_print_json(cli, answer);
	else
		print_table(cli, json_object_get(answer, "counters"));
	json_decref(answer);
	return CLI_DONE;
}
