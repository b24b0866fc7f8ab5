/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"

#define EXIT_USAGE     2
#define CERTIFICATE_S  7776000
#define TEXT_OF(x)     TEXT_OF_(x)
#define TEXT_OF_(x)    #x
#define LIFETIME_MAX   315360000 /* Not longer than the authority's own. */
#define DEFAULT_STATE  "/var/lib/weft/controller"
#define DEFAULT_SOCKET "unix:/run/weft/controller.sock"

enum {
	OPTION_STATE_DIR,
	OPTION_DATABASE,
	OPTION_SOCKET,
	OPTION_AGENTS,
	OPTION_LIFETIME,
	OPTION_CA,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_HTTPS,
	OPTION_HTTPS_CERTIFICATE,
	OPTION_HTTPS_KEY,
	OPTION_BACKUP,
	OPTION_RESTORE,
	OPTION_DEBUG,
	OPTION_HELP,
	OPTION_VERSION,
	N_OPTIONS,
};

static const struct {
	const char *name, *argument, *doc;
} option_types[N_OPTIONS] = {
	[OPTION_STATE_DIR] = { "state-dir", "DIR", "where the model is kept (" DEFAULT_STATE ")" },
	[OPTION_DATABASE] = { "database", "URI",
			      "postgresql://..., instead of a file in the state directory" },
	[OPTION_SOCKET] = { "socket", "ADDRESS",
			    "unix:PATH or tcp:HOST:PORT, may be repeated (" DEFAULT_SOCKET ")" },
	[OPTION_AGENTS] = { "agents", "ADDRESS",
			    "tcp:HOST:PORT where agents of hosts and routers dial, may be "
			    "repeated" },
	[OPTION_LIFETIME] = { "certificate-lifetime", "SECONDS",
			      "how long agents' certificates hold (" TEXT_OF(CERTIFICATE_S) ")" },
	[OPTION_CA] = { "tls-ca", "FILE", "for tcp: the authority of those who may come" },
	[OPTION_CERTIFICATE] = { "tls-certificate", "FILE", "for tcp: what the daemon shows" },
	[OPTION_KEY] = { "tls-key", "FILE", "for tcp: its key" },
	[OPTION_HTTPS] = { "https", "ADDRESS", "HOST:PORT where REST is served" },
	[OPTION_HTTPS_CERTIFICATE] = { "https-certificate", "FILE",
				       "for https: what the daemon shows; its own without" },
	[OPTION_HTTPS_KEY] = { "https-key", "FILE", "for https: its key" },
	[OPTION_BACKUP] = { "backup", "FILE",
			    "write all there is to a new file, also while another one serves it; "
			    "then end" },
	[OPTION_RESTORE] = { "restore", "FILE", "fill an empty database with a backup; then end" },
	[OPTION_DEBUG] = { "debug", NULL, "say more" },
	[OPTION_HELP] = { "help", NULL, "say how it is used" },
	[OPTION_VERSION] = { "version", NULL, "say the version" },
};

static void usage(FILE *out)
{
	fputs("usage: controllerd [OPTION]...\nKeeps the model of a cloud.\n\n", out);
	for (int i = 0; i < N_OPTIONS; i++) {
		const char *argument = option_types[i].argument ? option_types[i].argument : "";
		AUTO(free_ptr) char *name = mem_format("--%s %s", option_types[i].name, argument);

		fprintf(out, "  %-31s %s\n", name, option_types[i].doc);
	}
}

static void add_socket(struct options *options, const char *address)
{
	mem_grow(&options->sockets, &options->sockets_room, options->n_sockets + 1,
		 sizeof(*options->sockets));
	options->sockets[options->n_sockets++] = address;
}

static void add_agents(struct options *options, const char *address)
{
	mem_grow(&options->agents, &options->agents_room, options->n_agents + 1,
		 sizeof(*options->agents));
	options->agents[options->n_agents++] = address;
}

/* Not repeated: it may hold a password. */
static int take_database(struct options *options, const char *uri)
{
	options->database = uri;
	if (strncmp(uri, "postgresql://", strlen("postgresql://")) == 0)
		return -1;
	fprintf(stderr, "controllerd: --database: it does not begin with postgresql://\n");
	return EXIT_USAGE;
}

static int take_lifetime(struct options *options, const char *text)
{
	char *end;

	errno = 0;
	options->certificate_s = strtoll(text, &end, 10);
	if (!errno && end != text && !*end && options->certificate_s >= 1 &&
	    options->certificate_s <= LIFETIME_MAX)
		return -1;
	fprintf(stderr, "controllerd: --certificate-lifetime: \"%s\" is not 1-%d seconds\n", text,
		LIFETIME_MAX);
	return EXIT_USAGE;
}

static int take(struct options *options, int option)
{
	switch (option) {
	case OPTION_STATE_DIR:
		options->state_dir = optarg;
		return -1;
	case OPTION_DATABASE:
		return take_database(options, optarg);
	case OPTION_SOCKET:
		add_socket(options, optarg);
		return -1;
	case OPTION_AGENTS:
		add_agents(options, optarg);
		return -1;
	case OPTION_LIFETIME:
		return take_lifetime(options, optarg);
	case OPTION_CA:
		options->tls_ca = optarg;
		return -1;
	case OPTION_CERTIFICATE:
		options->tls_certificate = optarg;
		return -1;
	case OPTION_KEY:
		options->tls_key = optarg;
		return -1;
	case OPTION_HTTPS:
		options->https = optarg;
		return -1;
	case OPTION_HTTPS_CERTIFICATE:
		options->https_certificate = optarg;
		return -1;
	case OPTION_HTTPS_KEY:
		options->https_key = optarg;
		return -1;
	case OPTION_BACKUP:
		options->backup = optarg;
		return -1;
	case OPTION_RESTORE:
		options->restore = optarg;
		return -1;
	case OPTION_DEBUG:
		log_set_level(LOG_LEVEL_DEBUG);
		return -1;
	case OPTION_HELP:
		usage(stdout);
		return EXIT_SUCCESS;
	case OPTION_VERSION:
		printf("controllerd %s\n", WEFT_VERSION);
		return EXIT_SUCCESS;
	default:
		usage(stderr);
		return EXIT_USAGE;
	}
}

int options_read(struct options *options, int argc, char **argv)
{
	struct option longs[N_OPTIONS + 1] = { 0 };
	int option;

	options->state_dir = DEFAULT_STATE;
	options->certificate_s = CERTIFICATE_S;
	for (int i = 0; i < N_OPTIONS; i++)
		longs[i] = (struct option){
			.name = option_types[i].name,
			.has_arg = option_types[i].argument ? required_argument : no_argument,
			.val = i,
		};
	while ((option = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		int status = take(options, option);

		if (status >= 0)
			return status;
	}
	if (optind < argc) {
		fprintf(stderr, "controllerd: \"%s\" is too much\n", argv[optind]);
		return EXIT_USAGE;
	}
	if (options->backup && options->restore) {
		fprintf(stderr, "controllerd: --backup and --restore do not go together\n");
		return EXIT_USAGE;
	}
	if (!options->n_sockets)
		add_socket(options, DEFAULT_SOCKET);
	return -1;
}

void options_clear(struct options *options)
{
	free(options->sockets);
	free(options->agents);
}
