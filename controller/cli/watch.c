/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: a line for each object that is there, and for each change. */
#include <stdlib.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "controller/cli/table.h"
#include "lib/base/text.h"

/* "changed vip web b4a0... failed: the kernel cannot" */
static void print_line(FILE *to, const json_t *answer)
{
	static const char *const names[] = { "event", "type", NULL };
	static const char *const of_object[] = { "connection", "health", "health_reason", NULL };
	const json_t *object = json_object_get(answer, "object");
	struct text line = TEXT_NONE;
	char *plain;

	for (size_t i = 0; names[i]; i++)
		if (field_text(answer, names[i]))
			text_format(&line, "%s%s", i ? " " : "", field_text(answer, names[i]));
	if (field_text(object, "name"))
		text_format(&line, " %s", field_text(object, "name"));
	if (field_text(answer, "uuid"))
		text_format(&line, " %s", field_text(answer, "uuid"));
	for (size_t i = 0; of_object[i]; i++)
		if (field_text(object, of_object[i]))
			text_format(&line, " %s", field_text(object, of_object[i]));
	plain = text_take(&line);
	text_make_plain(plain);
	fprintf(to, "%s\n", plain);
	free(plain);
}

static int print_each(struct session *session, const json_t *answer, void *data)
{
	FILE *to = session->cli->out;

	(void)data;
	if (!cli_has(session->cli, OPTION_JSON)) {
		print_line(to, answer);
		return CLI_DONE;
	}
	json_dumpf(answer, to, JSON_COMPACT);
	fputc('\n', to);
	return CLI_DONE;
}

int watch_run(struct cli *cli)
{
	json_t *types = json_array(), *parameters = json_pack("{s:o}", "types", types);
	struct session session;
	int status = session_open(&session, cli);

	for (int i = 0; i < cli->n_arguments; i++)
		json_array_append_new(types, json_string(cli->arguments[i]));
	if (cli_has(cli, OPTION_FROM_NOW))
		json_object_set_new(parameters, "from_now", json_true());
	if (status == CLI_DONE) {
		status = session_stream(&session, "Watch", json_incref(parameters), print_each,
					NULL);
		session_close(&session);
	}
	json_decref(parameters);
	return status;
}
