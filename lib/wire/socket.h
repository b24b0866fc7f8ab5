/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket.h - a socket that clients come in by. */
#ifndef WEFT_WIRE_SOCKET_H
#define WEFT_WIRE_SOCKET_H

#include <sys/types.h>

#include "lib/wire/address.h"

struct wire_socket {
	int fd;
	char *path;   /* Of a UNIX socket. */
	dev_t device; /* Which file it is there: */
	ino_t inode;
	gid_t gid;
};

#define WIRE_SOCKET_NONE  \
	{                 \
		.fd = -1, \
	}

/* Listens, without blocking. A UNIX socket is made for its owner and group (0660); a dead one in
 * its place is replaced, a live one is -EADDRINUSE. */
int wire_socket_open(struct wire_socket *socket, const struct wire_address *address,
		     struct err *err);

/* Closes 'fd' unless it is -1, and takes the file away unless another process has put its own
 * there. */
void wire_socket_close(struct wire_socket *socket);

#endif
