/* SPDX-License-Identifier: GPL-2.0-or-later */
/* weft - the command line to routers and hosts. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/command.h"

enum option_name {
	OPTION_JSON = 256,
	OPTION_DRY_RUN,
	OPTION_FOLLOW,
	OPTION_INTERFACE,
	OPTION_FROM_PORT,
	OPTION_VERSION,
	OPTION_MORE,
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "follow", no_argument, NULL, OPTION_FOLLOW },
	{ "more", no_argument, NULL, OPTION_MORE },
	{ "interface", required_argument, NULL, OPTION_INTERFACE },
	{ "from-port", required_argument, NULL, OPTION_FROM_PORT },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

static void usage(FILE *out)
{
	fprintf(out, "usage: weft [-s ADDRESS] [--json] router|host COMMAND ...\n"
		     "       weft [-s ADDRESS] call METHOD [JSON] [--more]\n"
		     "       weft completion bash|zsh\n\n");
	for (const struct command *command = commands; command->word; command++)
		fprintf(out, "  %-10s %-26s %s\n", command->word, command->usage, command->about);
	fprintf(out, "\n-s ADDRESS is unix:PATH; exit status: 0 done, 1 refused, 2 wrong usage.\n");
}

static int wrong_usage(const char *why, const char *word)
{
	fprintf(stderr, "weft: %s%s%s\n", why, *word ? ": " : "", word);
	usage(stderr);
	return EXIT_USAGE;
}

/* -1: go on. */
static int take_option(int option, struct options *options)
{
	switch (option) {
	case 's':
		options->socket = optarg;
		return -1;
	case OPTION_JSON:
		options->json = true;
		return -1;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return -1;
	case OPTION_FOLLOW:
	case OPTION_MORE:
		options->follow = true;
		return -1;
	case OPTION_INTERFACE:
		options->interface = optarg;
		return -1;
	case OPTION_FROM_PORT:
		options->from_port = optarg;
		return -1;
	case OPTION_VERSION:
		printf("weft %s\n", WEFT_VERSION);
		return EXIT_SUCCESS;
	case 'h':
		usage(stdout);
		return EXIT_SUCCESS;
	default:
		usage(stderr);
		return EXIT_USAGE;
	}
}

/* The target whose interface a method is of. */
static const struct target *target_of(const char *method)
{
	for (const struct target *target = targets; target->word; target++)
		if (strncmp(method, target->interface, strlen(target->interface)) == 0)
			return target;
	return &targets[0];
}

static int run_call(const struct options *options, char **words, int n)
{
	struct call call = { NULL, options, words, n };
	const char *socket = options->socket;
	json_t *parameters = NULL;
	json_error_t where;

	if (n < 1 || n > 2)
		return wrong_usage("call METHOD [JSON]", "");
	call.target = target_of(words[0]);
	if (n == 2 && !(parameters = json_loads(words[1], JSON_REJECT_DUPLICATES, &where))) {
		fprintf(stderr, "weft: %s at byte %d\n", where.text, where.position);
		return EXIT_USAGE;
	}
	if (!socket)
		socket = getenv(call.target->socket_variable);
	return call_full(socket ? socket : call.target->socket, words[0], parameters,
			 options->follow, show_json, &call);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct call call = { .options = &options };
	const struct command *command;
	int option;

	while ((option = getopt_long(argc, argv, "s:h", long_options, NULL)) >= 0) {
		int status = take_option(option, &options);

		if (status >= 0)
			return status;
	}
	argv += optind;
	argc -= optind;
	if (argc < 1)
		return wrong_usage("what is to be done?", "");
	if (strcmp(argv[0], "call") == 0)
		return run_call(&options, argv + 1, argc - 1);
	if (strcmp(argv[0], "completion") == 0 && argc == 2)
		return run_completion(argv[1]);
	call.target = target_find(argv[0]);
	if (!call.target)
		return wrong_usage("there is no command", argv[0]);
	command = argc > 1 ? command_find(argv[1]) : NULL;
	if (!command)
		return wrong_usage("there is no command", argc > 1 ? argv[1] : argv[0]);
	call.words = argv + 2;
	call.n = argc - 2;
	if (call.n < command->words_min || call.n > command->words_max)
		return wrong_usage(command->usage, "");
	return command->run(&call);
}
