/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/link.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>

#include "lib/wire/address.h"
#include "lib/wire/answer.h"
#include "lib/wire/message.h"
#include "lib/wire/tls_state.h"

/* A service that has not let us in by then is not there. */
static const struct timeval open_within = { 30, 0 };

struct pending {
	wire_link_answer_fn *answer;
	void *data;
	struct pending *next;
};

struct wire_link {
	const struct wire_link_events *events;
	void *data;
	int fd;                  /* Until there is a stream; else -1. */
	struct event *connected; /* The same. */
	struct wire_tls *tls;    /* NULL: a UNIX socket. */
	struct bufferevent *stream;
	struct evbuffer *waiting; /* What was said before there was a stream. */
	struct event *deadline;
	struct pending *first, **last;
	size_t searched;
	char *peer_name;
	bool closed;
	bool busy; /* Inside of a callback: what is freed goes after it. */
	bool dead;
};

static void release(struct wire_link *link)
{
	while (link->first) {
		struct pending *pending = link->first;

		link->first = pending->next;
		free(pending);
	}
	if (link->stream)
		bufferevent_free(link->stream);
	if (link->connected)
		event_free(link->connected);
	close_fd(&link->fd);
	wire_tls_free(link->tls);
	evbuffer_free(link->waiting);
	event_free(link->deadline);
	free(link->peer_name);
	free(link);
}

void wire_link_free(struct wire_link *link)
{
	if (!link)
		return;
	link->dead = true;
	if (!link->busy)
		release(link);
}

/* Each callback stands between these two; the link may be gone after leave(). */
static void enter(struct wire_link *link)
{
	link->busy = true;
}

static void leave(struct wire_link *link)
{
	link->busy = false;
	if (link->dead)
		release(link);
}

/* Within enter() and leave(). */
static void close_link(struct wire_link *link, int code, const char *why)
{
	struct err err = ERR_NONE;

	if (link->closed || link->dead)
		return;
	link->closed = true;
	if (link->stream)
		bufferevent_disable(link->stream, EV_READ | EV_WRITE);
	evtimer_del(link->deadline);
	err_set(&err, code, "%s", why);
	link->events->closed(link, &err, link->data);
	err_clear(&err);
}

/* Hands one answer to the call that waits longest. */
static void take_answer(struct wire_link *link, json_t *message)
{
	struct wire_answer answer = WIRE_ANSWER_NONE;
	struct pending *pending = link->first;
	struct err err = ERR_NONE;

	if (answer_read(message, &answer, &err) < 0) {
		close_link(link, -EBADMSG, err_text(&err));
		err_clear(&err);
		return;
	}
	if (!pending) {
		close_link(link, -EBADMSG, "the service answers what nobody asked");
		wire_answer_clear(&answer);
		return;
	}
	if (!answer.continues) {
		link->first = pending->next;
		if (!link->first)
			link->last = &link->first;
	}
	pending->answer(link, &answer, pending->data);
	if (!answer.continues)
		free(pending);
	wire_answer_clear(&answer);
}

/* False: there is none, or the link is closed. */
static bool take_message(struct wire_link *link)
{
	struct evbuffer *input = bufferevent_get_input(link->stream);
	json_t *message = NULL;

	switch (message_take(input, &link->searched, &message)) {
	case MESSAGE_NONE:
		if (evbuffer_get_length(input) > ANSWER_MAX)
			close_link(link, -EMSGSIZE, "the service's answer is too long");
		return false;
	case MESSAGE_BROKEN:
		close_link(link, -EBADMSG, "the service's answer is no JSON");
		return false;
	case MESSAGE_WHOLE:
		take_answer(link, message);
	}
	return !link->dead && !link->closed;
}

static void on_read(struct bufferevent *stream, void *data)
{
	struct wire_link *link = data;

	(void)stream;
	if (link->closed)
		return;
	enter(link);
	while (take_message(link))
		;
	leave(link);
}

/* Within enter() and leave(). */
static void opened(struct wire_link *link)
{
	evtimer_del(link->deadline);
	if (link->tls)
		link->peer_name = tls_peer_name(link->stream);
	if (link->events->opened)
		link->events->opened(link, link->data);
}

