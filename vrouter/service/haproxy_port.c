/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* As HAProxy binds: a worker of ours that is about to go shares the port with its follower. */
static int try_v4(const struct haproxy_listener *listener, int fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(listener->port) };
	int yes = 1;

	memcpy(&at.sin_addr, listener->address.bytes, 4);
	if (setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &yes, sizeof(yes)) < 0)
		return -errno;
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -errno : 0;
}

static int try_v6(const struct haproxy_listener *listener, int fd)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(listener->port) };
	int yes = 1;

	memcpy(&at.sin6_addr, listener->address.bytes, 16);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof(yes)) < 0)
		return -errno;
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -errno : 0;
}

int haproxy_port_check(const struct haproxy_listener *listener, struct err *err)
{
	bool is_v4 = listener->address.family == 4;
	AUTO(close_fd)
	int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1;

	if (fd < 0)
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	if ((is_v4 ? try_v4(listener, fd) : try_v6(listener, fd)) != -EADDRINUSE)
		return 0;
	return err_set(err, -EADDRINUSE, "port %u of %s is taken by another program here",
		       listener->port, ip_text(&listener->address).s);
}
