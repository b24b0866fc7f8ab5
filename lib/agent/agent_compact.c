/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the journal has outgrown its snapshot, another process writes a new one: a moment later,
 * when what came in a bunch is over, so that no patch waits for it. */
#include <sys/wait.h>

#include "lib/agent/agent_state.h"
#include "lib/base/log.h"

/* From the first change that made it long: who never rests must not put it off for ever. */
#define WAIT_MS 1000

static void compact_now(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct err err = ERR_NONE;
	pid_t pid;

	(void)fd;
	(void)what;
	pid = store_compact(agent->store, agent->document, &err);
	if (pid < 0)
		log_error("snapshot: %s", err_text(&err));
	else
		agent->compactor = pid;
	err_clear(&err);
}

void agent_compact_soon(struct agent *agent)
{
	const struct timeval wait = { WAIT_MS / 1000, (WAIT_MS % 1000) * 1000 };

	if (agent->compactor || !store_is_long(agent->store))
		return;
	if (!agent->compact_timer)
		agent->compact_timer = evtimer_new(agent->base, compact_now, agent);
	if (!evtimer_pending(agent->compact_timer, NULL))
		evtimer_add(agent->compact_timer, &wait);
}

void agent_compact_exited(struct agent *agent, pid_t pid, int status)
{
	if (!agent->compactor || pid != agent->compactor)
		return;
	agent->compactor = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		log_error("snapshot: the process that writes it failed; the journal goes on");
	store_compacted(agent->store, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
