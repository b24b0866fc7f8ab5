/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client began must make progress: its handshake, a message, its reading of replies. Who has
 * nothing unfinished may stay silent for ever. The look comes every pause_ms; what made no progress
 * between two looks is ended, so that nothing has to be set for each byte that comes. */
#include <event2/buffer.h>

#include "lib/wire/server_state.h"

static size_t waiting_input(const struct connection *connection)
{
	if (connection->call || connection->ending)
		return 0;
	return evbuffer_get_length(bufferevent_get_input(connection->stream));
}

static size_t waiting_output(const struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_output(connection->stream));
}

/* Why the connection must end, or NULL. */
static const char *fault(const struct connection *connection)
{
	if (!connection->ready)
		return "it does not end its handshake";
	if (waiting_output(connection))
		return connection->written == connection->mark.written
			       ? "it does not read its replies"
			       : NULL;
	if (waiting_input(connection) && connection->received == connection->mark.received)
		return "it began a message and does not end it";
	return NULL;
}

static void on_look(evutil_socket_t fd, short what, void *data)
{
	struct connection *connection = data;
	const char *why = fault(connection);

	(void)fd;
	(void)what;
	if (!why) {
		watchdog_set(connection);
		return;
	}
	connection_refuse(connection, why);
	connection->gone = true;
	connection_wake(connection);
}

void watchdog_new(struct connection *connection)
{
	connection->watchdog = evtimer_new(connection->server->base, on_look, connection);
}

void watchdog_set(struct connection *connection)
{
	const struct timeval pause = { connection->limits.pause_ms / 1000,
				       connection->limits.pause_ms % 1000 * 1000 };

	if (evtimer_pending(connection->watchdog, NULL))
		return;
	if (connection->ready && !waiting_input(connection) && !waiting_output(connection))
		return;
	connection->mark.received = connection->received;
	connection->mark.written = connection->written;
	evtimer_add(connection->watchdog, &pause);
}
