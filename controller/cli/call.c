/* SPDX-License-Identifier: GPL-2.0-or-later */
/* call: any method of any daemon. */
#include <stdlib.h>
#include <string.h>

#include "controller/cli/cli.h"

static void print_answer(const struct cli *cli, const json_t *answer)
{
	cli_print_json(cli, answer);
}

/* For machines that read a stream: one answer a line. */
static void print_line(const struct cli *cli, const json_t *answer)
{
	json_dumpf(answer, cli->out, JSON_COMPACT);
	fputc('\n', cli->out);
}

/* A method without its interface is one of what the service at 'address' is there for: its own
 * interface, not the one that every service has. NULL: the reason is told. */
static char *complete_method(const struct cli *cli, const char *address, const char *method)
{
	struct wire_answer answer = WIRE_ANSWER_NONE;
	struct wire_client *client = NULL;
	struct err err = ERR_NONE;
	char *full = NULL;
	const json_t *name;
	size_t i;

	if (cli_connect(cli, address, &client, &err) < 0 ||
	    wire_client_call(client, "org.varlink.service.GetInfo", NULL, &answer, &err) < 0)
		cli_refuse("%s", err_text(&err));
	json_array_foreach (json_object_get(answer.parameters, "interfaces"), i, name)
		if (!full && json_is_string(name) &&
		    strncmp(json_string_value(name), "org.varlink.", 12) != 0)
			full = mem_format("%s.%s", json_string_value(name), method);
	if (!full && !err.code)
		cli_refuse("%s: it has no interface of its own", address);
	wire_answer_clear(&answer);
	wire_client_free(client);
	err_clear(&err);
	return full;
}

static char *find_address(const struct cli *cli, const char *method)
{
	const char *dot = strrchr(method, '.');
	AUTO(free_ptr) char *interface = mem_text_n(method, dot ? (size_t)(dot - method) : 0);

	return cli_address(cli, interface);
}

static json_t *read_parameters(const struct cli *cli)
{
	if (cli->n_arguments < 2)
		return json_object();
	if (strcmp(cli->arguments[1], "-") == 0)
		return cli_read_object("-");
	return cli_parse_object(cli->arguments[1], strlen(cli->arguments[1]), "JSON");
}

int call_run(struct cli *cli)
{
	const char *method = cli->arguments[0];
	AUTO(free_ptr) char *address = find_address(cli, method);
	AUTO(free_ptr) char *full = NULL;
	bool more = cli_has(cli, OPTION_MORE);
	json_t *parameters;

	if (!address)
		return cli_misused("%s: which daemon has it? -s says where it is", method);
	parameters = read_parameters(cli);
	if (!parameters)
		return CLI_REFUSED;
	full = strchr(method, '.') ? mem_text(method) : complete_method(cli, address, method);
	if (full)
		return cli_stream_at(cli, address, full, parameters, more,
				     more ? print_line : print_answer);
	json_decref(parameters);
	return CLI_REFUSED;
}
