/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/message.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
static ev_ssize_t find_end(struct evbuffer *input, size_t *searched)
{
	size_t length = evbuffer_get_length(input);
	struct evbuffer_ptr from, end;

	if (length <= *searched || evbuffer_ptr_set(input, &from, *searched, EVBUFFER_PTR_SET) < 0)
		return -1;
	end = evbuffer_search(input, "", 1, &from);
	*searched = end.pos < 0 ? length : 0;
	return end.pos;
}

enum message_state message_take(struct evbuffer *input, size_t *searched, json_t **ret)
{
	ev_ssize_t end = find_end(input, searched);
	struct source source = { input, (size_t)end };
	json_t *message;

	if (end < 0)
		return MESSAGE_NONE;
	message = json_load_callback(feed, &source, JSON_REJECT_DUPLICATES, NULL);
	evbuffer_drain(input, source.left + 1);
	if (!message)
		return MESSAGE_BROKEN;
	*ret = message;
	return MESSAGE_WHOLE;
}

static void forget(const void *bytes, size_t size, void *text)
{
	(void)bytes;
	explicit_bzero(text, size);
	free(text);
}

void message_add(struct evbuffer *output, char *text)
{
	evbuffer_add_reference(output, text, strlen(text) + 1, forget, text);
}

void message_forget(char *text)
{
	if (text)
		forget(text, strlen(text), text);
}

void socket_keep_alive(int fd)
{
	int yes = 1, idle_s = 60, interval_s = 15, probes = 4;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}
