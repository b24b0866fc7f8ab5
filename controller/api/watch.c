/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watch: what there is of some types, then each change of it, to who may see it.
 *
 * What there is is told in the order of uuids, page after page as the reader takes it; changes of
 * what he was told already are told at once, those of the rest will be found there. So nothing is
 * missed, and nothing is kept but the place in that order. A reader who does not keep up is told
 * 'reset' when he has read what he has, and everything anew. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/model/audience.h"
#include "controller/model/types.h"

/* At once in the whole controller, and by one normal account: each costs something with every
 * change. */
#define WATCHES_MAX      256
#define WATCHES_EACH_MAX 32
/* What is there is read so many at once, while less than this is unread. */
#define PAGE        64
#define UNREAD_PAGE ((size_t)256 << 10)
/* Who has more to read has fallen behind. */
#define UNREAD_MAX ((size_t)4 << 20)

struct watch {
	struct api_stream stream;
	struct request *request;
	struct audience audience;
	const struct model_type **types;
	size_t n_types;
	size_t at;    /* The type whose objects are told next; n_types: all were. */
	char *told;   /* Of it, those up to this uuid were; NULL: none yet. */
	bool ready;   /* It was told that all were. */
	bool present; /* What is told now is there already. */
	bool from_now;
	bool behind; /* Something was not told. */
	struct event *turn, *session_end;
	struct model_subscription *subscription;
	struct watch *next, **here;
};

static struct watch *watch_of(struct api_stream *stream)
{
	return CONTAINER_OF(stream, struct watch, stream);
}

static void wake(struct watch *watch)
{
	event_active(watch->turn, EV_TIMEOUT, 0);
}

static void tell(struct watch *watch, const char *event)
{
	request_more(watch->request, json_pack("{s:s}", "event", event));
}

/* ---- what there is -------------------------------------------------------------------------- */

/* Whether the reader knows of it, or would if it was there. */
static bool was_told(const struct watch *watch, const struct model_type *type, const char *uuid)
{
	size_t i = 0;

	while (i < watch->n_types && watch->types[i] != type)
		i++;
	return i < watch->at || (i == watch->at && watch->told && strcmp(uuid, watch->told) <= 0);
}

static void on_sight(enum sight sight, const struct model_type *type, const char *uuid,
		     json_t *object, void *data)
{
	struct watch *watch = data;
	const char *event = watch->present ? "present" : sight_names[sight];

	if (watch->present) {
		free(watch->told);
		watch->told = mem_text(uuid);
	} else if (watch->behind || !was_told(watch, type, uuid)) {
		return;
	} else if (request_unread(watch->request) > UNREAD_MAX) {
		watch->behind = true;
		return;
	}
	request_more(watch->request, json_pack("{s:s, s:s, s:s, s:O*}", "event", event, "type",
					       type->table.name, "uuid", uuid, "object", object));
}

static void next_type(struct watch *watch)
{
	watch->at++;
	free(watch->told);
	watch->told = NULL;
}

static int tell_page(struct watch *watch, struct err *err)
{
	int n;

	watch->present = true;
	n = audience_show(&watch->audience, watch->types[watch->at], watch->told, PAGE, err);
	watch->present = false;
	if (n >= 0 && n < PAGE)
		next_type(watch);
	return n;
}

static void begin_anew(struct watch *watch)
{
	tell(watch, "reset");
	watch->behind = false;
	watch->ready = false;
	if (watch->from_now)
		return;
	watch->at = 0;
	free(watch->told);
	watch->told = NULL;
}

/* One step of what is to be told beside changes. */
static void go_on(struct watch *watch)
{
	static const struct timeval later = { 1, 0 };
	struct err err = ERR_NONE;

	if (watch->behind) {
		if (request_unread(watch->request))
			return; /* When it is read, it goes on. */
		begin_anew(watch);
	} else if (request_unread(watch->request) > UNREAD_PAGE) {
		return;
	}
	if (watch->at < watch->n_types) {
		if (tell_page(watch, &err) < 0)
			evtimer_add(watch->turn, &later);
		else
			wake(watch);
		err_clear(&err);
	} else if (!watch->ready) {
		watch->ready = true;
		tell(watch, "ready");
	}
}

static void on_read(struct api_stream *stream)
{
	go_on(watch_of(stream));
}

/* ---- the session ---------------------------------------------------------------------------- */

/* Looks whether the session holds, and again when it may not hold any more. False: it does not, and
 * the watch is gone. */
