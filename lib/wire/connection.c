/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client of the server: takes its messages, one call at a time, and sends what is answered.
 *
 * A connection ends in one place only, at the end of a turn of the event loop, so that nobody who
 * holds a call loses it while answering. */
#include <errno.h>
#include <event2/buffer.h>
#include <poll.h>
#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/wire/message.h"
#include "lib/wire/server_state.h"
#include "lib/wire/tls_state.h"

/* So many messages of one client are handled before the others have their turn. */
#define TURN_MESSAGES 32
/* A client with so much to read gets its next call answered when it has read. */
#define OUTPUT_PAUSE ((size_t)1 << 20)

static void take_turn(struct connection *connection);

size_t connection_unwritten(const struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_output(connection->stream));
}

static void on_read(struct bufferevent *stream, void *data)
{
	(void)stream;
	take_turn(data);
}

/* Called when everything is written. */
static void on_written(struct bufferevent *stream, void *data)
{
	struct connection *connection = data;
	struct wire_call *call = connection->call;

	(void)stream;
	if (call && call->written && !connection->gone)
		call->written(call, call->written_data);
	take_turn(connection);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	take_turn(data);
}

static void on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *data)
{
	struct connection *connection = data;

	(void)buffer;
	connection->received += info->n_added;
}

static void on_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *data)
{
	struct connection *connection = data;

	(void)buffer;
	connection->written += info->n_deleted;
}

/* The client has closed both directions, and not only ended what it sends. */
static bool hung_up(const struct connection *connection)
{
	struct pollfd poller = { .fd = bufferevent_getfd(connection->stream) };

	return poll(&poller, 1, 0) > 0 && poller.revents & (POLLHUP | POLLERR | POLLNVAL);
}

static void on_end(struct connection *connection)
{
	connection->finished = true;
	if (connection->call && (connection->call->more || hung_up(connection)))
		connection->gone = true;
	take_turn(connection);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
	struct connection *connection = data;

	if (what & BEV_EVENT_CONNECTED) {
		connection->peer_name = tls_peer_name(stream);
		connection->peer.name = connection->peer_name;
		connection->peer_serial = tls_peer_serial(stream);
		connection->peer.serial = connection->peer_serial;
		connection->ready = true;
		return;
	}
	if (what & BEV_EVENT_EOF && connection->ready) {
		on_end(connection);
		return;
	}
	if (!connection->ready) {
		const char *why = tls_failure(stream);

		log_info("a client does not get in: %s", why ? why : "it went away");
	}
	connection_free(connection);
}

static struct connection *connection_start(struct wire_server *server, struct bufferevent *stream)
{
	struct connection *connection = mem_alloc(sizeof(*connection));

	connection->server = server;
	connection->limits = server->limits;
	connection->stream = stream;
	connection->turn = event_new(server->base, -1, 0, on_turn, connection);
	watchdog_new(connection);
	connection->next = server->connections;
	if (connection->next)
		connection->next->previous = connection;
	server->connections = connection;
	server->n_connections++;
	return connection;
}

void connection_new(const struct wire_listener *listener, evutil_socket_t fd)
{
	struct wire_server *server = listener->server;
	struct bufferevent *stream = NULL;
	struct wire_peer peer = { 0 };
	struct connection *connection;

	evutil_make_socket_nonblocking(fd);
	if (listener->is_tcp) {
		socket_keep_alive(fd);
		stream = tls_stream(server->tls, server->base, fd, true);
	} else if (peer_read_local(&peer, listener, fd)) {
		stream = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	}
	if (!stream) {
		evutil_closesocket(fd);
		return;
	}
	connection = connection_start(server, stream);
	connection->peer = peer;
	connection->ready = !listener->is_tcp;
	evbuffer_add_cb(bufferevent_get_input(stream), on_input, connection);
	evbuffer_add_cb(bufferevent_get_output(stream), on_output, connection);
	/* One byte more than a message and its NUL: enough to see that it is too long. */
	bufferevent_setwatermark(stream, EV_READ, 0, connection->limits.message_bytes + 1);
	bufferevent_setcb(stream, on_read, on_written, on_event, connection);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
	watchdog_set(connection);
}

void connection_free(struct connection *connection)
{
	struct wire_call *call = STEAL(connection->call);

	if (call && call->gone)
		call->gone(call, call->gone_data);
	free(call);
	if (connection->next)
		connection->next->previous = connection->previous;
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		connection->server->connections = connection->next;
	connection->server->n_connections--;
	event_free(connection->turn);
	event_free(connection->watchdog);
	bufferevent_free(connection->stream);
	free(connection->peer_name);
	free(connection->peer_serial);
	free(connection);
}

void connection_refuse(struct connection *connection, const char *why)
{
	log_warning("%s is let go: %s", peer_text(&connection->peer).s, why);
	connection->ending = true;
}

void connection_wake(struct connection *connection)
{
	event_active(connection->turn, EV_TIMEOUT, 0);
}

void connection_send(struct connection *connection, json_t *message)
{
	char *text = message && !connection->gone ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	connection_send_text(connection, text);
}

void connection_send_text(struct connection *connection, char *text)
{
	if (connection->gone) {
		message_forget(text);
		return;
	}
	if (text && connection_unwritten(connection) <= connection->limits.output_bytes) {
		message_add(bufferevent_get_output(connection->stream), text);
		watchdog_set(connection);
		return;
	}
	connection_refuse(connection, text ? "it does not read its replies"
					   : "its reply cannot be written as JSON");
	connection->gone = true;
	connection_wake(connection);
	message_forget(text);
}

static bool may_take(const struct connection *connection)
{
	return !connection->call && !connection->ending && !connection->gone &&
	       connection_unwritten(connection) < OUTPUT_PAUSE;
}

/* Handles one message; false: there is none. */
static bool take_one(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	json_t *message = NULL;

	switch (message_take(input, &connection->searched, &message)) {
	case MESSAGE_NONE:
		if (evbuffer_get_length(input) > connection->limits.message_bytes)
			connection_refuse(connection, "its message is too long");
		connection->ending |= connection->finished;
		return false;
	case MESSAGE_BROKEN:
		connection_refuse(connection, "its message is no JSON");
		return false;
	case MESSAGE_WHOLE:
		break;
	}
	if (!dispatch(connection, message))
		connection_refuse(connection, "its message is no call");
	json_decref(message);
	return true;
}

/* Reads on, or not: a buffer that is full and is not emptied now must not be offered again and
 * again by the event loop. */
static void set_reading(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	bool full = evbuffer_get_length(input) > connection->limits.message_bytes;
	bool deaf = connection->ending || connection->finished || (full && !may_take(connection));

	if (deaf == connection->deaf)
		return;
	connection->deaf = deaf;
	if (deaf)
		bufferevent_disable(connection->stream, EV_READ);
	else
		bufferevent_enable(connection->stream, EV_READ);
}

static void take_turn(struct connection *connection)
{
	unsigned int n = 0;

	connection->in_turn = true;
	while (n < TURN_MESSAGES && may_take(connection) && take_one(connection))
		n++;
	connection->in_turn = false;
	set_reading(connection);
	if (connection->gone ||
	    (connection->ending && !connection->call && !connection_unwritten(connection))) {
		connection_free(connection);
		return;
	}
	if (n == TURN_MESSAGES && may_take(connection))
		connection_wake(connection);
	watchdog_set(connection);
}
