/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client may send: any bytes, in any pieces, before the calls are answered or while one is
 * open. The first byte says how the rest is cut. */
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/wire/server_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct event_base *base;
	struct wire_server *server;
	struct wire_listener listener;
	struct wire_call *later;
};

static void echo(struct wire_call *call, json_t *parameters, void *data)
{
	(void)data;
	wire_reply_more(call, json_incref(parameters));
	wire_reply(call, json_incref(parameters));
}

static void gone(struct wire_call *call, void *data)
{
	struct fuzz *fuzz = data;

	if (fuzz->later == call)
		fuzz->later = NULL;
}

static void later(struct wire_call *call, json_t *parameters, void *data)
{
	struct fuzz *fuzz = data;

	(void)parameters;
	fuzz->later = call;
	wire_call_on_gone(call, gone, fuzz);
}

static void start(struct fuzz *fuzz)
{
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	struct wire_interface *interface;

	log_set_level(0);
	signal(SIGPIPE, SIG_IGN);
	limits.message_bytes = 4096;
	fuzz->base = event_base_new();
	fuzz->server = wire_server_new(fuzz->base, "weft", "fuzz", "1");
	wire_server_set_limits(fuzz->server, &limits);
	interface = wire_server_add_interface(
		fuzz->server, "a.b",
		"interface a.b\nmethod E() -> ()\nmethod L() -> ()\nmethod N() -> ()");
	wire_interface_add_method(interface, "E", echo, fuzz);
	wire_interface_add_method(interface, "L", later, fuzz);
	fuzz->listener.server = fuzz->server;
}

/* The server's turn; the client reads what there is. */
static void turn(const struct fuzz *fuzz, int fd)
{
	char bytes[4096];

	event_base_loop(fuzz->base, EVLOOP_NONBLOCK);
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		event_base_loop(fuzz->base, EVLOOP_NONBLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz fuzz;
	size_t piece;
	int fds[2];

	if (!fuzz.base)
		start(&fuzz);
	if (!size || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return 0;
	piece = *data ? *data : size;
	data++;
	size--;
	connection_new(&fuzz.listener, fds[0]);
	while (size) {
		size_t part = piece < size ? piece : size;
		ssize_t n = send(fds[1], data, part, MSG_DONTWAIT | MSG_NOSIGNAL);

		turn(&fuzz, fds[1]);
		if (n <= 0)
			break;
		data += n;
		size -= (size_t)n;
		if (fuzz.later && size % 2)
			wire_reply(STEAL(fuzz.later), json_object());
	}
	close(fds[1]);
	event_base_loop(fuzz.base, EVLOOP_NONBLOCK);
	if (fuzz.later)
		wire_reply(STEAL(fuzz.later), json_object());
	event_base_loop(fuzz.base, EVLOOP_NONBLOCK);
	return 0;
}