static bool check_session(struct watch *watch)
{
	const char *uuid = watch->request->who.session;
	struct err err = ERR_NONE;
	struct timeval wait;
	int64_t left_ms;
	int ret;

	if (!uuid)
		return true; /* Over the local socket. */
	ret = session_left_ms(watch->request->model, uuid, &left_ms, &err);
	if (ret == -EKEYREJECTED) {
		request_end(watch->request, &err);
	} else {
		if (ret < 0)
			left_ms = 1000; /* The database cannot be read now. */
		wait = (struct timeval){ (time_t)(left_ms / 1000) + 1, 0 };
		evtimer_add(watch->session_end, &wait);
	}
	err_clear(&err);
	return ret != -EKEYREJECTED;
}

static void on_session_end(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	check_session(data);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	go_on(data);
}

/* ---- changes -------------------------------------------------------------------------------- */

static bool concerns_session(const struct watch *watch, const struct model_event *event)
{
	const char *uuid = watch->request->who.session;

	return event->type == &global_setting_type ||
	       (event->type == &session_type && uuid && strcmp(event->uuid, uuid) == 0);
}

static void on_changes(const struct model_event *events, size_t n, void *data)
{
	struct watch *watch = data;
	struct err err = ERR_NONE;

	/* The call that made them is not over yet: what ends the watch waits for the next turn. */
	for (size_t i = 0; i < n; i++)
		if (concerns_session(watch, &events[i]))
			event_active(watch->session_end, EV_TIMEOUT, 0);
	if (watch->behind)
		return;
	if (audience_tell(&watch->audience, events, n, &err) < 0)
		watch->behind = true;
	if (watch->behind)
		wake(watch);
	err_clear(&err);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void watch_free(struct api_stream *stream)
{
	struct watch *watch = watch_of(stream);

	*watch->here = watch->next;
	if (watch->next)
		watch->next->here = watch->here;
	model_unsubscribe(watch->subscription);
	event_free(watch->turn);
	event_free(watch->session_end);
	free(watch->told);
	free(watch->types);
	free(watch);
}

static int read_types(struct request *request, const struct model_type ***types, size_t *n,
		      struct err *err)
{
	json_t *list, *one;
	size_t i;

	if (request_array(request, "types", &list, err) < 0)
		return err->code;
	if (!json_array_size(list)) {
		err_set(err, -EINVAL, "is required");
		return err_at(err, "types");
	}
	*types = mem_array(json_array_size(list) + 1, sizeof(**types));
	json_array_foreach (list, i, one) {
		const char *name = json_string_value(one);
		const struct model_type *type = name ? model_type(request->model, name) : NULL;
		bool again = false;

		for (size_t k = 0; k < *n; k++)
			again |= (*types)[k] == type;
		if (type && !again) {
			(*types)[(*n)++] = type;
			continue;
		}
		free(*types);
		if (!name)
			err_set(err, -EINVAL, "expected string");
		else
			err_set(err, -EINVAL,
				type ? "\"%.64s\" is named twice" : "there is no type \"%.64s\"",
				name);
		return err_at(err, "types[%zu]", i);
	}
	return 0;
}

static int check_room(const struct request *request, struct err *err)
{
	const struct api_who *who = &request->who;
	size_t all = 0, own = 0;

	for (const struct watch *at = request->api->watches; at; at = at->next) {
		all++;
		own += strcmp(at->request->who.account, who->account) == 0;
	}
	if (all >= WATCHES_MAX || (!who->caller.admin && own >= WATCHES_EACH_MAX))
		return err_set(err, -EBUSY, "too many watch already");
	return 0;
}

int watch_run(struct request *request, struct err *err)
{
	const struct model_type **types = NULL;
	struct api *api = request->api;
	struct watch *watch;
	size_t n = 0;
	bool from_now;

	if (!request->reader) {
		err_set(err, -EINVAL, "it is a stream: the call has to want more");
		return err_at(err, "more");
	}
	if (request_flag(request, "from_now", &from_now, err) < 0 || check_room(request, err) < 0 ||
	    read_types(request, &types, &n, err) < 0)
		return err->code;
	watch = mem_alloc(sizeof(*watch));
	*watch = (struct watch){
		.stream = { on_read, watch_free },
		.request = request,
		.audience = { request->model, &request->who.caller, types, on_sight, watch },
		.types = types,
		.n_types = n,
		.at = from_now ? n : 0,
		.from_now = from_now,
		.turn = evtimer_new(api->base, on_turn, watch),
		.session_end = evtimer_new(api->base, on_session_end, watch),
		.subscription = model_subscribe(request->model, on_changes, watch),
		.next = api->watches,
		.here = &api->watches,
	};
	if (watch->next)
		watch->next->here = &watch->next;
	api->watches = watch;
	request->stream = &watch->stream;
	wake(watch);
	event_active(watch->session_end, EV_TIMEOUT, 0);
	return 0;
}
