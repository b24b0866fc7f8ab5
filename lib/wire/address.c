/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/net.h"

static int parse_local(const char *text, const char *path, struct wire_address *address,
		       struct err *err)
{
	struct sockaddr_un *local = (void *)&address->socket;

	if (path[0] != '/' || !path[1] || strlen(path) >= sizeof(local->sun_path))
		return err_set(err, -EINVAL,
			       "\"%.200s\": a socket's path begins with / and has 2-%zu bytes",
			       text, sizeof(local->sun_path) - 1);
	local->sun_family = AF_UNIX;
	strcpy(local->sun_path, path);
	strcpy(address->path, path);
	address->size = sizeof(*local);
	return 0;
}

static void set_tcp(struct wire_address *address, const struct ip *host, uint16_t port)
{
	address->is_tcp = true;
	if (host->family == 4) {
		struct sockaddr_in *to = (void *)&address->socket;

		to->sin_family = AF_INET;
		to->sin_port = htons(port);
		memcpy(&to->sin_addr, host->bytes, sizeof(to->sin_addr));
		address->size = sizeof(*to);
	} else {
		struct sockaddr_in6 *to = (void *)&address->socket;

		to->sin6_family = AF_INET6;
		to->sin6_port = htons(port);
		memcpy(&to->sin6_addr, host->bytes, sizeof(to->sin6_addr));
		address->size = sizeof(*to);
	}
}

static int parse_tcp(const char *text, const char *rest, struct wire_address *address,
		     struct err *err)
{
	const char *colon = strrchr(rest, ':');
	size_t length = colon ? (size_t)(colon - rest) : 0;
	bool bracketed = length > 2 && rest[0] == '[' && rest[length - 1] == ']';
	struct port_range port;
	struct ip host;
	char name[48];

	if (bracketed) {
		rest++;
		length -= 2;
	}
	if (!length || length >= sizeof(name))
		return err_set(err, -EINVAL, "\"%.200s\": tcp:ADDRESS:PORT is expected", text);
	memcpy(name, rest, length);
	name[length] = '\0';
	if (ip_parse(name, &host, err) < 0 || port_range_parse(colon + 1, &port, err) < 0)
		return err_in(err, "\"%.200s\"", text);
	if (port.first != port.last)
		return err_set(err, -EINVAL, "\"%.200s\": one port is expected", text);
	if (bracketed != (host.family == 6))
		return err_set(err, -EINVAL,
			       "\"%.200s\": an IPv6 address, and no other, stands in brackets",
			       text);
	set_tcp(address, &host, port.first);
	return 0;
}

int wire_address_parse(const char *text, struct wire_address *address, struct err *err)
{
	*address = (struct wire_address){ 0 };
	if (strncmp(text, "unix:", 5) == 0)
		return parse_local(text, text + 5, address, err);
	if (strncmp(text, "tcp:", 4) == 0)
		return parse_tcp(text, text + 4, address, err);
	return err_set(err, -EINVAL, "\"%.200s\" is neither unix:PATH nor tcp:ADDRESS:PORT", text);
}

struct wire_address_text wire_address_text(const struct wire_address *address)
{
	const struct sockaddr_in6 *six = (const void *)&address->socket;
	const struct sockaddr_in *four = (const void *)&address->socket;
	struct wire_address_text text;
	char host[INET6_ADDRSTRLEN];

	if (!address->is_tcp) {
		snprintf(text.s, sizeof(text.s), "unix:%s", address->path);
	} else if (address->socket.ss_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text.s, sizeof(text.s), "tcp:%s:%u", host, ntohs(four->sin_port));
	} else {
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text.s, sizeof(text.s), "tcp:[%s]:%u", host, ntohs(six->sin6_port));
	}
	return text;
}
