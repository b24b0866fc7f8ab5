/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a daemon, and what it answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/cli.h"

/* A path alone is a UNIX socket's. */
static char *full_address(const char *given)
{
	return mem_format("%s%s", given[0] == '/' ? "unix:" : "", given);
}

char *cli_address(const struct cli *cli, const char *interface)
{
	if (cli_has(cli, OPTION_SOCKET))
		return full_address(cli->values[OPTION_SOCKET]);
	for (const struct service *at = services; at->interface; at++) {
		const char *given;

		if (strcmp(at->interface, interface) != 0)
			continue;
		given = getenv(at->variable);
		return full_address(given && *given ? given : at->address);
	}
	return NULL;
}

static int open_tls(const struct cli *cli, struct wire_tls **ret, struct err *err)
{
	static const enum cli_option needed[] = { OPTION_TLS_CA, OPTION_TLS_CERTIFICATE,
						  OPTION_TLS_KEY };
	int done;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!cli_has(cli, needed[i]))
			return err_set(err, -EINVAL, "a tcp address needs --%s",
				       option_types[needed[i]].name);
	done = wire_tls_new(cli->values[OPTION_TLS_CA], cli->values[OPTION_TLS_CERTIFICATE],
			    cli->values[OPTION_TLS_KEY], ret, err);
	if (done == 0 && cli_has(cli, OPTION_TLS_NAME))
		wire_tls_expect(*ret, cli->values[OPTION_TLS_NAME]);
	return done;
}

int cli_connect(const struct cli *cli, const char *address, struct wire_client **ret,
		struct err *err)
{
	struct wire_tls *tls = NULL;
	int done = strncmp(address, "tcp:", 4) == 0 ? open_tls(cli, &tls, err) : 0;

	if (done == 0)
		done = wire_client_new(address, tls, ret, err);
	wire_tls_free(tls); /* The connection holds what it needs. */
	return done;
}

/* An error is an answer too: for machines it is printed as one. */
int cli_refuse_answer(const struct cli *cli, const struct wire_answer *answer)
{
	struct err err = ERR_NONE;

	if (cli_has(cli, OPTION_JSON)) {
		json_t *json = json_pack("{s:s, s:O}", "error", answer->error, "parameters",
					 answer->parameters);

		cli_print_json(cli, json);
		json_decref(json);
	}
	wire_answer_err(answer, &err);
	return cli_refuse_err(&err);
}

static int receive_all(const struct cli *cli, struct wire_client *client, cli_each_fn *each)
{
	struct wire_answer answer = WIRE_ANSWER_NONE;
	struct err err = ERR_NONE;
	int status = CLI_DONE;
	bool more;

	do {
		if (wire_client_receive(client, &answer, &err) < 0) {
			cli_refuse("%s", err_text(&err));
			err_clear(&err);
			return CLI_REFUSED;
		}
		more = answer.continues;
		if (answer.error)
			status = cli_refuse_answer(cli, &answer);
		else
			each(cli, answer.parameters);
		wire_answer_clear(&answer);
		fflush(cli->out);
	} while (more && status == CLI_DONE && !ferror(cli->out));
	return status;
}

int cli_stream_at(const struct cli *cli, const char *address, const char *method,
		  json_t *parameters, bool more, cli_each_fn *each)
{
	struct wire_client *client = NULL;
	struct err err = ERR_NONE;
	int status;

	if (cli_connect(cli, address, &client, &err) < 0 ||
	    wire_client_send(client, method, parameters, more, &err) < 0)
		status = cli_refuse("%s", err_text(&err));
	else
		status = receive_all(cli, client, each);
	err_clear(&err);
	wire_client_free(client);
	json_decref(parameters);
	return status;
}

static int call_own(const struct cli *cli, const char *method, json_t *parameters, bool more,
		    cli_each_fn *each)
{
	AUTO(free_ptr) char *address = cli_address(cli, cli->service->interface);
	AUTO(free_ptr) char *full = mem_format("%s.%s", cli->service->interface, method);

	return cli_stream_at(cli, address, full, parameters, more, each);
}

int cli_stream(const struct cli *cli, const char *method, json_t *parameters, cli_each_fn *each)
{
	return call_own(cli, method, parameters, true, each);
}

int cli_call(const struct cli *cli, const char *method, json_t *parameters, cli_each_fn *each)
{
	return call_own(cli, method, parameters, false, each);
}
