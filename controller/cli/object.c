/* SPDX-License-Identifier: GPL-2.0-or-later */
/* create, get, document, update, delete, do: one object of the controller. */
#include <stdlib.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "controller/cli/table.h"

/* The answer of a method that answers with the object. */
static void print_answer(struct session *session, const char *type, const json_t *answer)
{
	if (cli_has(session->cli, OPTION_JSON))
		cli_print_json(session->cli, answer);
	else
		object_print(session, type, json_object_get(answer, "object"));
}

static int call_and_print(struct session *session, const char *method, const char *type,
			  json_t *parameters)
{
	json_t *answer;
	int status = session_check_wait(session);

	if (status == CLI_DONE)
		status = session_call(session, method, parameters, &answer);
	else
		json_decref(parameters);
	if (status != CLI_DONE)
		return status;
	print_answer(session, type, answer);
	status = session_wait(session, answer);
	json_decref(answer);
	return status;
}

static int read_spec(struct session *session, const char *type, int from, json_t **spec)
{
	const struct cli *cli = session->cli;
	const json_t *description;
	int status = session_describe(session, type, &description);

	return status == CLI_DONE
		       ? values_read(session, json_object_get(description, "fields"),
				     cli->arguments + from, cli->n_arguments - from, spec)
		       : status;
}

int create_run(struct cli *cli)
{
	const char *type = cli->arguments[0];
	struct session session;
	json_t *spec;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = read_spec(&session, type, 1, &spec);
	if (status == CLI_DONE)
		status = call_and_print(&session, "Create", type,
					json_pack("{s:s, s:o}", "type", type, "spec", spec));
	session_close(&session);
	return status;
}

int get_run(struct cli *cli)
{
	const char *type = cli->arguments[0];
	struct session session;
	char *uuid;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_resolve(&session, type, cli->arguments[1], &uuid);
	if (status == CLI_DONE) {
		status = call_and_print(&session, "Get", type,
					json_pack("{s:s, s:s}", "type", type, "uuid", uuid));
		free(uuid);
	}
	session_close(&session);
	return status;
}

int document_run(struct cli *cli)
{
	json_t *answer;
	int status = session_ask_of_object(cli, "Document", &answer);

	if (status != CLI_DONE)
		return status;
	cli_print_json(cli,
		       cli_has(cli, OPTION_JSON) ? answer : json_object_get(answer, "document"));
	json_decref(answer);
	return CLI_DONE;
}

int update_run(struct cli *cli)
{
	const char *type = cli->arguments[0];
	AUTO(free_ptr) char *uuid = NULL;
	struct session session;
	json_t *spec;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_resolve(&session, type, cli->arguments[1], &uuid);
	if (status == CLI_DONE)
		status = read_spec(&session, type, 2, &spec);
	if (status == CLI_DONE)
		status = call_and_print(&session, "Update", type,
					json_pack("{s:s, s:s, s:o}", "type", type, "uuid", uuid,
						  "spec", spec));
	session_close(&session);
	return status;
}

static void print_deleted(const struct cli *cli, const json_t *answer)
{
	static const char *const titles[] = { "TYPE", "NAME", "UUID", NULL };
	const json_t *one;
	struct table table;
	size_t i;

	if (cli_has(cli, OPTION_JSON)) {
		cli_print_json(cli, answer);
		return;
	}
	table_init(&table, titles);
	json_array_foreach (json_object_get(answer, "deleted"), i, one) {
		table_add(&table, field_text(one, "type"));
		table_add(&table, field_text(one, "name"));
		table_add(&table, field_text(one, "uuid"));
	}
	table_print(&table, cli->out);
	table_clear(&table);
}

int delete_run(struct cli *cli)
{
	const char *type = cli->arguments[0];
	AUTO(free_ptr) char *uuid = NULL;
	struct session session;
	json_t *answer;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_check_wait(&session);
	if (status == CLI_DONE)
		status = session_resolve(&session, type, cli->arguments[1], &uuid);
	if (status == CLI_DONE)
		status = session_call(&session, "Delete",
				      json_pack("{s:s, s:s, s:b}", "type", type, "uuid", uuid,
						"dry_run", (int)cli_has(cli, OPTION_DRY_RUN)),
				      &answer);
	if (status == CLI_DONE) {
		print_deleted(cli, answer);
		status = session_wait(&session, answer);
		json_decref(answer);
	}
	session_close(&session);
	return status;
}

static int read_parameters(struct session *session, const char *type, const char *action,
			   json_t **ret)
{
	const struct cli *cli = session->cli;
	const json_t *description, *found;
	int status = session_describe(session, type, &description);

	if (status != CLI_DONE)
		return status;
	found = described(json_object_get(description, "actions"), action);
	if (!found)
		return cli_refuse("%s has no action %s", type, action);
	return values_read(session, json_object_get(found, "parameters"), cli->arguments + 3,
			   cli->n_arguments - 3, ret);
}

int do_run(struct cli *cli)
{
	const char *action = cli->arguments[0], *type = cli->arguments[1];
	AUTO(free_ptr) char *uuid = NULL;
	struct session session;
	json_t *parameters;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_resolve(&session, type, cli->arguments[2], &uuid);
	if (status == CLI_DONE)
		status = read_parameters(&session, type, action, &parameters);
	if (status == CLI_DONE)
		status =
			call_and_print(&session, "Action", type,
				       json_pack("{s:s, s:s, s:s, s:o}", "type", type, "uuid", uuid,
						 "action", action, "parameters", parameters));
	session_close(&session);
	return status;
}
