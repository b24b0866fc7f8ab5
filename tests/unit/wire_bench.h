/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire_bench.h - a server in this process, and clients that speak bytes to it. */
#ifndef WEFT_TESTS_WIRE_BENCH_H
#define WEFT_TESTS_WIRE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/wire/address.h"
#include "lib/wire/server.h"

#define DEADLINE_MS 30000

static const char bench_interface[] = "# For tests.\ninterface io.weft.Test\n\n"
				      "method Echo(text: ?string) -> (text: ?string)\n"
				      "method Later(text: ?string) -> (text: ?string)\n"
				      "method Count(to: int) -> (n: int)\n"
				      "method Watch() -> (n: int)\n"
				      "method Large(bytes: int) -> (text: string)\n"
				      "method Refuse() -> ()\n"
				      "method Whoami() -> (uid: int, pid: int, name: ?string)\n"
				      "method Planned() -> ()\n"
				      "error InvalidState (path: string, reason: string)\n";

struct bench {
	char *dir, *address;
	struct event_base *base;
	struct wire_server *server;
	struct wire_call *later; /* The call of Later or Watch that waits. */
	unsigned int n_later, n_gone, n_echo;
};

static inline void bench_echo(struct wire_call *call, json_t *parameters, void *data)
{
	struct bench *bench = data;

	bench->n_echo++;
	wire_reply(call, json_incref(parameters));
}

static inline void bench_gone(struct wire_call *call, void *data)
{
	struct bench *bench = data;

	if (bench->later == call)
		bench->later = NULL;
	bench->n_gone++;
}

static inline void bench_later(struct wire_call *call, json_t *parameters, void *data)
{
	struct bench *bench = data;

	(void)parameters;
	bench->later = call;
	bench->n_later++;
	wire_call_on_gone(call, bench_gone, bench);
}

static inline void bench_count(struct wire_call *call, json_t *parameters, void *data)
{
	json_int_t to = json_integer_value(json_object_get(parameters, "to"));

	(void)data;
	for (json_int_t n = 1; n < to; n++)
		wire_reply_more(call, json_pack("{s:I}", "n", n));
	wire_reply(call, json_pack("{s:I}", "n", to));
}

static inline void bench_large(struct wire_call *call, json_t *parameters, void *data)
{
	size_t size = (size_t)json_integer_value(json_object_get(parameters, "bytes"));
	AUTO(free_ptr) char *text = mem_alloc(size + 1);

	(void)data;
	memset(text, 'x', size);
	wire_reply(call, json_pack("{s:s}", "text", text));
}

static inline void bench_refuse(struct wire_call *call, json_t *parameters, void *data)
{
	(void)parameters;
	(void)data;
	wire_reply_error(call, "io.weft.Test.InvalidState",
			 json_pack("{s:s, s:s}", "path", "state.eips[3].vip", "reason",
				   "expected string"));
}

static inline void bench_whoami(struct wire_call *call, json_t *parameters, void *data)
{
	const struct wire_peer *peer = wire_call_peer(call);

	(void)parameters;
	(void)data;
	wire_reply(call, json_pack("{s:b, s:i, s:i, s:s*}", "local", peer->is_local, "uid",
				   (int)peer->uid, "pid", (int)peer->pid, "name", peer->name));
}

static inline void bench_serve(struct bench *bench)
{
	static const struct wire_method_entry methods[] = {
		{ "Echo", bench_echo },     { "Later", bench_later }, { "Watch", bench_later },
		{ "Count", bench_count },   { "Large", bench_large }, { "Refuse", bench_refuse },
		{ "Whoami", bench_whoami }, { NULL, NULL },
	};
	struct wire_interface *interface;

	bench->base = event_base_new();
	bench->server = wire_server_new(bench->base, "weft", "test", "1");
	interface = wire_server_add_interface(bench->server, "io.weft.Test", bench_interface);
	wire_interface_add_methods(interface, methods, bench);
}

static inline char *bench_dir(void)
{
	const char *top = getenv("TMPDIR");
	char *dir = mem_format("%s/weft-wire-XXXXXX", top ? top : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline int bench_set_up(void **state)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct err err = ERR_NONE;

	signal(SIGPIPE, SIG_IGN);
	bench->dir = bench_dir();
	bench->address = mem_format("unix:%s/socket", bench->dir);
	bench_serve(bench);
	assert_int_equal(wire_server_listen(bench->server, bench->address, &err), 0);
	*state = bench;
	return 0;
}

static inline int bench_tear_down(void **state)
{
	struct bench *bench = *state;

	wire_server_free(bench->server);
	event_base_free(bench->base);
	assert_int_equal(rmdir(bench->dir), 0); /* The socket is gone. */
	free(bench->dir);
	free(bench->address);
	free(bench);
	return 0;
}

static inline int bench_connect(const struct bench *bench)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct wire_address address;

	assert_int_equal(wire_address_parse(bench->address, &address, NULL), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address.socket, address.size), 0);
	return fd;
}

/* One turn of the server. */
static inline void bench_turn(const struct bench *bench)
{
	event_base_loop(bench->base, EVLOOP_NONBLOCK);
}

#define bench_until(bench, condition)                     \
	do {                                              \
		uint64_t end_ = clock_ms() + DEADLINE_MS; \
		while (!(condition)) {                    \
			assert_true(clock_ms() < end_);   \
			bench_turn(bench);                \
			poll(NULL, 0, 1);                 \
		}                                         \
	} while (0)

static inline void bench_send(const struct bench *bench, int fd, const char *bytes, size_t size)
{
	uint64_t end = clock_ms() + DEADLINE_MS;

	while (size) {
		ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

		assert_true(n > 0 || errno == EAGAIN);
		assert_true(clock_ms() < end);
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
		bench_turn(bench);
	}
}

/* A call with its NUL. */
static inline void bench_say(const struct bench *bench, int fd, const char *message)
{
	bench_send(bench, fd, message, strlen(message) + 1);
}

/* The next message as text, the caller's; NULL: the server has closed the connection. */
static inline char *bench_hear(const struct bench *bench, int fd)
{
	uint64_t end = clock_ms() + DEADLINE_MS;
	struct text text = TEXT_NONE;
	char bytes[16384];

	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_PEEK);
		size_t length = n > 0 ? strnlen(bytes, (size_t)n) : 0;
		bool ended = n > 0 && length < (size_t)n;

		if (n == 0 || (n < 0 && errno == ECONNRESET)) {
			text_clear(&text);
			return NULL;
		}
		if (n > 0) {
			assert_int_equal(recv(fd, bytes, length + ended, 0), length + ended);
			text_add_n(&text, bytes, length);
		}
		if (ended)
			return text_take(&text);
		assert_true(clock_ms() < end);
		bench_turn(bench);
		if (n < 0)
			poll(NULL, 0, 1);
	}
}

static inline void bench_hears(const struct bench *bench, int fd, const char *expected)
{
	AUTO(free_ptr) char *heard = bench_hear(bench, fd);

	assert_non_null(heard);
	assert_string_equal(heard, expected);
}

static inline void bench_closed(const struct bench *bench, int fd)
{
	assert_null(bench_hear(bench, fd));
	close(fd);
}

#endif
