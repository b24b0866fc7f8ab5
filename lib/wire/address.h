/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address.h - where a service is: "unix:PATH" or "tcp:HOST:PORT". */
#ifndef WEFT_WIRE_ADDRESS_H
#define WEFT_WIRE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/base/err.h"

struct wire_address {
	bool is_tcp;
	struct sockaddr_storage socket;
	socklen_t size;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* Of a UNIX socket. */
};

struct wire_address_text {
	char s[sizeof(((struct sockaddr_un *)0)->sun_path) + 8];
};

/* HOST is an IP address ("[...]" for IPv6); names are not looked up. PATH is from the root. */
int wire_address_parse(const char *text, struct wire_address *address, struct err *err);

/* The same text again, in its canonical form. */
struct wire_address_text wire_address_text(const struct wire_address *address);

#endif
