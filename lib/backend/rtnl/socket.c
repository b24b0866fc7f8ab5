/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/rtnl/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/backend/rtnl/event.h"

#define REQUEST_BYTES (2 << 20)
#define EVENT_BYTES   (16 << 20)

int rtnl_socket_open(struct mnl_socket **ret, int bytes, struct err *err)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int on = 1, fd;

	if (!socket)
		return err_errno(err, -errno, "cannot open a netlink socket");
	fd = mnl_socket_get_fd(socket);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err_errno(err, -errno, "cannot bind a netlink socket");
		mnl_socket_close(socket);
		return err ? err->code : -EIO;
	}
	/* None of these is vital: without them, errors say less and reads take longer. */
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	*ret = socket;
	return 0;
}

static void rtnl_free_auto(struct rtnl **rtnl)
{
	rtnl_free(*rtnl);
}

int rtnl_new(struct rtnl **ret, struct err *err)
{
	AUTO(rtnl_free_auto) struct rtnl *rtnl = mem_alloc(sizeof(*rtnl));

	rtnl->ioctl_fd = rtnl->packet_fd = rtnl->proc_fd = -1;
	if (rtnl_socket_open(&rtnl->requests, REQUEST_BYTES, err) < 0 ||
	    rtnl_socket_open(&rtnl->events, EVENT_BYTES, err) < 0)
		return err ? err->code : -EIO;
	rtnl->port = mnl_socket_get_portid(rtnl->requests);
	rtnl->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (rtnl->ioctl_fd < 0)
		return err_errno(err, -errno, "cannot open a socket");
	rtnl->proc_fd = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rtnl->proc_fd < 0)
		return err_errno(err, -errno, "/proc/sys");
	if (event_listen(rtnl, err) < 0)
		return err ? err->code : -EIO;
	*ret = STEAL(rtnl);
	return 0;
}

void rtnl_free(struct rtnl *rtnl)
{
	if (!rtnl)
		return;
	if (rtnl->requests)
		mnl_socket_close(rtnl->requests);
	if (rtnl->events)
		mnl_socket_close(rtnl->events);
	close_fd(&rtnl->ioctl_fd);
	close_fd(&rtnl->packet_fd);
	close_fd(&rtnl->proc_fd);
	link_table_clear(&rtnl->known);
	facts_clear(&rtnl->addresses);
	free(rtnl->risen);
	free(rtnl);
}

int rtnl_link_index(struct rtnl *rtnl, const char *name)
{
	struct ifreq request = { 0 };

	if (strlen(name) >= sizeof(request.ifr_name))
		return 0;
	strcpy(request.ifr_name, name);
	return ioctl(rtnl->ioctl_fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

bool rtnl_link_name(struct rtnl *rtnl, int index, char name[IFNAMSIZ])
{
	struct ifreq request = { .ifr_ifindex = index };

	if (ioctl(rtnl->ioctl_fd, SIOCGIFNAME, &request) < 0)
		return false;
	snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, request.ifr_name);
	return true;
}

int rtnl_need_link(struct rtnl *rtnl, const char *name, int *index, struct err *err)
{
	*index = rtnl_link_index(rtnl, name);
	return *index ? 0 : err_set(err, -ENODEV, "link %.32s is not there", name);
}
