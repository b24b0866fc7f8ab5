/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes into messages: JSON up to a NUL. */
#include <event2/buffer.h>
#include <string.h>

#include "lib/wire/server_state.h"

/* What is left of one message in the buffer. */
struct source {
	struct evbuffer *input;
	size_t left;
};

/* For json_load_callback(): reads from the buffer's pieces, so that a large message is never
 * copied into one. */
static size_t feed(void *to, size_t size, void *data)
{
	struct source *source = data;
	size_t part = size < source->left ? size : source->left;
	int n = evbuffer_remove(source->input, to, part);

	if (n <= 0)
		return 0;
	source->left -= (size_t)n;
	return (size_t)n;
}

/* Where the message ends; -1: not yet. */
static ev_ssize_t find_end(struct connection *connection, struct evbuffer *input)
{
	size_t length = evbuffer_get_length(input);
	struct evbuffer_ptr from, end;

	if (length <= connection->searched)
		return -1;
	if (evbuffer_ptr_set(input, &from, connection->searched, EVBUFFER_PTR_SET) < 0)
		return -1;
	end = evbuffer_search(input, "", 1, &from);
	connection->searched = end.pos < 0 ? length : 0;
	return end.pos;
}

json_t *connection_take(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	ev_ssize_t end = find_end(connection, input);
	struct source source = { input, (size_t)end };
	json_t *message;

	if (end < 0) {
		if (evbuffer_get_length(input) > connection->limits.message_bytes)
			connection_refuse(connection, "its message is too long");
		return NULL;
	}
	message = json_load_callback(feed, &source, JSON_REJECT_DUPLICATES, NULL);
	evbuffer_drain(input, source.left + 1);
	if (!message)
		connection_refuse(connection, "its message is no JSON");
	return message;
}
