/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls to a daemon, and what it refuses in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/command.h"

static const char *text_of(json_t *parameters, const char *name)
{
	const char *text = json_string_value(json_object_get(parameters, name));

	return text ? text : "";
}

static void say_error(const struct wire_answer *answer)
{
	const char *name = strrchr(answer->error, '.');

	name = name ? name + 1 : answer->error;
	if (strcmp(name, "InvalidState") == 0)
		fprintf(stderr, "%s: %s\n", text_of(answer->parameters, "path"),
			text_of(answer->parameters, "reason"));
	else if (strcmp(name, "RevisionMismatch") == 0)
		fprintf(stderr, "another revision is held: %lld\n",
			(long long)json_integer_value(json_object_get(answer->parameters, "held")));
	else if (strcmp(name, "NotSupported") == 0)
		fprintf(stderr, "not supported: %s: %s\n",
			text_of(answer->parameters, "capability"),
			text_of(answer->parameters, "reason"));
	else if (strcmp(name, "NotFound") == 0)
		fprintf(stderr, "there is no \"%s\"\n", text_of(answer->parameters, "uuid"));
	else if (strcmp(name, "Busy") == 0)
		fprintf(stderr, "busy: %s\n", text_of(answer->parameters, "reason"));
	else
		fprintf(stderr, "%s\n", answer->error);
}

static int talk(struct wire_client *client, const char *method, json_t *parameters, bool more,
		show_fn *show, const struct call *call, struct err *err)
{
	struct wire_answer answer = { 0 };
	bool refused, goes_on;

	if (wire_client_send(client, method, parameters, more, err) < 0)
		return EXIT_REFUSED;
	do {
		if (wire_client_receive(client, &answer, err) < 0)
			return EXIT_REFUSED;
		refused = answer.error != NULL;
		goes_on = answer.continues;
		if (refused)
			say_error(&answer);
		else
			show(call, answer.parameters);
		wire_answer_clear(&answer);
		fflush(stdout);
	} while (goes_on);
	return refused ? EXIT_REFUSED : EXIT_SUCCESS;
}

int call_full(const char *socket, const char *method, json_t *parameters, bool more, show_fn *show,
	      const struct call *call)
{
	struct wire_client *client = NULL;
	struct err err = ERR_NONE;
	int status = EXIT_REFUSED;

	if (wire_client_new(socket, NULL, &client, &err) == 0)
		status = talk(client, method, parameters, more, show, call, &err);
	if (err.code)
		fprintf(stderr, "weft: %s\n", err_text(&err));
	err_clear(&err);
	wire_client_free(client);
	json_decref(parameters);
	return status;
}

static const char *socket_of(const struct call *call)
{
	const char *other = getenv(call->target->socket_variable);

	if (call->options->socket)
		return call->options->socket;
	return other ? other : call->target->socket;
}

int call_method(const struct call *call, const char *method, json_t *parameters, bool more,
		show_fn *show)
{
	AUTO(free_ptr) char *full = mem_format("%s.%s", call->target->interface, method);

	return call_full(socket_of(call), full, parameters, more,
			 call->options->json ? show_json : show, call);
}

json_t *read_json(const char *path)
{
	json_error_t where;
	json_t *json = strcmp(path, "-") == 0
			       ? json_loadf(stdin, JSON_REJECT_DUPLICATES, &where)
			       : json_load_file(path, JSON_REJECT_DUPLICATES, &where);

	if (!json)
		fprintf(stderr, "%s:%d:%d: %s\n", path, where.line, where.column, where.text);
	return json;
}
