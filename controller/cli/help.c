/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -h, at every depth. */
#include "controller/cli/cli.h"

static void print_option(FILE *to, const struct option_type *type)
{
	char letter[] = { '-', type->letter, ',', '\0' };
	AUTO(free_ptr)
	char *name = mem_format("%s --%s%s%s", type->letter ? letter : "   ", type->name,
				type->argument ? " " : "", type->argument ? type->argument : "");

	fprintf(to, "  %-28s %s\n", name, type->doc);
}

static void print_options(FILE *to, unsigned int own)
{
	if (own)
		fputs("\nOptions of this command:\n", to);
	for (unsigned int i = 0; i < N_OPTIONS; i++)
		if (own & OPTION_BIT(i))
			print_option(to, &option_types[i]);
	fputs("\nOptions of all commands:\n", to);
	for (unsigned int i = 0; i < N_OPTIONS; i++)
		if (option_types[i].common)
			print_option(to, &option_types[i]);
}

static void print_command(FILE *to, const struct service *service, const struct command *command)
{
	AUTO(free_ptr)
	char *name = mem_format("%s%s%s %s", service ? service->word : "", service ? " " : "",
				command->name, command->arguments);

	fprintf(to, "  %-48s %s\n", name, command->summary);
}

static void print_commands(FILE *to, const struct service *service, bool of_controller)
{
	for (const struct command *at = commands; at->name; at++)
		if (at->of_service == !!service && !!at->model == of_controller)
			print_command(to, service, at);
}

static void print_all(FILE *to)
{
	fputs("Usage: weft COMMAND [ARGUMENTS] [OPTIONS]\n", to);
	for (const struct service *at = services; at->interface; at++) {
		fprintf(to, "\nOf %s:\n", at->summary);
		print_commands(to, at->word ? at : NULL, !at->word);
	}
	fputs("\nOf all daemons:\n", to);
	print_commands(to, NULL, false);
}

void help_print(FILE *to, const struct service *service, const struct command *command)
{
	if (command) {
		fprintf(to, "Usage: weft %s%s%s %s%s[OPTIONS]\n\n%s.\n",
			service ? service->word : "", service ? " " : "", command->name,
			command->arguments, *command->arguments ? " " : "", command->summary);
	} else if (service) {
		fprintf(to, "Usage: weft %s COMMAND [ARGUMENTS] [OPTIONS]\n\nOf %s:\n",
			service->word, service->summary);
		print_commands(to, service, false);
	} else {
		print_all(to);
	}
	print_options(to, command ? command->options : 0);
}
