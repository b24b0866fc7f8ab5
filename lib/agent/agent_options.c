/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of an agent, one table. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/base/log.h"

#define EXIT_USAGE 2

struct agent_option {
	const char *name;
	const char *argument; /* NULL: it takes none. */
	const char *doc;
	size_t fallback; /* Where in struct agent_type its default stands; 0: it has none. */
};

enum {
	OPTION_STATE_DIR,
	OPTION_RUN_DIR,
	OPTION_SOCKET,
	OPTION_CONFIG,
	OPTION_CONTROLLER,
	OPTION_TOKEN_FILE,
	OPTION_CA,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_METRICS,
	OPTION_DEBUG,
	OPTION_HELP,
	OPTION_VERSION,
	N_OPTIONS,
};

static const struct agent_option option_types[] = {
	[OPTION_STATE_DIR] = { "state-dir", "DIR", "where the document is kept",
			       offsetof(struct agent_type, default_state) },
	[OPTION_RUN_DIR] = { "run-dir", "DIR", "what lives as long as the machine runs",
			     offsetof(struct agent_type, default_run) },
	[OPTION_SOCKET] = { "socket", "ADDRESS", "unix:PATH or tcp:HOST:PORT, may be repeated",
			    offsetof(struct agent_type, default_socket) },
	[OPTION_CONFIG] = { "config", "FILE", "a document to start with when none is kept yet", 0 },
	[OPTION_CONTROLLER] = { "controller", "ADDRESS",
				"tcp:HOST:PORT, whose document it is that is made true", 0 },
	[OPTION_TOKEN_FILE] = { "token-file", "FILE", "what it enrols there with: see weft enroll",
				0 },
	[OPTION_CA] = { "tls-ca", "FILE", "for tcp: the authority of those who may come", 0 },
	[OPTION_CERTIFICATE] = { "tls-certificate", "FILE", "for tcp: what this agent shows", 0 },
	[OPTION_KEY] = { "tls-key", "FILE", "for tcp: its key", 0 },
	[OPTION_METRICS] = { "metrics", "ADDRESS", "where a monitoring reads figures by HTTP", 0 },
	[OPTION_DEBUG] = { "debug", NULL, "say more", 0 },
	[OPTION_HELP] = { "help", NULL, "say how it is used", 0 },
	[OPTION_VERSION] = { "version", NULL, "say the version", 0 },
};

static void usage(const struct agent_type *type, FILE *out)
{
	fprintf(out, "usage: %s [OPTION]...\n%s\n\n", type->program, type->description);
	for (const struct agent_option *at = option_types; at < option_types + N_OPTIONS; at++) {
		AUTO(free_ptr)
		char *name = mem_format("--%s %s", at->name, at->argument ? at->argument : "");

		fprintf(out, "  %-23s %s", name, at->doc);
		if (at->fallback)
			fprintf(out, " (%s)",
				*(const char *const *)((const char *)type + at->fallback));
		fputc('\n', out);
	}
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
	case OPTION_STATE_DIR:
		set(&out->state_dir, optarg);
		return -1;
	case OPTION_RUN_DIR:
		set(&out->run_dir, optarg);
		return -1;
	case OPTION_SOCKET:
		add_socket(out, optarg);
		return -1;
	case OPTION_CONFIG:
		set(&out->config, optarg);
		return -1;
	case OPTION_CONTROLLER:
		set(&out->controller, optarg);
		return -1;
	case OPTION_TOKEN_FILE:
		set(&out->token_file, optarg);
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
	case OPTION_METRICS:
		set(&out->metrics, optarg);
		return -1;
	case OPTION_DEBUG:
		log_set_level(LOG_LEVEL_DEBUG);
		return -1;
	case OPTION_HELP:
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
	struct option options[N_OPTIONS + 1] = { 0 };
	struct agent_options *out = &agent->options;
	int option;

	for (int i = 0; i < N_OPTIONS; i++)
		options[i] = (struct option){
			.name = option_types[i].name,
			.has_arg = option_types[i].argument ? required_argument : no_argument,
			.val = i,
		};
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
	free(out->metrics);
	free(out->controller);
	free(out->token_file);
}
