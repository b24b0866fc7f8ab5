/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_call.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/text.h"

#define ANSWER_MOST (64 << 20)
#define LIMIT_S     10

struct haproxy_call {
	int fd; /* -1: could not be connected. */
	struct event *event;
	char *command;
	size_t sent;
	struct text answer;
	haproxy_answer_fn *done;
	void *data;
};

static const struct timeval limit = { .tv_sec = LIMIT_S };

static void finish(struct haproxy_call *call, bool complete)
{
	haproxy_answer_fn *done = call->done;
	void *data = call->data;
	AUTO(free_ptr) char *answer = complete ? text_take(&call->answer) : NULL;

	haproxy_call_cancel(call);
	done(data, complete && !answer ? "" : answer);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct haproxy_call *call = data;
	char bytes[16384];
	ssize_t n;

	if (what & EV_TIMEOUT) {
		finish(call, false);
		return;
	}
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		text_add_n(&call->answer, bytes, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && call->answer.length < ANSWER_MOST)
		return;
	finish(call, n == 0);
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
	struct haproxy_call *call = data;
	size_t left = strlen(call->command) - call->sent;
	ssize_t n;

	if (fd < 0 || !(what & EV_WRITE)) {
		finish(call, false);
		return;
	}
	n = send(fd, call->command + call->sent, left, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		finish(call, false);
		return;
	}
	if (n > 0)
		call->sent += (size_t)n;
	if (call->command[call->sent])
		return;
	/* The master answers on until it is told that nothing more comes. */
	shutdown(fd, SHUT_WR);
	event_del(call->event);
	event_assign(call->event, event_get_base(call->event), fd, EV_READ | EV_PERSIST,
		     on_readable, call);
	event_add(call->event, &limit);
}

static int connect_to(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(at.sun_path))
		return -1;
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct haproxy_call *haproxy_call_start(struct event_base *base, const char *socket_path,
					const char *command, haproxy_answer_fn *done, void *data)
{
	struct haproxy_call *call = mem_alloc(sizeof(*call));
	struct timeval now = { 0 };

	call->command = mem_format("%s\n", command);
	call->done = done;
	call->data = data;
	call->fd = connect_to(socket_path);
	call->event = event_new(base, call->fd, call->fd < 0 ? 0 : EV_WRITE | EV_PERSIST,
				on_writable, call);
	event_add(call->event, call->fd < 0 ? &now : &limit);
	return call;
}

void haproxy_call_cancel(struct haproxy_call *call)
{
	if (!call)
		return;
	event_free(call->event);
	if (call->fd >= 0)
		close(call->fd);
	/* Commands may carry a key. */
	explicit_bzero(call->command, strlen(call->command));
	free(call->command);
	text_clear(&call->answer);
	free(call);
}
