/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel settings that others change. The kernel tells of some; the rest is looked at now and then.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/agent/agent_state.h"
#include "lib/backend/sysctl/watch.h"

/* They come in bunches, one for each link. */
#define SETTLE_MS 20
#define LOOK_MS   10000

struct settings {
	int fd;
	struct event *event, *timer;
};

static void look_after(struct settings *settings, int ms)
{
	struct timeval wait = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	evtimer_add(settings->timer, &wait);
}

static void settings_ready(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;

	(void)what;
	if (sysctl_watch_read(fd))
		look_after(agent->settings, SETTLE_MS);
}

static void settings_due(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;

	(void)fd;
	(void)what;
	drift_everything(agent, "sysctls", NULL);
	look_after(agent->settings, LOOK_MS);
}

int settings_watch(struct agent *agent, struct err *err)
{
	struct settings *settings = agent->settings = mem_alloc(sizeof(*settings));

	settings->fd = sysctl_watch_open(err);
	if (settings->fd < 0)
		return settings->fd;
	settings->event =
		event_new(agent->base, settings->fd, EV_READ | EV_PERSIST, settings_ready, agent);
	settings->timer = evtimer_new(agent->base, settings_due, agent);
	if (!settings->event || !settings->timer || event_add(settings->event, NULL) < 0)
		return err_set(err, -ENOMEM, "the event loop takes no more");
	look_after(settings, LOOK_MS);
	return 0;
}

void settings_close(struct agent *agent)
{
	struct settings *settings = STEAL(agent->settings);

	if (!settings)
		return;
	if (settings->event)
		event_free(settings->event);
	if (settings->timer)
		event_free(settings->timer);
	if (settings->fd >= 0)
		close(settings->fd);
	free(settings);
}
