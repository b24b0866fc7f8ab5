/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login, logout, password. */
#include <stdlib.h>

#include "controller/cli/field.h"
#include "controller/cli/secret.h"
#include "controller/cli/session.h"
#include "controller/cli/token.h"

int login_run(struct cli *cli)
{
	AUTO(free_ptr) char *address = cli_address(cli, "io.weft.Controller");
	AUTO(secret_free) char *password = secret_read("-", "password");
	struct session session;
	json_t *answer, *parameters;
	int status;

	if (!password)
		return CLI_REFUSED;
	status = session_open_anew(&session, cli);
	if (status != CLI_DONE)
		return status;
	parameters =
		json_pack("{s:s, s:s*, s:s}", "account", cli->arguments[0], "user",
			  cli->n_arguments > 1 ? cli->arguments[1] : NULL, "password", password);
	status = parameters ? session_call(&session, "Login", parameters, &answer)
			    : cli_refuse("name and password have to be UTF-8");
	if (status == CLI_DONE) {
		status = token_write(address, field_text(answer, "token"));
		json_decref(answer);
	}
	session_close(&session);
	return status;
}

int logout_run(struct cli *cli)
{
	AUTO(free_ptr) char *address = cli_address(cli, "io.weft.Controller");
	AUTO(free_ptr) char *token = token_read(address);
	struct session session;
	json_t *answer;
	int status;

	if (!token)
		return cli_refuse("%s: nobody has logged in", address);
	status = session_open(&session, cli);
	if (status != CLI_DONE)
		return status;
	/* It is forgotten even if the session was over already. */
	status = session_call(&session, "Logout", json_object(), &answer);
	if (status == CLI_DONE)
		json_decref(answer);
	session_close(&session);
	return token_write(address, NULL) == CLI_DONE ? status : CLI_REFUSED;
}

/* The user of that name in the account of that name. */
static int find_user(struct session *session, const char *account, const char *name, char **uuid)
{
	json_t *parameters =
		json_pack("{s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}], s:[s]}", "type", "user",
			  "conditions", "field", "account", "op", "=", "value", account, "field",
			  "name", "op", "=", "value", name, "fields", "uuid");
	json_t *answer;
	int status = parameters ? session_call(session, "Query", parameters, &answer)
				: cli_refuse("\"%s\" is no text", name);
	const json_t *found;

	if (status != CLI_DONE)
		return status;
	found = json_array_get(json_object_get(answer, "objects"), 0);
	*uuid = mem_text(field_text(found, "uuid"));
	json_decref(answer);
	return *uuid ? CLI_DONE : cli_refuse("the account has no user %s", name);
}

static int set_password(struct session *session, const char *password)
{
	const struct cli *cli = session->cli;
	const char *user = cli->n_arguments > 1 ? cli->arguments[1] : NULL;
	AUTO(free_ptr) char *account = NULL, *uuid = NULL;
	json_t *parameters, *answer;
	int status = session_resolve(session, "account", cli->arguments[0], &account);

	if (status == CLI_DONE && user)
		status = find_user(session, account, user, &uuid);
	if (status != CLI_DONE)
		return status;
	parameters = json_pack("{s:s, s:s, s:{s:s}}", "type", user ? "user" : "account", "uuid",
			       user ? uuid : account, "spec", "password", password);
	status = parameters ? session_call(session, "Update", parameters, &answer)
			    : cli_refuse("a password has to be UTF-8");
	if (status == CLI_DONE)
		json_decref(answer);
	return status;
}

int password_run(struct cli *cli)
{
	AUTO(secret_free) char *password = secret_read("-", "new password");
	struct session session;
	int status;

	if (!password)
		return CLI_REFUSED;
	status = session_open(&session, cli);
	if (status != CLI_DONE)
		return status;
	status = set_password(&session, password);
	session_close(&session);
	return status;
}
