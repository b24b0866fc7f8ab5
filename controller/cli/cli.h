/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.h - the program weft: one table of commands, each a call of a daemon's method.
 *
 * The table says everything about a command; help, completion and the checks of the command line
 * read it. */
#ifndef WEFT_CLI_CLI_H
#define WEFT_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/wire/client.h"

/* The exit status. */
enum {
	CLI_DONE = 0,
	CLI_REFUSED = 1, /* The reason is on standard error. */
	CLI_USAGE = 2,
};

/* A daemon, and the word that its commands begin with. */
struct service {
	const char *word; /* NULL: it has no commands of its own, only "call". */
	const char *interface;
	const char *variable; /* Of the environment: its address. */
	const char *address;  /* The default. */
	const char *summary;
};

enum cli_option {
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_JSON,
	OPTION_SOCKET,
	OPTION_TLS_CA,
	OPTION_TLS_CERTIFICATE,
	OPTION_TLS_KEY,
	OPTION_TLS_NAME,
	OPTION_DRY_RUN,
	OPTION_FORCE,
	OPTION_FOLLOW,
	OPTION_MORE,
	OPTION_KIND,
	OPTION_UUID,
	OPTION_INTERFACE,
	OPTION_FROM_PORT,
	OPTION_COUNT,
	OPTION_SECONDS,
	OPTION_SORT,
	OPTION_START,
	OPTION_LIMIT,
	OPTION_TOTAL,
	OPTION_FIELDS,
	OPTION_CSV,
	OPTION_FROM_NOW,
	OPTION_WAIT,
	OPTION_TIMEOUT,
	OPTION_WORDS,
	N_OPTIONS,
};

#define OPTION_BIT(option) (1U << (option))

struct option_type {
	const char *name;
	char letter;          /* 0: it has none. */
	const char *argument; /* NULL: it takes none. */
	bool common;          /* Every command takes it. */
	bool file;            /* The argument is a file. */
	const char *doc;
};

struct cli {
	const struct service *service; /* NULL: the command is of none. */
	const struct command *command;
	unsigned int given;            /* OPTION_BIT()s. */
	const char *values[N_OPTIONS]; /* "" for those without argument. */
	char **arguments;              /* What follows the command's name. */
	int n_arguments;
	FILE *out;
	void *data; /* The command's own. */
};

/* What the arguments of a command of the controller are: its completion asks the controller. */
enum command_model {
	MODEL_NONE,   /* It is none of the controller's. */
	MODEL_TYPE,   /* A type, then an object. */
	MODEL_FIELDS, /* A type, then (an object and) FIELD=VALUE. */
	MODEL_ACTION, /* An action, a type, an object. */
};

struct command {
	const char *name;
	bool of_service;             /* Stands after "router" or "host". */
	const char *arguments;       /* For the usage line. */
	int min, max;                /* How many of them. */
	unsigned int options;        /* OPTION_BIT()s beside the common ones. */
	const char *choices;         /* Of the first argument, for completion; NULL: any. */
	bool file;                   /* The first argument is a file. */
	int (*run)(struct cli *cli); /* Returns the exit status. */
	const char *summary;
	enum command_model model;
};

/* As many arguments as one likes. */
#define ARGUMENTS_MAX 100000

/* command.c; each table ends with a NULL name. */
extern const struct service services[];
extern const struct command commands[];
extern const struct option_type option_types[N_OPTIONS];

/* cli.c: the whole program. */
int cli_main(int argc, char **argv);

static inline bool cli_has(const struct cli *cli, enum cli_option option)
{
	return cli->given & OPTION_BIT(option);
}

/* message.c: a sentence on standard error; what came from outside cannot steer the terminal. */
int cli_refuse(const char *format, ...) PRINTF(1, 2);  /* CLI_REFUSED. */
int cli_misused(const char *format, ...) PRINTF(1, 2); /* CLI_USAGE, with a hint to -h. */
int cli_hint(void);                                    /* CLI_USAGE. */
int cli_refuse_err(struct err *err);                   /* CLI_REFUSED; clears 'err'. */
void cli_print_json(const struct cli *cli, const json_t *json);

/* help.c */
void help_print(FILE *to, const struct service *service, const struct command *command);

/* connect.c: where "io.weft.VRouter" is; the -s option or the environment decide first. NULL: no
 * service has this interface. */
char *cli_address(const struct cli *cli, const char *interface);
/* Tells an error that a service has answered with. CLI_REFUSED. */
int cli_refuse_answer(const struct cli *cli, const struct wire_answer *answer);
int cli_connect(const struct cli *cli, const char *address, struct wire_client **ret,
		struct err *err);

/* Calls METHOD of the command's service; 'each' sees the answer's parameters, borrowed. Returns
 * CLI_DONE, else has printed the reason. 'parameters' is taken over. */
typedef void cli_each_fn(const struct cli *cli, const json_t *parameters);
int cli_call(const struct cli *cli, const char *method, json_t *parameters, cli_each_fn *each);

/* The same for a stream of answers. */
int cli_stream(const struct cli *cli, const char *method, json_t *parameters, cli_each_fn *each);

/* The same on an address and with a method's full name, with or without more. */
int cli_stream_at(const struct cli *cli, const char *address, const char *method,
		  json_t *parameters, bool more, cli_each_fn *each);

/* file.c: reads a JSON object from a file, "-": from standard input. NULL: the reason is told. */
json_t *cli_read_object(const char *path);
/* The same from text; 'place' is what errors call it. */
json_t *cli_parse_object(const char *text, size_t length, const char *place);

/* The commands. */
int apply_run(struct cli *cli);
int patch_run(struct cli *cli);
int reconcile_run(struct cli *cli);
int show_run(struct cli *cli);
int status_run(struct cli *cli);
int counters_run(struct cli *cli);
int object_counters_run(struct cli *cli);
int explain_run(struct cli *cli);
int trace_run(struct cli *cli);
int call_run(struct cli *cli);
int create_run(struct cli *cli);
int get_run(struct cli *cli);
int query_run(struct cli *cli);
int watch_run(struct cli *cli);
int update_run(struct cli *cli);
int delete_run(struct cli *cli);
int do_run(struct cli *cli);
int describe_run(struct cli *cli);
int document_run(struct cli *cli);
int enroll_run(struct cli *cli);
int completion_run(struct cli *cli);
int login_run(struct cli *cli);
int logout_run(struct cli *cli);
int password_run(struct cli *cli);

#endif
