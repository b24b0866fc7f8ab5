/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show: the document, in the form in which apply takes it. */
#include "controller/cli/cli.h"

static void print_state(const struct cli *cli, const json_t *answer)
{
	cli_print_json(cli, cli_has(cli, OPTION_JSON) ? answer : json_object_get(answer, "state"));
}

int show_run(struct cli *cli)
{
	return cli_call(cli, "Get", NULL, print_state);
}
