/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/netlink/drain.h"

#include <errno.h>
#include <sys/socket.h>

/* So many errors in a row, and not one message: it will not get better now. */
#define ERRORS_MAX 16

void netlink_drain(const struct mnl_socket *socket)
{
	unsigned int errors = 0;
	char byte;

	/* What a message has beyond the byte goes with it, and the kernel writes on at its dump. */
	while (errors < ERRORS_MAX) {
		ssize_t n = recv(mnl_socket_get_fd(socket), &byte, sizeof(byte), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		errors = n < 0 ? errors + 1 : 0;
	}
}
