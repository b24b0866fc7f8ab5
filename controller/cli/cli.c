/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the command line by the tables and runs the command. */
#include "controller/cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long() returns this plus an enum cli_option. */
#define LONG_BASE 256

static void build_getopt(struct option *longs, char *letters)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		const struct option_type *type = &option_types[i];

		longs[i] = (struct option){ type->name, type->argument ? 1 : 0, NULL,
					    LONG_BASE + (int)i };
		if (!type->letter)
			continue;
		*letters++ = type->letter;
		if (type->argument)
			*letters++ = ':';
	}
	longs[i] = (struct option){ NULL, 0, NULL, 0 };
	*letters = '\0';
}

static int option_found(int found)
{
	if (found >= LONG_BASE)
		return found - LONG_BASE;
	for (int i = 0; i < N_OPTIONS; i++)
		if (option_types[i].letter == found)
			return i;
	return -1;
}

/* Options may stand anywhere; what is left is in cli->arguments. */
static int read_options(struct cli *cli, int argc, char **argv)
{
	struct option longs[N_OPTIONS + 1];
	char letters[2 * N_OPTIONS + 1];
	int found;

	build_getopt(longs, letters);
	optind = 0; /* This may be called more than once in a process. */
	while ((found = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		int option = option_found(found);

		if (option < 0)
			return cli_hint(); /* getopt has said what is wrong. */
		cli->given |= OPTION_BIT(option);
		cli->values[option] = optarg ? optarg : "";
	}
	cli->arguments = argv + optind;
	cli->n_arguments = argc - optind;
	return CLI_DONE;
}

static char *shift(struct cli *cli)
{
	if (!cli->n_arguments)
		return NULL;
	cli->n_arguments--;
	return *cli->arguments++;
}

/* "router", "router apply", "call": as much of it as there is. */
static int find_command(struct cli *cli)
{
	const char *word = shift(cli);

	if (!word)
		return CLI_DONE;
	for (const struct service *at = services; at->interface; at++)
		if (at->word && strcmp(at->word, word) == 0)
			cli->service = at;
	if (cli->service)
		word = shift(cli);
	for (const struct command *at = commands; word && at->name; at++)
		if (at->of_service == !!cli->service && strcmp(at->name, word) == 0)
			cli->command = at;
	if (word && !cli->command)
		return cli_misused("there is no command \"%s%s%s\"",
				   cli->service ? cli->service->word : "", cli->service ? " " : "",
				   word);
	return CLI_DONE;
}

static int check(const struct cli *cli)
{
	const struct command *command = cli->command;

	for (unsigned int i = 0; i < N_OPTIONS; i++)
		if (cli_has(cli, i) && !option_types[i].common &&
		    !(command->options & OPTION_BIT(i)))
			return cli_misused("%s takes no --%s", command->name, option_types[i].name);
	if (cli->n_arguments < command->min)
		return cli_misused("%s needs %s", command->name, command->arguments);
	if (cli->n_arguments > command->max)
		return cli_misused("%s: \"%s\" is too much", command->name,
				   cli->arguments[command->max]);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	int status = check(cli);

	if (status == CLI_DONE)
		status = cli->command->run(cli);
	if ((fflush(cli->out) == EOF || ferror(cli->out)) && status == CLI_DONE)
		status = cli_refuse("standard output: %s", strerror(errno));
	return status;
}

int cli_main(int argc, char **argv)
{
	struct cli cli = { .out = stdout };
	int status = read_options(&cli, argc, argv);

	if (status != CLI_DONE)
		return status;
	if (cli_has(&cli, OPTION_VERSION)) {
		printf("weft %s\n", WEFT_VERSION);
		return CLI_DONE;
	}
	status = find_command(&cli);
	if (status != CLI_DONE)
		return status;
	if (cli_has(&cli, OPTION_HELP)) {
		help_print(stdout, cli.service, cli.command);
		return CLI_DONE;
	}
	if (!cli.command) {
		help_print(stderr, cli.service, NULL);
		return CLI_USAGE;
	}
	return run(&cli);
}
