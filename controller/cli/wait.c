/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --wait: what becomes of a write at the agents. What is waited for is said on standard error: the
 * command's answer is on standard output already. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/field.h"
#include "controller/cli/session.h"
#include "controller/cli/table.h"
#include "lib/base/clock.h"

struct waiting {
	json_t *said; /* Whom it was said of already. */
};

static char *agent_name_of(const json_t *agent)
{
	const char *uuid = field_text(agent, "uuid");
	char *name =
		mem_format("%s%s%s", field_text(agent, "type"), uuid ? " " : "", uuid ? uuid : "");

	text_make_plain(name);
	return name;
}

/* Once of each. */
static void say_absent(struct waiting *waiting, const json_t *agent)
{
	AUTO(free_ptr) char *name = agent_name_of(agent);
	const char *state = field_text(agent, "state");
	bool open = strcmp(state, "waiting") == 0 || strcmp(state, "sent") == 0;

	if (!open || json_is_true(json_object_get(agent, "connected")) ||
	    json_object_get(waiting->said, name))
		return;
	json_object_set_new(waiting->said, name, json_true());
	fprintf(stderr, "weft: waiting for %s, which is not connected\n", name);
}

static void say_failed(const json_t *agent)
{
	AUTO(free_ptr) char *name = agent_name_of(agent);

	if (strcmp(field_text(agent, "state"), "failed") == 0)
		cli_refuse("%s: %s", name, field_text(agent, "reason"));
}

static int on_progress(struct session *session, const json_t *answer, void *data)
{
	const json_t *job = json_object_get(answer, "job"), *agent;
	bool failed = strcmp(field_text(job, "state"), "failed") == 0;
	size_t i;

	(void)session;
	json_array_foreach (json_object_get(job, "agents"), i, agent) {
		say_absent(data, agent);
		if (failed)
			say_failed(agent);
	}
	return failed ? CLI_REFUSED : CLI_DONE;
}

static int read_timeout(const struct cli *cli, long *seconds)
{
	const char *text = cli->values[OPTION_TIMEOUT];
	char *end;

	*seconds = 0;
	if (!cli_has(cli, OPTION_TIMEOUT))
		return CLI_DONE;
	errno = 0;
	*seconds = strtol(text, &end, 10);
	if (!*text || *end || errno || *seconds < 1 || *seconds > 1000000)
		return cli_misused("--timeout: \"%s\" is no number of seconds", text);
	return CLI_DONE;
}

int session_check_wait(const struct session *session)
{
	long seconds;

	return read_timeout(session->cli, &seconds);
}

int session_wait(struct session *session, const json_t *answer)
{
	const char *uuid = field_text(answer, "job");
	struct waiting waiting = { 0 };
	long seconds;
	int status = read_timeout(session->cli, &seconds);

	if (status != CLI_DONE || !cli_has(session->cli, OPTION_WAIT) || !uuid)
		return status;
	if (seconds)
		wire_client_end_at(session->client, clock_ms() + (uint64_t)seconds * 1000);
	waiting.said = json_object();
	status = session_stream(session, "Job", json_pack("{s:s}", "uuid", uuid), on_progress,
				&waiting);
	json_decref(waiting.said);
	return status;
}
