/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters: what each object has carried. */
#include "controller/cli/cli.h"
#include "controller/cli/field.h"
#include "controller/cli/table.h"

static void print_counters(const struct cli *cli, const json_t *answer)
{
	static const char *const titles[] = { "OBJECT",        "SECTION",     "KIND",
					      ">BYTES UP",     ">BYTES DOWN", ">PACKETS UP",
					      ">PACKETS DOWN", ">SESSIONS",   NULL };
	static const char *const numbers[] = { "bytes_up", "bytes_down", "packets_up",
					       "packets_down", "sessions" };
	struct table table;
	const json_t *one;
	size_t i;

	if (cli_has(cli, OPTION_JSON)) {
		cli_print_json(cli, answer);
		return;
	}
	table_init(&table, titles);
	json_array_foreach (json_object_get(answer, "counters"), i, one) {
		table_add(&table, field_text(one, "uuid"));
		table_add(&table, field_text(one, "section"));
		table_add(&table, field_text(one, "kind"));
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

int counters_run(struct cli *cli)
{
	json_t *filter = json_object();

	if (cli_has(cli, OPTION_SECTION))
		json_object_set_new(filter, "section", json_string(cli->values[OPTION_SECTION]));
	if (cli_has(cli, OPTION_UUID))
		json_object_set_new(filter, "uuid", json_string(cli->values[OPTION_UUID]));
	return cli_call(cli, "Counters", json_pack("{s:o}", "filter", filter), print_counters);
}
