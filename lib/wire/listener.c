/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where clients come in: opens the sockets and lets in who may. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/wire/address.h"
#include "lib/wire/server_state.h"

/* No descriptor was left for a client: it waits this long for the next try. */
static const struct timeval accept_pause = { 1, 0 };

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
		      int size, void *data)
{
	struct wire_listener *self = data;
	struct wire_server *server = self->server;

	(void)listener;
	(void)peer;
	(void)size;
	if (server->n_connections >= server->limits.connections) {
		log_warning("%zu clients are here already: one more is sent away",
			    server->n_connections);
		evutil_closesocket(fd);
		return;
	}
	connection_new(self, fd);
}

/* Without the pause, the loop would do nothing else until a descriptor is free again. */
static void on_accept_error(struct evconnlistener *listener, void *data)
{
	struct wire_listener *self = data;
	struct err err = ERR_NONE;

	err_errno(&err, -EVUTIL_SOCKET_ERROR(), "a client cannot be let in, trying again");
	log_warning("%s", err_text(&err));
	err_clear(&err);
	evconnlistener_disable(listener);
	evtimer_add(self->pause, &accept_pause);
}

static void on_accept_again(evutil_socket_t fd, short what, void *data)
{
	struct wire_listener *self = data;

	(void)fd;
	(void)what;
	evconnlistener_enable(self->listener);
}

/* A socket that nobody answers on is left from a process that died. */
static int clear_path(const struct wire_address *address, struct err *err)
{
	AUTO(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat stat;

	if (lstat(address->path, &stat) < 0)
		return 0;
	if (!S_ISSOCK(stat.st_mode))
		return err_set(err, -EEXIST, "something that is no socket is in its place");
	if (fd < 0)
		return err_errno(err, -errno, "socket");
	/* EAGAIN: it lives, and many wait for it. */
	if (connect(fd, (const struct sockaddr *)&address->socket, address->size) == 0 ||
	    errno == EAGAIN)
		return err_set(err, -EADDRINUSE, "another process answers there");
	if (errno != ECONNREFUSED)
		return err_errno(err, -errno, "what is in its place");
	if (unlink(address->path) < 0 && errno != ENOENT)
		return err_errno(err, -errno, "the dead socket in its place");
	return 0;
}

static int open_socket(const struct wire_address *address, struct err *err)
{
	const struct sockaddr *to = (const void *)&address->socket;
	int ret, yes = 1;
	mode_t mask;
	int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_errno(err, -errno, "socket");
	if (address->is_tcp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	/* The file is born with its mode: there is no moment in which others can open it. */
	mask = umask(0117);
	ret = bind(fd, to, address->size) < 0 ? -errno : 0;
	umask(mask);
	if (ret == 0 && listen(fd, 512) < 0)
		ret = -errno;
	if (ret == 0)
		return fd;
	close(fd);
	return err_errno(err, ret, "cannot listen");
}

static int note_file(struct wire_listener *listener, const struct wire_address *address,
		     struct err *err)
{
	struct stat stat;

	if (address->is_tcp)
		return 0;
	listener->path = mem_text(address->path);
	if (lstat(address->path, &stat) < 0)
		return err_errno(err, -errno, "the socket that was just made");
	listener->device = stat.st_dev;
	listener->inode = stat.st_ino;
	listener->gid = stat.st_gid;
	return 0;
}

static int listener_open(struct wire_listener *listener, const struct wire_address *address,
			 struct err *err)
{
	unsigned int flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
	int fd, ret = address->is_tcp ? 0 : clear_path(address, err);

	if (ret < 0)
		return ret;
	fd = open_socket(address, err);
	if (fd < 0)
		return fd;
	listener->is_tcp = address->is_tcp;
	listener->pause = evtimer_new(listener->server->base, on_accept_again, listener);
	listener->listener =
		evconnlistener_new(listener->server->base, on_accept, listener, flags, 0, fd);
	if (!listener->listener) {
		close(fd);
		return err_set(err, -EIO, "the event loop does not take its socket");
	}
	evconnlistener_set_error_cb(listener->listener, on_accept_error);
	return note_file(listener, address, err);
}

int wire_server_listen(struct wire_server *server, const char *text, struct err *err)
{
	struct wire_address address;
	struct wire_listener *listener;
	int ret = wire_address_parse(text, &address, err);

	if (ret < 0)
		return ret;
	if (address.is_tcp && !server->tls)
		return err_set(err, -EINVAL, "a tcp address needs certificates (TLS)");
	listener = mem_alloc(sizeof(*listener));
	listener->server = server;
	ret = listener_open(listener, &address, err);
	if (ret < 0) {
		listener_free(listener);
		return ret;
	}
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}

/* Takes the file away, unless another process has put its own there. */
static void remove_file(const struct wire_listener *listener)
{
	struct stat stat;

	if (listener->path && lstat(listener->path, &stat) == 0 &&
	    stat.st_dev == listener->device && stat.st_ino == listener->inode)
		unlink(listener->path);
}

void listener_free(struct wire_listener *listener)
{
	remove_file(listener);
	if (listener->listener)
		evconnlistener_free(listener->listener);
	if (listener->pause)
		event_free(listener->pause);
	free(listener->path);
	free(listener);
}
