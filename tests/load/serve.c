/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve.c - answers each HTTP request with the same page, as fast as one thread can. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "tests/load/load.h"

#define EVENTS        256
#define REQUEST_BYTES 2048
#define BACKLOG       4096

struct page {
	char *bytes;
	size_t length;
};

struct peer {
	int fd;
	bool is_listener;
	size_t n;
	char request[REQUEST_BYTES];
};

static struct page page_of(size_t body_bytes, bool closes)
{
	struct page page;
	AUTO(free_ptr)
	char *head = mem_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", body_bytes,
				closes ? "Connection: close\r\n" : "");

	page.length = strlen(head) + body_bytes;
	page.bytes = mem_alloc(page.length);
	memcpy(page.bytes, head, strlen(head));
	memset(page.bytes + strlen(head), 'x', body_bytes);
	return page;
}

static void end(struct peer *peer)
{
	close(peer->fd);
	free(peer);
}

static void welcome(int epoll, const struct peer *listener)
{
	for (;;) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct epoll_event event = { .events = EPOLLIN };
		struct peer *peer;

		if (fd < 0)
			return;
		peer = mem_alloc(sizeof(*peer));
		peer->fd = fd;
		event.data.ptr = peer;
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	}
}

/* One request at a time: nobody here sends a second one before the answer. */
static void answer(struct peer *peer, const struct page *kept, const struct page *last)
{
	ssize_t n = recv(peer->fd, peer->request + peer->n, sizeof(peer->request) - peer->n - 1, 0);
	const struct page *page;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end(peer);
		return;
	}
	peer->n += (size_t)n;
	peer->request[peer->n] = '\0';
	if (!strstr(peer->request, "\r\n\r\n")) {
		if (peer->n == sizeof(peer->request) - 1)
			end(peer);
		return;
	}
	page = strcasestr(peer->request, "connection: close") ? last : kept;
	/* A page is smaller than any socket's buffer. */
	if (send(peer->fd, page->bytes, page->length, MSG_NOSIGNAL) != (ssize_t)page->length ||
	    page == last)
		end(peer);
	else
		peer->n = 0;
}

static int listen_at(int epoll, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct peer *listener = mem_alloc(sizeof(*listener));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = listener };
	int yes = 1;

	listener->is_listener = true;
	listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0)
		return -errno;
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener->fd, BACKLOG) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener->fd, &event) < 0)
		return -errno;
	return 0;
}

int serve(const uint16_t *ports, size_t n_ports, size_t body_bytes)
{
	struct page kept = page_of(body_bytes, false), last = page_of(body_bytes, true);
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC), ret;

	if (epoll < 0)
		return -errno;
	for (size_t i = 0; i < n_ports; i++) {
		ret = listen_at(epoll, ports[i]);
		if (ret < 0)
			return ret;
	}
	puts("serves");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct peer *peer = events[i].data.ptr;

			if (peer->is_listener)
				welcome(epoll, peer);
			else
				answer(peer, &kept, &last);
		}
	}
}