/* Within enter() and leave(). */
static void on_fault(struct wire_link *link, int code)
{
	const char *why = link->tls ? tls_failure(link->stream) : NULL;

	if (why)
		close_link(link, -EPROTO, why);
	else if (code)
		close_link(link, -code, strerror(code));
	else
		close_link(link, -ECONNRESET, "the service went away");
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
	int code = EVUTIL_SOCKET_ERROR();
	struct wire_link *link = data;

	(void)stream;
	enter(link);
	if (what & BEV_EVENT_CONNECTED)
		opened(link);
	else if (what & BEV_EVENT_EOF)
		close_link(link, -ECONNRESET, "the service closed the connection");
	else
		on_fault(link, code);
	leave(link);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct wire_link *link = data;

	(void)fd;
	(void)what;
	enter(link);
	close_link(link, -ETIMEDOUT, "the service does not let us in in time");
	leave(link);
}

/* The other side is there: the stream takes the socket over. Within enter() and leave(). */
static void start_stream(struct wire_link *link)
{
	struct event_base *base = event_get_base(link->connected);

	link->stream = link->tls ? tls_stream(link->tls, base, link->fd, false)
				 : bufferevent_socket_new(base, link->fd, BEV_OPT_CLOSE_ON_FREE);
	if (!link->stream) {
		close_link(link, -ENOMEM, "no stream can be made");
		return;
	}
	if (link->tls)
		socket_keep_alive(link->fd);
	link->fd = -1;
	evbuffer_add_buffer(bufferevent_get_output(link->stream), link->waiting);
	bufferevent_setcb(link->stream, on_read, NULL, on_event, link);
	bufferevent_enable(link->stream, EV_READ | EV_WRITE);
	if (!link->tls)
		opened(link);
}

static void on_connected(evutil_socket_t fd, short what, void *data)
{
	struct wire_link *link = data;
	int code = 0;
	socklen_t size = sizeof(code);

	(void)what;
	enter(link);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	if (code)
		close_link(link, -code, strerror(code));
	else
		start_stream(link);
	leave(link);
}

static int dial(struct wire_link *link, struct event_base *base, const struct wire_address *address,
		struct err *err)
{
	link->fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (link->fd < 0)
		return err_errno(err, -errno, "socket");
	if (connect(link->fd, (const struct sockaddr *)&address->socket, address->size) < 0 &&
	    errno != EINPROGRESS)
		return err_errno(err, -errno, "cannot connect");
	link->connected = event_new(base, link->fd, EV_WRITE, on_connected, link);
	event_add(link->connected, NULL);
	evtimer_add(link->deadline, &open_within);
	return 0;
}

int wire_link_new(struct event_base *base, const char *text, struct wire_tls *tls,
		  const struct wire_link_events *events, void *data, struct wire_link **ret,
		  struct err *err)
{
	struct wire_address address;
	struct wire_link *link;
	int done = wire_address_parse(text, &address, err);

	if (done < 0)
		return done;
	if (address.is_tcp && !tls)
		return err_set(err, -EINVAL, "%s: a tcp address needs certificates (TLS)", text);
	link = mem_alloc(sizeof(*link));
	link->events = events;
	link->data = data;
	link->last = &link->first;
	link->tls = address.is_tcp ? tls_share(tls) : NULL;
	link->waiting = evbuffer_new();
	link->deadline = evtimer_new(base, on_deadline, link);
	done = dial(link, base, &address, err);
	if (done < 0) {
		release(link);
		return done;
	}
	*ret = link;
	return 0;
}

int wire_link_call(struct wire_link *link, const char *method, json_t *parameters, bool more,
		   wire_link_answer_fn *answer, void *data, struct err *err)
{
	struct pending *pending;
	char *text;

	if (link->closed || link->dead)
		return err_set(err, -ENOTCONN, "the link to the service is closed");
	text = call_text(method, parameters, more, err);
	if (!text)
		return -EINVAL;
	pending = mem_alloc(sizeof(*pending));
	*pending = (struct pending){ answer, data, NULL };
	*link->last = pending;
	link->last = &pending->next;
	message_add(link->stream ? bufferevent_get_output(link->stream) : link->waiting, text);
	return 0;
}

const char *wire_link_peer_name(const struct wire_link *link)
{
	return link->peer_name;
}
