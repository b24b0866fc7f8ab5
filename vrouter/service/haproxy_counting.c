/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_counting.h"

#include <stdlib.h>
#include <string.h>

#include "vrouter/service/haproxy_call.h"

#define INTERVAL_S 3

struct haproxy_counting {
	struct event_base *base;
	const char *worker;
	struct haproxy_model *model;
	struct event *timer;
	struct haproxy_call *call;
};

/* HAProxy management guide, section 9.1. */
enum column {
	COLUMN_PROXY = 0,
	COLUMN_SESSIONS = 4,
	COLUMN_SESSIONS_TOTAL = 7,
	COLUMN_BYTES_IN = 8,
	COLUMN_BYTES_OUT = 9,
	COLUMNS
};

static void count_read(struct haproxy_model *model, char *line)
{
	char *column[COLUMNS];
	struct haproxy_listener *listener;
	struct haproxy_count now, *before;

	for (size_t i = 0; i < COLUMNS; i++) {
		column[i] = strsep(&line, ",");
		if (!column[i])
			return;
	}
	if (strncmp(column[COLUMN_PROXY], "l-", 2) != 0)
		return;
	listener = haproxy_model_listener(model, column[COLUMN_PROXY] + 2);
	if (!listener)
		return;
	now.sessions = strtoull(column[COLUMN_SESSIONS], NULL, 10);
	now.sessions_total = strtoull(column[COLUMN_SESSIONS_TOTAL], NULL, 10);
	now.bytes_in = strtoull(column[COLUMN_BYTES_IN], NULL, 10);
	now.bytes_out = strtoull(column[COLUMN_BYTES_OUT], NULL, 10);
	before = &listener->count_before;
	if (now.sessions_total < listener->count.sessions_total ||
	    now.bytes_in < listener->count.bytes_in) {
		before->sessions_total += listener->count.sessions_total;
		before->bytes_in += listener->count.bytes_in;
		before->bytes_out += listener->count.bytes_out;
	}
	listener->count = now;
}

void haproxy_count_read(struct haproxy_model *model, const char *answer)
{
	AUTO(free_ptr) char *copy = mem_text(answer);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		count_read(model, line);
}

static void on_answer(void *data, const char *answer)
{
	struct haproxy_counting *counting = data;

	counting->call = NULL;
	if (answer)
		haproxy_count_read(counting->model, answer);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct haproxy_counting *counting = data;

	(void)fd;
	(void)what;
	if (counting->model->listeners.n == 0 || counting->call)
		return;
	/* All proxies, frontends only. */
	counting->call = haproxy_call_start(counting->base, counting->worker, "show stat -1 1 -1",
					    on_answer, counting);
}

struct haproxy_counting *haproxy_counting_new(struct event_base *base, const char *worker,
					      struct haproxy_model *model)
{
	struct haproxy_counting *counting = mem_alloc(sizeof(*counting));
	struct timeval interval = { .tv_sec = INTERVAL_S };

	counting->base = base;
	counting->worker = worker;
	counting->model = model;
	counting->timer = event_new(base, -1, EV_PERSIST, on_timer, counting);
	event_add(counting->timer, &interval);
	return counting;
}

void haproxy_counting_free(struct haproxy_counting *counting)
{
	if (!counting)
		return;
	haproxy_call_cancel(counting->call);
	event_free(counting->timer);
	free(counting);
}
