/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve.c - answers each HTTP request with the same page, as fast as one thread can.
 *
 * A connection comes to it once its request is there (TCP_DEFER_ACCEPT), and most end with the
 * answer: these are never told to epoll. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
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
	SLIST_ENTRY(peer) resting;
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

struct serving {
	struct page kept, last;
	int epoll;
	SLIST_HEAD(, peer) resting; /* Memory for the next ones. */
};

static void end(struct serving *serving, struct peer *peer)
{
	close(peer->fd);
	SLIST_INSERT_HEAD(&serving->resting, peer, resting);
}

/* One request at a time: nobody here sends a second one before the answer. Whether the connection
 * goes on. */
static bool answer(const struct serving *serving, struct peer *peer)
{
	ssize_t n = recv(peer->fd, peer->request + peer->n, sizeof(peer->request) - peer->n - 1, 0);
	bool is_last;
	const struct page *page;

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	peer->n += (size_t)n;
	peer->request[peer->n] = '\0';
	if (!strstr(peer->request, "\r\n\r\n"))
		return peer->n < sizeof(peer->request) - 1;
	is_last = strcasestr(peer->request, "connection: close");
	page = is_last ? &serving->last : &serving->kept;
	peer->n = 0;
	/* A page is smaller than any socket's buffer; the last one goes with the end, in one
	 * packet. */
	return send(peer->fd, page->bytes, page->length, MSG_NOSIGNAL | (is_last ? MSG_MORE : 0)) ==
		       (ssize_t)page->length &&
	       !is_last;
}

static void welcome(struct serving *serving, const struct peer *listener)
{
	for (;;) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct epoll_event event = { .events = EPOLLIN };
		struct peer *peer = SLIST_FIRST(&serving->resting);

		if (fd < 0)
			return;
		if (peer)
			SLIST_REMOVE_HEAD(&serving->resting, resting);
		else
			peer = mem_alloc(sizeof(*peer));
		peer->fd = fd;
		peer->n = 0;
		event.data.ptr = peer;
		if (!answer(serving, peer) ||
		    epoll_ctl(serving->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
			end(serving, peer);
	}
}

static int listen_at(int epoll, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct peer *listener = mem_alloc(sizeof(*listener));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = listener };
	int yes = 1, seconds = 1;

	listener->is_listener = true;
	listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0)
		return -errno;
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(listener->fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
	if (bind(listener->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener->fd, BACKLOG) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener->fd, &event) < 0)
		return -errno;
	return 0;
}

int serve(const uint16_t *ports, size_t n_ports, size_t body_bytes)
{
	struct serving serving = { .kept = page_of(body_bytes, false),
				   .last = page_of(body_bytes, true),
				   .epoll = epoll_create1(EPOLL_CLOEXEC) };
	struct epoll_event events[EVENTS];
	int ret;

	if (serving.epoll < 0)
		return -errno;
	for (size_t i = 0; i < n_ports; i++) {
		ret = listen_at(serving.epoll, ports[i]);
		if (ret < 0)
			return ret;
	}
	puts("serves");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(serving.epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct peer *peer = events[i].data.ptr;

			if (peer->is_listener)
				welcome(&serving, peer);
			else if (!answer(&serving, peer))
				end(&serving, peer);
		}
	}
}
