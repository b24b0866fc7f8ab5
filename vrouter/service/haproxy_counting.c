/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_counting.h"

#include <stdlib.h>
#include <string.h>

#include "lib/backend/child/service_file.h"
#include "lib/base/log.h"
#include "vrouter/service/haproxy_call.h"

#define INTERVAL_S 3

/* Somebody who waits for a look. */
struct haproxy_look {
	struct haproxy_counting *counting;
	struct haproxy_look *next;
	haproxy_looked_fn *done;
	void *data;
	bool asked; /* By the call that is under way; else by the next one. */
};

struct haproxy_counting {
	struct event_base *base;
	const struct haproxy_paths *paths;
	struct haproxy_model *model;
	struct event *timer;
	struct haproxy_call *call;
	struct haproxy_look *looks;
	bool telling;  /* Who asks now waits for the next answer. */
	char *written; /* What is in the file. */
};

static void save(struct haproxy_counting *counting)
{
	AUTO(text_clear) struct text text = TEXT_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;

	haproxy_count_text(counting->model, &text);
	if (counting->written && strcmp(counting->written, text_view(&text)) == 0)
		return;
	if (service_file_write(counting->paths->counts, text_view(&text), text.length, 0600, &err) <
	    0)
		log_warning("what load balancers have carried is not kept: %s", err_text(&err));
	free(counting->written);
	counting->written = mem_text(text_view(&text));
}

static void ask(struct haproxy_counting *counting);

/* 'asked' only: those who came before the call. */
static struct haproxy_look *take_look(struct haproxy_counting *counting, bool asked)
{
	struct haproxy_look **at = &counting->looks, *look;

	while (*at && asked && !(*at)->asked)
		at = &(*at)->next;
	look = *at;
	if (look)
		*at = look->next;
	return look;
}

static void tell_all(struct haproxy_counting *counting, bool asked)
{
	struct haproxy_look *look;

	counting->telling = true;
	while ((look = take_look(counting, asked))) {
		look->done(look->data);
		free(look);
	}
	counting->telling = false;
}

static void on_answer(void *data, const char *answer)
{
	struct haproxy_counting *counting = data;

	counting->call = NULL;
	if (answer) {
		haproxy_count_read(counting->model, answer);
		save(counting);
	}
	tell_all(counting, true);
	if (counting->looks && !counting->call)
		ask(counting);
}

static void ask(struct haproxy_counting *counting)
{
	for (struct haproxy_look *look = counting->looks; look; look = look->next)
		look->asked = true;
	counting->call = haproxy_call_start(counting->base, counting->paths->worker,
					    HAPROXY_COUNT_COMMAND, on_answer, counting);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct haproxy_counting *counting = data;

	(void)fd;
	(void)what;
	if (counting->model->listeners.n > 0 && !counting->call)
		ask(counting);
}

struct haproxy_counting *haproxy_counting_new(struct event_base *base,
					      const struct haproxy_paths *paths,
					      struct haproxy_model *model)
{
	struct haproxy_counting *counting = mem_alloc(sizeof(*counting));
	struct timeval interval = { .tv_sec = INTERVAL_S };

	counting->base = base;
	counting->paths = paths;
	counting->model = model;
	counting->timer = event_new(base, -1, EV_PERSIST, on_timer, counting);
	event_add(counting->timer, &interval);
	return counting;
}

void haproxy_counting_free(struct haproxy_counting *counting)
{
	if (!counting)
		return;
	if (counting->model->listeners.n > 0)
		save(counting);
	haproxy_call_cancel(counting->call);
	tell_all(counting, false);
	event_free(counting->timer);
	free(counting->written);
	free(counting);
}

struct haproxy_look *haproxy_counting_look(struct haproxy_counting *counting,
					   haproxy_looked_fn *done, void *data)
{
	struct haproxy_look *look = mem_alloc(sizeof(*look));

	*look = (struct haproxy_look){ counting, counting->looks, done, data, false };
	counting->looks = look;
	/* A call that is under way may have its answer already. */
	if (!counting->call && !counting->telling)
		ask(counting);
	return look;
}

void haproxy_look_cancel(struct haproxy_look *look)
{
	struct haproxy_look **at;

	if (!look)
		return;
	for (at = &look->counting->looks; *at != look; at = &(*at)->next)
		;
	*at = look->next;
	free(look);
}
