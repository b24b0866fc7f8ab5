/* SPDX-License-Identifier: GPL-2.0-or-later */
/* completion: scripts for bash and zsh, written from the tables. */
#include <string.h>

#include "controller/cli/cli.h"

static void print_option_words(FILE *to, unsigned int own)
{
	for (unsigned int i = 0; i < N_OPTIONS; i++) {
		if (!option_types[i].common && !(own & OPTION_BIT(i)))
			continue;
		fprintf(to, " --%s", option_types[i].name);
		if (option_types[i].letter)
			fprintf(to, " -%c", option_types[i].letter);
	}
}

static void print_command_words(FILE *to, bool of_service)
{
	for (const struct command *at = commands; at->name; at++)
		if (at->of_service == of_service)
			fprintf(to, " %s", at->name);
	for (const struct service *at = services; !of_service && at->interface; at++)
		if (at->word)
			fprintf(to, " %s", at->word);
}

/* "-s|--socket": the options with an argument, of files or of others. */
static void print_valued(FILE *to, bool file)
{
	const char *between = "";

	for (unsigned int i = 0; i < N_OPTIONS; i++) {
		const struct option_type *type = &option_types[i];

		if (!type->argument || type->file != file)
			continue;
		fprintf(to, "%s--%s", between, type->name);
		between = "|";
		if (type->letter)
			fprintf(to, "|-%c", type->letter);
	}
}

/* The words before the cursor without options and their arguments: 'first', 'second', 'n'. Bash
 * cuts words at : and = as well. */
static void bash_words(FILE *to)
{
	fputs("\tlocal current=${COMP_WORDS[COMP_CWORD]} first= second= n=0 skip= word i\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tword=${COMP_WORDS[i]}\n"
	      "\t\tif [ \"$word\" = = ]; then continue; fi\n"
	      "\t\tif [ -n \"$skip\" ]; then skip=; continue; fi\n"
	      "\t\tcase $word in\n\t\t:|",
	      to);
	print_valued(to, true);
	fputc('|', to);
	print_valued(to, false);
	fputs(") skip=$word ;;\n"
	      "\t\t-?*) ;;\n"
	      "\t\t*) n=$((n + 1))\n"
	      "\t\t\t[ $n = 1 ] && first=$word\n"
	      "\t\t\t[ $n = 2 ] && second=$word ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tCOMPREPLY=()\n"
	      "\tcase $skip in\n\t:|",
	      to);
	print_valued(to, true);
	fputs(") mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
	      "\t?*) return ;;\n"
	      "\tesac\n",
	      to);
}

/* Types, fields and actions are asked of the controller, which may be absent. */
static void bash_model(FILE *to, enum command_model model)
{
	static const char ask[] = "words=$(weft describe %s--words %s 2>/dev/null)";

	if (model == MODEL_ACTION) {
		fputs("; [ $n = 1 ] && ", to);
		fprintf(to, ask, "", "actions");
		fputs("; [ $n = 2 ] && ", to);
		fprintf(to, ask, "", "types");
		return;
	}
	fputs("; [ $n = 1 ] && ", to);
	fprintf(to, ask, "", "types");
	if (model != MODEL_FIELDS)
		return;
	fputs("; [ $n -ge 2 ] && ", to);
	fprintf(to, ask, "\"$second\" ", "fields");
	fputs(" && compopt -o nospace", to);
}

/* One line of a case: the options of a command, and what its argument may be. */
static void bash_command(FILE *to, const char *pattern, const struct command *command, int depth)
{
	fprintf(to, "\t%s) options='", pattern);
	print_option_words(to, command->options);
	fputs("'", to);
	if (command->file)
		fprintf(to, "; [ $n = %d ] && files=1", depth);
	if (command->choices)
		fprintf(to, "; [ $n = %d ] && words='%s'", depth, command->choices);
	if (command->model)
		bash_model(to, command->model);
	fputs(" ;;\n", to);
}

static void print_bash(FILE *to)
{
	fputs("# bash completion for weft\n"
	      "_weft()\n{\n",
	      to);
	bash_words(to);
	fputs("\tlocal words= files= options='", to);
	print_option_words(to, 0);
	fputs("'\n\tcase \"$first $second\" in\n\t' ') words='", to);
	print_command_words(to, false);
	fputs("' ;;\n", to);
	for (const struct service *service = services; service->interface; service++) {
		if (!service->word)
			continue;
		fprintf(to, "\t'%s ') words='", service->word);
		print_command_words(to, true);
		fputs("' ;;\n", to);
		for (const struct command *at = commands; at->name; at++) {
			AUTO(free_ptr)
			char *pattern = mem_format("'%s %s'", service->word, at->name);

			if (at->of_service)
				bash_command(to, pattern, at, 2);
		}
	}
	for (const struct command *at = commands; at->name; at++) {
		AUTO(free_ptr) char *pattern = mem_format("'%s '*", at->name);

		if (!at->of_service)
			bash_command(to, pattern, at, 1);
	}
	fputs("\tesac\n"
	      "\t[ \"${current#-}\" = \"$current\" ] || words=$options\n"
	      "\tif [ -n \"$files\" ] && [ \"$words\" != \"$options\" ]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o filenames -F _weft weft\n",
	      to);
}

/* Inside of single quotes, and of _arguments' brackets. */
static void print_quoted(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", to);
		else if (strchr("[]:\\", *text))
			fprintf(to, "\\%c", *text);
		else
			fputc(*text, to);
	}
}

