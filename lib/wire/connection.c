/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client: bytes into messages, one at a time, and replies into bytes. */
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/wire/server_state.h"

static void on_read(struct bufferevent *stream, void *data);
static void on_written(struct bufferevent *stream, void *data);
static void on_event(struct bufferevent *stream, short what, void *data);

void connection_new(struct wire_server *server, evutil_socket_t fd, bool is_tcp)
{
	struct connection *connection = mem_alloc(sizeof(*connection));

	connection->server = server;
	evutil_make_socket_nonblocking(fd);
	connection->stream =
		is_tcp ? tls_stream(server->tls, server->base, fd)
		       : bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!connection->stream) {
		evutil_closesocket(fd);
		free(connection);
		return;
	}
	connection->next = server->connections;
	if (connection->next)
		connection->next->previous = connection;
	server->connections = connection;
	server->n_connections++;
	bufferevent_setcb(connection->stream, on_read, on_written, on_event, connection);
	bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
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
	bufferevent_free(connection->stream);
	free(connection);
}

/* Whether the connection is still there: a client that does not read is let go. */
static bool drained(struct connection *connection)
{
	struct evbuffer *output = bufferevent_get_output(connection->stream);

	if (evbuffer_get_length(output) <= WIRE_OUTPUT_MAX)
		return true;
	log_warning("a client that does not read its replies is let go");
	return false;
}

void connection_send(struct connection *connection, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);

	if (text && drained(connection))
		bufferevent_write(connection->stream, text, strlen(text) + 1);
	else
		connection->closing = true;
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	json_decref(message);
}

/* A message without its NUL, or NULL while there is none; sets 'closing' if there never will be. */
static json_t *take_message(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	size_t length = evbuffer_get_length(input);
	struct evbuffer_ptr from, end;
	json_t *message;

	if (!length)
		return NULL;
	evbuffer_ptr_set(input, &from, connection->searched, EVBUFFER_PTR_SET);
	end = evbuffer_search(input, "", 1, &from);
	if (end.pos < 0) {
		connection->searched = length;
		if (length > WIRE_MESSAGE_MAX) {
			log_warning("a message of more than %zu bytes: its client is let go",
				    WIRE_MESSAGE_MAX);
			connection->closing = true;
		}
		return NULL;
	}
	connection->searched = 0;
	message = json_loadb((const char *)evbuffer_pullup(input, end.pos + 1), (size_t)end.pos,
			     JSON_REJECT_DUPLICATES, NULL);
	evbuffer_drain(input, (size_t)end.pos + 1);
	if (!message) {
		log_warning("a message that is no JSON: its client is let go");
		connection->closing = true;
	}
	return message;
}

static void set_pause(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	const struct timeval pause = { WIRE_PAUSE_S, 0 };

	bufferevent_set_timeouts(connection->stream,
				 evbuffer_get_length(input) && !connection->call ? &pause : NULL,
				 NULL);
}

/* Handles what has come, until a call waits for its answer. Frees the connection if it ends. */
static void read_on(struct connection *connection)
{
	connection->reading = true;
	while (!connection->call && !connection->closing) {
		json_t *message = take_message(connection);

		if (!message)
			break;
		if (!dispatch(connection, message))
			connection->closing = true;
		json_decref(message);
	}
	connection->reading = false;
	if (connection->closing)
		connection_free(connection);
	else
		set_pause(connection);
}

static void on_read(struct bufferevent *stream, void *data)
{
	struct connection *connection = data;

	if (!connection->call) {
		read_on(connection);
		return;
	}
	if (evbuffer_get_length(bufferevent_get_input(stream)) > WIRE_MESSAGE_MAX)
		connection_free(connection);
}

/* A client that has sent all it wanted still gets its answers. */
static void on_written(struct bufferevent *stream, void *data)
{
	struct connection *connection = data;

	(void)stream;
	if (connection->closing && !connection->reading)
		connection_free(connection);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
	struct connection *connection = data;

	if (what & BEV_EVENT_CONNECTED)
		return;
	if (what & BEV_EVENT_EOF && !connection->call &&
	    evbuffer_get_length(bufferevent_get_output(stream))) {
		connection->closing = true;
		return;
	}
	connection_free(connection);
}

void connection_next(struct connection *connection)
{
	if (connection->reading)
		return; /* The loop above goes on by itself. */
	if (connection->closing)
		connection_free(connection);
	else
		read_on(connection);
}
