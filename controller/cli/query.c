/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query: the objects for which all conditions hold. */
#include <stdlib.h>
#include <string.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "lib/base/csv.h"
#include "lib/base/words.h"

static int read_conditions(struct session *session, json_t *parameters)
{
	const struct cli *cli = session->cli;
	json_t *conditions = json_array();

	json_object_set_new(parameters, "conditions", conditions);
	for (int i = 1; i < cli->n_arguments; i++) {
		json_t *condition;
		int status =
			condition_read(session, cli->arguments[0], cli->arguments[i], &condition);

		if (status != CLI_DONE)
			return status;
		json_array_append_new(conditions, condition);
	}
	return CLI_DONE;
}

static int read_number(const struct cli *cli, enum cli_option option, json_t *parameters)
{
	const char *text = cli->values[option];
	char *end;
	long long number;

	if (!cli_has(cli, option))
		return CLI_DONE;
	number = strtoll(text, &end, 10);
	if (!*text || *end)
		return cli_misused("--%s: \"%s\" is no number", option_types[option].name, text);
	json_object_set_new(parameters, option_types[option].name, json_integer(number));
	return CLI_DONE;
}

static int read_options(struct session *session, json_t *parameters)
{
	const struct cli *cli = session->cli;
	int status = read_number(cli, OPTION_START, parameters);

	if (status == CLI_DONE)
		status = read_number(cli, OPTION_LIMIT, parameters);
	if (status == CLI_DONE)
		status = read_conditions(session, parameters);
	if (cli_has(cli, OPTION_SORT))
		json_object_set_new(parameters, "sort", words_split(cli->values[OPTION_SORT]));
	if (cli_has(cli, OPTION_FIELDS))
		json_object_set_new(parameters, "fields", words_split(cli->values[OPTION_FIELDS]));
	if (cli_has(cli, OPTION_TOTAL))
		json_object_set_new(parameters, "count", json_true());
	return status;
}

/* Of all fields, in the type's order. A new reference. */
static json_t *all_names(struct session *session)
{
	const json_t *description, *field;
	json_t *names = json_array();
	size_t i;

	if (session_describe(session, session->cli->arguments[0], &description) != CLI_DONE)
		return names;
	json_array_foreach (json_object_get(description, "fields"), i, field)
		if (!json_is_true(json_object_get(field, "transient")))
			json_array_append(names, json_object_get(field, "name"));
	return names;
}

static void print_csv(struct session *session, const json_t *fields, const json_t *answer)
{
	json_t *names = fields ? json_deep_copy(fields) : all_names(session);
	AUTO(free_ptr) char *text = csv_of(json_object_get(answer, "objects"), names);

	fputs(text, session->cli->out);
	json_decref(names);
}

static void print_answer(struct session *session, const json_t *fields, const json_t *answer)
{
	const struct cli *cli = session->cli;

	if (cli_has(cli, OPTION_CSV)) {
		print_csv(session, fields, answer);
		return;
	}
	if (cli_has(cli, OPTION_JSON)) {
		cli_print_json(cli, answer);
		return;
	}
	objects_print(session, cli->arguments[0], json_object_get(answer, "objects"), fields);
	if (cli_has(cli, OPTION_TOTAL))
		fprintf(cli->out, "%zu of %lld\n",
			json_array_size(json_object_get(answer, "objects")),
			(long long)field_number(answer, "total"));
}

int query_run(struct cli *cli)
{
	json_t *parameters, *fields = NULL, *answer;
	struct session session;
	int status;

	if (cli_has(cli, OPTION_CSV) && (cli_has(cli, OPTION_JSON) || cli_has(cli, OPTION_TOTAL)))
		return cli_misused("--csv goes with neither --json nor --total");
	parameters = json_pack("{s:s}", "type", cli->arguments[0]);
	status = session_open(&session, cli);
	if (status == CLI_DONE) {
		status = read_options(&session, parameters);
		fields = json_incref(json_object_get(parameters, "fields"));
		if (status == CLI_DONE)
			status = session_call(&session, "Query", json_incref(parameters), &answer);
		if (status == CLI_DONE) {
			print_answer(&session, fields, answer);
			json_decref(answer);
		}
		session_close(&session);
	}
	json_decref(fields);
	json_decref(parameters);
	return status;
}