static void zsh_options(FILE *to, unsigned int own)
{
	for (unsigned int i = 0; i < N_OPTIONS; i++) {
		const struct option_type *type = &option_types[i];
		char names[2][32];
		int n = 0;

		if (!type->common && !(own & OPTION_BIT(i)))
			continue;
		snprintf(names[n++], sizeof(names[0]), "--%s", type->name);
		if (type->letter)
			snprintf(names[n++], sizeof(names[0]), "-%c", type->letter);
		while (n--) {
			fprintf(to, " \\\n\t\t\t'%s[", names[n]);
			print_quoted(to, type->doc);
			fputc(']', to);
			if (type->argument)
				fprintf(to, ":%s:%s", type->argument, type->file ? "_files" : "");
			fputc('\'', to);
		}
	}
}

static void zsh_describe(FILE *to, const char *indent, bool of_service)
{
	fprintf(to, "%slocal -a list=(", indent);
	for (const struct command *at = commands; at->name; at++) {
		if (at->of_service != of_service)
			continue;
		fprintf(to, "\n%s\t'%s:", indent, at->name);
		print_quoted(to, at->summary);
		fputc('\'', to);
	}
	for (const struct service *at = services; !of_service && at->interface; at++) {
		if (!at->word)
			continue;
		fprintf(to, "\n%s\t'%s:", indent, at->word);
		print_quoted(to, at->summary);
		fputc('\'', to);
	}
	fprintf(to, ")\n%s_describe command list\n", indent);
}

/* As in bash. */
static void zsh_model(FILE *to, enum command_model model)
{
	static const char ask[] = "\t\t[[ $n %s ]] && compadd%s -- "
				  "${(f)\"$(weft describe %s--words %s 2>/dev/null)\"}\n";

	if (model == MODEL_ACTION) {
		fprintf(to, ask, "== 1", "", "", "actions");
		fprintf(to, ask, "== 2", "", "", "types");
		return;
	}
	fprintf(to, ask, "== 1", "", "", "types");
	if (model == MODEL_FIELDS)
		fprintf(to, ask, "-ge 2", " -S ''", "\"$second\" ", "fields");
}

static void zsh_command(FILE *to, const char *pattern, const struct command *command, int depth)
{
	fprintf(to, "\t%s)\n", pattern);
	if (command->model)
		zsh_model(to, command->model);
	fputs("\t\t_arguments", to);
	zsh_options(to, command->options);
	for (int i = 1; i < depth; i++)
		fprintf(to, " \\\n\t\t\t'%d:: :'", i);
	if (command->file)
		fprintf(to, " \\\n\t\t\t'%d:file:_files'", depth);
	else if (command->choices)
		fprintf(to, " \\\n\t\t\t'%d:which:(%s)'", depth, command->choices);
	else if (command->max)
		fputs(" \\\n\t\t\t'*:argument:'", to);
	fputs(" ;;\n", to);
}

/* The words that are no options, as in bash; _arguments then sees the whole line again. */
static void zsh_words(FILE *to)
{
	fputs("\tlocal first= second= skip= word\n"
	      "\tlocal -i n=0 i\n"
	      "\tfor ((i = 2; i < CURRENT; i++)); do\n"
	      "\t\tword=${words[i]}\n"
	      "\t\tif [[ -n $skip ]]; then skip=; continue; fi\n"
	      "\t\tcase $word in\n\t\t(",
	      to);
	print_valued(to, true);
	fputc('|', to);
	print_valued(to, false);
	fputs(") skip=1 ;;\n"
	      "\t\t(-?*) ;;\n"
	      "\t\t(*) n+=1\n"
	      "\t\t\t[[ $n == 1 ]] && first=$word\n"
	      "\t\t\t[[ $n == 2 ]] && second=$word ;;\n"
	      "\t\tesac\n"
	      "\tdone\n",
	      to);
}

static void print_zsh(FILE *to)
{
	fputs("#compdef weft\n_weft()\n{\n", to);
	zsh_words(to);
	fputs("\tif [[ -n $skip || ${words[CURRENT]} == -* && -z $second ]]; then\n"
	      "\t\t_arguments",
	      to);
	zsh_options(to, 0);
	fputs(" '*: :'\n\t\treturn\n\tfi\n\tcase \"$first $second\" in\n\t' ')\n", to);
	zsh_describe(to, "\t\t", false);
	fputs("\t\t;;\n", to);
	for (const struct service *service = services; service->interface; service++) {
		if (!service->word)
			continue;
		fprintf(to, "\t'%s ')\n", service->word);
		zsh_describe(to, "\t\t", true);
		fputs("\t\t;;\n", to);
		for (const struct command *at = commands; at->name; at++) {
			AUTO(free_ptr)
			char *pattern = mem_format("'%s %s'", service->word, at->name);

			if (at->of_service)
				zsh_command(to, pattern, at, 3);
		}
	}
	for (const struct command *at = commands; at->name; at++) {
		AUTO(free_ptr) char *pattern = mem_format("'%s '*", at->name);

		if (!at->of_service)
			zsh_command(to, pattern, at, 2);
	}
	fputs("\tesac\n}\n"
	      "if [[ $funcstack[1] == _weft ]]; then _weft \"$@\"; else compdef _weft weft; fi\n",
	      to);
}

int completion_run(struct cli *cli)
{
	const char *shell = cli->arguments[0];

	if (strcmp(shell, "bash") == 0)
		print_bash(cli->out);
	else if (strcmp(shell, "zsh") == 0)
		print_zsh(cli->out);
	else
		return cli_misused("\"%s\" is neither bash nor zsh", shell);
	return CLI_DONE;
}
