/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drain.h - a netlink socket after something went wrong on it. */
#ifndef WEFT_BACKEND_NETLINK_DRAIN_H
#define WEFT_BACKEND_NETLINK_DRAIN_H

#include <libmnl/libmnl.h>

/* Reads and drops what is left of an answer that was given up. Otherwise it would be taken for the
 * answer to the next question, and the kernel begins no dump on a socket whose last one nobody has
 * read to its end. */
void netlink_drain(const struct mnl_socket *socket);

#endif
