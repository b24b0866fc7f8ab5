/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion for bash and zsh, from the table of commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/command.h"

static void print_words(void)
{
	for (const struct command *command = commands; command->word; command++)
		printf("%s%s", command == commands ? "" : " ", command->word);
}

int run_completion(const char *shell)
{
	if (strcmp(shell, "zsh") == 0)
		printf("autoload -U +X bashcompinit && bashcompinit\n");
	else if (strcmp(shell, "bash") != 0) {
		fprintf(stderr, "weft: completion is for bash and zsh\n");
		return EXIT_USAGE;
	}
	printf("_weft() {\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]}\n"
	       "\tcase $COMP_CWORD in\n"
	       "\t1) COMPREPLY=($(compgen -W \"router host call completion\" -- \"$word\")) ;;\n"
	       "\t2) COMPREPLY=($(compgen -W \"");
	print_words();
	printf("\" -- \"$word\")) ;;\n"
	       "\t*) COMPREPLY=($(compgen -f -W \"--dry-run --json --follow\" -- \"$word\")) ;;\n"
	       "\tesac\n"
	       "}\n"
	       "complete -F _weft weft\n");
	return EXIT_SUCCESS;
}
