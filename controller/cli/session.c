/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/cli/session.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/field.h"
#include "controller/cli/secret.h"
#include "controller/cli/token.h"

#define CONTROLLER "io.weft.Controller"

int session_open_anew(struct session *session, const struct cli *cli)
{
	AUTO(free_ptr) char *address = cli_address(cli, CONTROLLER);
	struct err err = ERR_NONE;

	*session = (struct session){ .cli = cli, .types = json_object() };
	if (cli_connect(cli, address, &session->client, &err) == 0)
		return CLI_DONE;
	cli_refuse("%s", err_text(&err));
	err_clear(&err);
	return CLI_REFUSED;
}

int session_open(struct session *session, const struct cli *cli)
{
	AUTO(free_ptr) char *address = cli_address(cli, CONTROLLER);
	int status = session_open_anew(session, cli);

	if (status == CLI_DONE)
		session->token = token_read(address);
	return status;
}

void session_close(struct session *session)
{
	secret_free(&session->token);
	wire_client_free(session->client);
	json_decref(session->types);
}

int session_call(struct session *session, const char *method, json_t *parameters, json_t **answer)
{
	AUTO(free_ptr) char *full = mem_format("%s.%s", CONTROLLER, method);
	struct wire_answer said = WIRE_ANSWER_NONE;
	struct err err = ERR_NONE;
	int status = CLI_DONE;

	if (session->token)
		json_object_set_new(parameters, "token", json_string(session->token));
	if (wire_client_call(session->client, full, parameters, &said, &err) == 0)
		*answer = json_incref(said.parameters);
	else if (said.error)
		status = cli_refuse_answer(session->cli, &said);
	else
		status = cli_refuse("%s", err_text(&err));
	json_decref(parameters);
	wire_answer_clear(&said);
	err_clear(&err);
	return status;
}

/* The next answer of a stream; '*more' becomes whether there is another. */
static int receive(struct session *session, session_each_fn *each, void *data, bool *more)
{
	struct wire_answer said = WIRE_ANSWER_NONE;
	struct err err = ERR_NONE;
	int status;

	if (wire_client_receive(session->client, &said, &err) < 0)
		status = cli_refuse_err(&err);
	else if (said.error)
		status = cli_refuse_answer(session->cli, &said);
	else
		status = each(session, said.parameters, data);
	*more = said.continues;
	wire_answer_clear(&said);
	return status;
}

int session_stream(struct session *session, const char *method, json_t *parameters,
		   session_each_fn *each, void *data)
{
	AUTO(free_ptr) char *full = mem_format("%s.%s", CONTROLLER, method);
	struct err err = ERR_NONE;
	int status = CLI_DONE;
	bool more = true;

	if (session->token)
		json_object_set_new(parameters, "token", json_string(session->token));
	if (wire_client_send(session->client, full, parameters, true, &err) < 0)
		status = cli_refuse_err(&err);
	json_decref(parameters);
	while (status == CLI_DONE && more) {
		status = receive(session, each, data, &more);
		if (fflush(session->cli->out) == EOF && status == CLI_DONE)
			status = cli_refuse("standard output: %s", strerror(errno));
	}
	return status;
}

int session_describe(struct session *session, const char *type, const json_t **ret)
{
	json_t *answer, *found = json_object_get(session->types, type);
	int status = CLI_DONE;

	if (!found) {
		status = session_call(session, "Describe", json_pack("{s:s}", "type", type),
				      &answer);
		if (status != CLI_DONE)
			return status;
		found = json_array_get(json_object_get(answer, "types"), 0);
		json_object_set(session->types, type, found);
		json_decref(answer);
	}
	*ret = json_object_get(session->types, type);
	return status;
}

const json_t *described(const json_t *list, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *called = field_text(one, "name");

		if (called && strcmp(called, name) == 0)
			return one;
	}
	return NULL;
}

static bool can_be_uuid(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._:-", text[i]))
			return false;
	return length >= 1 && length <= 64;
}

/* How many there are with this text in the field, and the first one's uuid. */
static int look_up(struct session *session, const char *type, const char *field, const char *called,
		   size_t *n, char **uuid)
{
	json_t *parameters =
		json_pack("{s:s, s:[{s:s, s:s, s:s}], s:[s], s:i}", "type", type, "conditions",
			  "field", field, "op", "=", "value", called, "fields", "uuid", "limit", 2);
	json_t *answer, *objects;
	int status;

	if (!parameters)
		return cli_refuse("\"%s\" is no text", called);
	status = session_call(session, "Query", parameters, &answer);
	if (status != CLI_DONE)
		return status;
	objects = json_object_get(answer, "objects");
	*n = json_array_size(objects);
	*uuid = *n ? mem_text(field_text(json_array_get(objects, 0), "uuid")) : NULL;
	json_decref(answer);
	return CLI_DONE;
}

int session_resolve(struct session *session, const char *type, const char *called, char **ret)
{
	const json_t *description;
	char *uuid = NULL;
	size_t n = 0;
	int status = session_describe(session, type, &description);

	if (status == CLI_DONE && can_be_uuid(called))
		status = look_up(session, type, "uuid", called, &n, &uuid);
	if (status == CLI_DONE && !n && described(json_object_get(description, "fields"), "name"))
		status = look_up(session, type, "name", called, &n, &uuid);
	if (status != CLI_DONE)
		return status;
	if (n == 1) {
		*ret = uuid;
		return CLI_DONE;
	}
	free(uuid);
	if (n)
		return cli_refuse("several %ss are called %s: name one by its uuid", type, called);
	return cli_refuse("there is no %s %s", type, called);
}

int session_ask_of_object(struct cli *cli, const char *method, json_t **answer)
{
	const char *type = cli->arguments[0];
	AUTO(free_ptr) char *uuid = NULL;
	struct session session;
	int status = session_open(&session, cli);

	if (status != CLI_DONE)
		return status;
	status = session_resolve(&session, type, cli->arguments[1], &uuid);
	if (status == CLI_DONE)
		status = session_call(&session, method,
				      json_pack("{s:s, s:s}", "type", type, "uuid", uuid), answer);
	session_close(&session);
	return status;
}
