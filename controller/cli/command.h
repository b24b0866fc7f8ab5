/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command.h - the commands of weft, one table. */
#ifndef WEFT_CLI_COMMAND_H
#define WEFT_CLI_COMMAND_H

#include <jansson.h>

#include "lib/wire/client.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE   2

struct target {
	const char *word;            /* "router". */
	const char *interface;       /* "io.weft.VRouter". */
	const char *socket;          /* Where it is by default. */
	const char *socket_variable; /* The environment's other place. */
};

struct options {
	const char *socket; /* -s; NULL: the target's own. */
	bool json, dry_run, follow;
	const char *interface, *from_port, *count, *seconds;
};

struct call {
	const struct target *target;
	const struct options *options;
	char **words; /* Behind the command. */
	int n;
};

struct command {
	const char *word;
	const char *usage; /* Behind "weft TARGET WORD". */
	const char *about;
	int words_min, words_max;
	int (*run)(const struct call *call); /* The exit status. */
};

extern const struct command commands[]; /* Of a router or host; ends with a NULL word. */
extern const struct target targets[];   /* Likewise. */

/* The word's row; NULL: there is none. */
const struct target *target_find(const char *word);
const struct command *command_find(const char *word);

/* Calls a method and hands each answer to 'show'; says on standard error what went wrong. */
typedef void show_fn(const struct call *call, json_t *reply);
int call_method(const struct call *call, const char *method, json_t *parameters, bool more,
		show_fn *show);
int call_full(const char *socket, const char *method, json_t *parameters, bool more, show_fn *show,
	      const struct call *call);

/* A file's JSON, or standard input's for "-"; NULL after saying why not. */
json_t *read_json(const char *path);

int run_completion(const char *shell);

show_fn show_json, show_plan, show_status, show_counters, show_steps;

#endif
