/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/socket.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"

/* A process that was killed between fork() and exec() of a child leaves its socket in the child
 * for a moment more: connections are taken, and nobody answers them. The kernel tells who listened
 * first (unix(7), SO_PEERCRED). */
static bool listener_is_gone(int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid > 0 &&
	       kill(who.pid, 0) < 0 && errno == ESRCH;
}

/* A socket that nobody answers on is left from a process that died. */
static int clear_path(const struct wire_address *address, struct err *err)
{
	AUTO(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat stat;
	int code;

	if (lstat(address->path, &stat) < 0)
		return 0;
	if (!S_ISSOCK(stat.st_mode))
		return err_set(err, -EEXIST, "something that is no socket is in its place");
	if (fd < 0)
		return err_errno(err, -errno, "socket");
	/* EAGAIN: it lives, and many wait for it. */
	code = connect(fd, (const void *)&address->socket, address->size) < 0 ? errno : 0;
	if (code == EAGAIN || (code == 0 && !listener_is_gone(fd)))
		return err_set(err, -EADDRINUSE, "another process answers there");
	if (code && code != ECONNREFUSED)
		return err_errno(err, -code, "what is in its place");
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

static int note_file(struct wire_socket *socket, const struct wire_address *address,
		     struct err *err)
{
	struct stat stat;

	if (address->is_tcp)
		return 0;
	socket->path = mem_text(address->path);
	if (lstat(address->path, &stat) < 0)
		return err_errno(err, -errno, "the socket that was just made");
	socket->device = stat.st_dev;
	socket->inode = stat.st_ino;
	socket->gid = stat.st_gid;
	return 0;
}

int wire_socket_open(struct wire_socket *socket, const struct wire_address *address,
		     struct err *err)
{
	int ret = address->is_tcp ? 0 : clear_path(address, err);

	*socket = (struct wire_socket)WIRE_SOCKET_NONE;
	if (ret == 0)
		ret = socket->fd = open_socket(address, err);
	if (ret >= 0)
		ret = note_file(socket, address, err);
	if (ret < 0)
		wire_socket_close(socket);
	return ret;
}

void wire_socket_close(struct wire_socket *socket)
{
	struct stat stat;

	if (socket->path && lstat(socket->path, &stat) == 0 && stat.st_dev == socket->device &&
	    stat.st_ino == socket->inode)
		unlink(socket->path);
	if (socket->fd >= 0)
		close(socket->fd);
	free(socket->path);
	*socket = (struct wire_socket)WIRE_SOCKET_NONE;
}
