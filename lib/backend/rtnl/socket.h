/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket.h - the state of one rtnetlink user; inside of lib/backend/rtnl and lib/backend/tc. */
#ifndef WEFT_BACKEND_RTNL_SOCKET_H
#define WEFT_BACKEND_RTNL_SOCKET_H

#include <libmnl/libmnl.h>

#include "lib/backend/rtnl/link_table.h"
#include "lib/backend/rtnl/rtnl.h"

#define RTNL_PROTOCOL 119 /* Ours, of addresses, routes, rules and neighbours. */

struct rtnl {
	struct mnl_socket *requests;
	unsigned int port; /* The kernel names it in the events that our requests cause. */
	uint32_t sequence;
	struct mnl_socket *events;
	struct link_table known; /* As the events told it. */
	bool lost_events;        /* And some they did not. */
	/* The addresses that are facts, as they were read; whether they are others since. */
	struct facts addresses;
	bool addresses_read;
	bool hears_neighbours;
	int ioctl_fd;
	int packet_fd; /* -1 until something was announced. */
	int proc_fd;   /* /proc/sys */
	int *risen;    /* Links whose addresses are to be announced again. */
	size_t n_risen, risen_room;
	/* What others have in the routing tables, and which tables were read; while routes are
	 * applied, if it matters. */
	struct item_set foreign_routes;
};

/* 0 if there is no such link. */
int rtnl_link_index(struct rtnl *rtnl, const char *name);
/* False if there is no such link. */
bool rtnl_link_name(struct rtnl *rtnl, int index, char name[IFNAMSIZ]);

/* As rtnl_link_index(), but says so: -ENODEV "link NAME is not there". */
int rtnl_need_link(struct rtnl *rtnl, const char *name, int *index, struct err *err);

/* Opens a netlink socket with readable errors and strict requests. */
int rtnl_socket_open(struct mnl_socket **ret, int bytes, struct err *err);

#endif
