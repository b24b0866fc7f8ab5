/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/address.h"

#include <errno.h>
#include <event2/util.h>
#include <string.h>

int wire_address_parse(const char *text, struct wire_address *address, struct err *err)
{
	struct sockaddr_un *local = (void *)&address->socket;
	int size = sizeof(address->socket);

	*address = (struct wire_address){ 0 };
	if (strncmp(text, "unix:", 5) == 0) {
		const char *path = text + 5;

		if (!*path || strlen(path) >= sizeof(local->sun_path))
			return err_set(err, -EINVAL, "\"%s\": a socket's path has 1-%zu bytes",
				       text, sizeof(local->sun_path) - 1);
		local->sun_family = AF_UNIX;
		strcpy(local->sun_path, path);
		strcpy(address->path, path);
		address->size = sizeof(*local);
		return 0;
	}
	if (strncmp(text, "tcp:", 4) != 0 ||
	    evutil_parse_sockaddr_port(text + 4, (struct sockaddr *)&address->socket, &size) < 0)
		return err_set(err, -EINVAL, "\"%s\" is neither unix:PATH nor tcp:ADDRESS:PORT",
			       text);
	address->is_tcp = true;
	address->size = (socklen_t)size;
	return 0;
}
