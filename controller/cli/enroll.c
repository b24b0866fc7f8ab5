/* SPDX-License-Identifier: GPL-2.0-or-later */
/* enroll: a token for the agent of a host or router. It is printed alone, to go into a file. */
#include <stdlib.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"

static int read_seconds(const struct cli *cli, json_t *parameters)
{
	const char *text = cli->values[OPTION_SECONDS];
	char *end;
	long long seconds;

	if (!cli_has(cli, OPTION_SECONDS))
		return CLI_DONE;
	seconds = strtoll(text, &end, 10);
	if (end == text || *end)
		return cli_misused("\"%s\" is no number of seconds", text);
	json_object_set_new(parameters, "seconds", json_integer(seconds));
	return CLI_DONE;
}

int enroll_run(struct cli *cli)
{
	const char *type = cli->arguments[0];
	AUTO(free_ptr) char *uuid = NULL;
	struct session session;
	json_t *parameters, *answer;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_resolve(&session, type, cli->arguments[1], &uuid);
	if (status == CLI_DONE) {
		parameters = json_pack("{s:s, s:s}", "type", type, "uuid", uuid);
		status = read_seconds(cli, parameters);
		if (status == CLI_DONE)
			status = session_call(&session, "EnrollmentToken", parameters, &answer);
		else
			json_decref(parameters);
	}
	if (status == CLI_DONE) {
		if (cli_has(cli, OPTION_JSON))
			cli_print_json(cli, answer);
		else
			fprintf(cli->out, "%s\n", field_text(answer, "token"));
		json_decref(answer);
	}
	session_close(&session);
	return status;
}
