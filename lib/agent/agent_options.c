/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of an agent. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/base/log.h"

#define EXIT_USAGE 2

enum option_name { OPTION_CA = 256, OPTION_CERTIFICATE, OPTION_KEY, OPTION_VERSION };

static const struct option options[] = {
	{ "state-dir", required_argument, NULL, 's' },
	{ "run-dir", required_argument, NULL, 'r' },
	{ "socket", required_argument, NULL, 'l' },
	{ "config", required_argument, NULL, 'c' },
	{ "tls-ca", required_argument, NULL, OPTION_CA },
	{ "tls-certificate", required_argument, NULL, OPTION_CERTIFICATE },
	{ "tls-key", required_argument, NULL, OPTION_KEY },
	{ "debug", no_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

static void usage(const struct agent_type *type, FILE *out)
{
	fprintf(out,
		"usage: %s [OPTION]...\n"
		"%s\n\n"
		"  --state-dir DIR         where the document is kept (%s)\n"
		"  --run-dir DIR           what lives as long as the machine runs (%s)\n"
		"  --socket ADDRESS        unix:PATH or tcp:HOST:PORT, may be repeated (%s)\n"
		"  --config FILE           a document to start with when none is kept yet\n"
		"  --tls-ca FILE           who may come by tcp, and what this agent shows:\n"
		"  --tls-certificate FILE  PEM files, all three needed for a tcp address\n"
		"  --tls-key FILE\n"
		"  --debug                 say more\n"
		"  --help, --version\n",
		type->program, type->description, type->default_state, type->default_run,
		type->default_socket);
}

static void set(char **option, const char *value)
{
	free(*option);
	*option = mem_text(value);
}

static void add_socket(struct agent_options *out, const char *address)
{
	mem_grow(&out->sockets, &out->sockets_room, out->n_sockets + 1, sizeof(*out->sockets));
	out->sockets[out->n_sockets++] = mem_text(address);
}

/* One option; -1: go on. */
static int take(struct agent *agent, int option)
{
	struct agent_options *out = &agent->options;

	switch (option) {
	case 's':
		set(&out->state_dir, optarg);
		return -1;
	case 'r':
		set(&out->run_dir, optarg);
		return -1;
	case 'l':
		add_socket(out, optarg);
		return -1;
	case 'c':
		set(&out->config, optarg);
		return -1;
	case OPTION_CA:
		set(&out->tls_ca, optarg);
		return -1;
	case OPTION_CERTIFICATE:
		set(&out->tls_certificate, optarg);
		return -1;
	case OPTION_KEY:
		set(&out->tls_key, optarg);
		return -1;
	case 'd':
		log_set_level(LOG_LEVEL_DEBUG);
		return -1;
	case 'h':
		usage(agent->type, stdout);
		return EXIT_SUCCESS;
	case OPTION_VERSION:
		printf("%s %s\n", agent->type->program, WEFT_VERSION);
		return EXIT_SUCCESS;
	default:
		usage(agent->type, stderr);
		return EXIT_USAGE;
	}
}

int agent_options_read(struct agent *agent, int argc, char **argv)
{
	struct agent_options *out = &agent->options;
	int option;

	set(&out->state_dir, agent->type->default_state);
	set(&out->run_dir, agent->type->default_run);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		int status = take(agent, option);

		if (status >= 0)
			return status;
	}
	if (optind < argc) {
		fprintf(stderr, "%s: \"%s\" is no option\n", agent->type->program, argv[optind]);
		return EXIT_USAGE;
	}
	if (!out->n_sockets)
		add_socket(out, agent->type->default_socket);
	return -1;
}

void agent_options_clear(struct agent_options *out)
{
	for (size_t i = 0; i < out->n_sockets; i++)
		free(out->sockets[i]);
	free(out->sockets);
	free(out->state_dir);
	free(out->run_dir);
	free(out->config);
	free(out->tls_ca);
	free(out->tls_certificate);
	free(out->tls_key);
}
