/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What weft says beside its answers. */
#include <stdlib.h>
#include <string.h>

#include "controller/cli/cli.h"
#include "controller/cli/table.h"

static void say(const char *prefix, char *text)
{
	text_make_plain(text);
	fflush(stdout);
	fprintf(stderr, "%s%s\n", prefix, text);
	free(text);
}

int cli_refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("weft: ", mem_vformat(format, args));
	va_end(args);
	return CLI_REFUSED;
}

int cli_misused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("weft: ", mem_vformat(format, args));
	va_end(args);
	return cli_hint();
}

int cli_hint(void)
{
	fputs("weft: -h tells how it is used\n", stderr);
	return CLI_USAGE;
}

/* The daemon's own reason stands alone: "PATH: REASON". */
int cli_refuse_err(struct err *err)
{
	say("", mem_text(err_text(err)));
	err_clear(err);
	return CLI_REFUSED;
}

void cli_print_json(const struct cli *cli, const json_t *json)
{
	json_dumpf(json, cli->out, JSON_INDENT(2) | JSON_ENCODE_ANY);
	fputc('\n', cli->out);
}
