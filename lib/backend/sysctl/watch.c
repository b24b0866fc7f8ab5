/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/sysctl/watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

int sysctl_watch_open(struct err *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int group = RTNLGRP_IPV4_NETCONF;

	if (fd < 0)
		return err_errno(err, -errno, "cannot open a netlink socket");
	if (bind(fd, (const void *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
		err_errno(err, -errno, "notifications of kernel settings");
		close(fd);
		return err->code;
	}
	return fd;
}

bool sysctl_watch_read(int fd)
{
	char message[4096];
	bool any = false;

	for (;;) {
		ssize_t n = recv(fd, message, sizeof(message), 0);

		if (n < 0 && errno == EAGAIN)
			return any;
		any = true; /* Even if messages were lost (ENOBUFS): something changed. */
		if (n <= 0 && errno != EINTR && errno != ENOBUFS)
			return any;
	}
}
