/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply, patch, reconcile: all answer with a plan, and with what could not be done. */
#include <string.h>

#include "controller/cli/cli.h"
#include "controller/cli/field.h"
#include "controller/cli/table.h"

static const char *or_nothing(const char *text)
{
	return text ? text : "?";
}

/* "+ route 10.0.0.0/8" */
static void print_change(const struct cli *cli, const json_t *change)
{
	const char *action = or_nothing(field_text(change, "action"));
	const char *sign = strcmp(action, "add") == 0      ? "+"
			   : strcmp(action, "remove") == 0 ? "-"
							   : "~";
	AUTO(free_ptr)
	char *line = mem_format("%s %s %s", sign, or_nothing(field_text(change, "kind")),
				or_nothing(field_text(change, "key")));

	text_make_plain(line);
	fprintf(cli->out, "%s\n", line);
}

static void print_failure(const json_t *failure)
{
	const char *kind = or_nothing(field_text(failure, "kind")),
		   *key = field_text(failure, "key");
	json_int_t retry_ms = field_number(failure, "retry_in_ms");
	AUTO(free_ptr)
	char *line = mem_format("failed: %s: %s%s%s: %s", or_nothing(field_text(failure, "owner")),
				kind, key ? " " : "", key ? key : "",
				or_nothing(field_text(failure, "message")));

	text_make_plain(line);
	fputs(line, stderr);
	if (retry_ms)
		fprintf(stderr, " (next try in %lld ms)", (long long)retry_ms);
	fputc('\n', stderr);
}

static void print_plan(const struct cli *cli, const json_t *answer)
{
	const json_t *plan = json_object_get(answer, "plan");
	json_int_t omitted = field_number(answer, "plan_omitted");
	const json_t *one;
	size_t i;

	if (cli_has(cli, OPTION_JSON)) {
		cli_print_json(cli, answer);
		return;
	}
	json_array_foreach (plan, i, one)
		print_change(cli, one);
	if (omitted)
		fprintf(cli->out, "... and %lld more\n", (long long)omitted);
	if (!cli_has(cli, OPTION_DRY_RUN))
		fprintf(cli->out, "revision %lld: %lld changes\n",
			(long long)field_number(answer, "revision"),
			(long long)json_array_size(plan) + (long long)omitted);
	fflush(cli->out);
	json_array_foreach (json_object_get(answer, "failures"), i, one)
		print_failure(one);
}

int apply_run(struct cli *cli)
{
	json_t *state = cli_read_object(cli->arguments[0]);

	json_t *parameters;

	if (!state)
		return CLI_REFUSED;
	parameters = json_pack("{s:o, s:b}", "state", state, "dry_run",
			       (int)cli_has(cli, OPTION_DRY_RUN));
	if (cli_has(cli, OPTION_FORCE))
		json_object_set_new(parameters, "force", json_true());
	return cli_call(cli, "Apply", parameters, print_plan);
}

int patch_run(struct cli *cli)
{
	json_t *patch = cli_read_object(cli->arguments[0]);

	if (!patch)
		return CLI_REFUSED;
	if (cli_has(cli, OPTION_DRY_RUN))
		json_object_set_new(patch, "dry_run", json_true());
	if (cli_has(cli, OPTION_FORCE))
		json_object_set_new(patch, "force", json_true());
	return cli_call(cli, "Patch", patch, print_plan);
}

int reconcile_run(struct cli *cli)
{
	return cli_call(cli, "Reconcile",
			json_pack("{s:b}", "dry_run", (int)cli_has(cli, OPTION_DRY_RUN)),
			print_plan);
}
