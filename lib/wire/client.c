/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/client.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/wire/address.h"
#include "lib/wire/answer.h"
#include "lib/wire/tls_state.h"

#define READ_SIZE 65536

struct wire_client {
	int fd;
	SSL *ssl;
	char *bytes; /* Received, not looked at yet. */
	size_t length, room;
	uint64_t end_at; /* 0: it waits for ever. */
};

/* The kernel's words where it has some, else OpenSSL's. */
static int failed(struct wire_client *client, int done, const char *what, struct err *err)
{
	int code = -errno;
	int kind;

	if (!client->ssl)
		return err_errno(err, code, "%s", what);
	kind = SSL_get_error(client->ssl, done);
	if (kind == SSL_ERROR_SYSCALL && code)
		return err_errno(err, code, "%s", what);
	if (kind == SSL_ERROR_ZERO_RETURN || kind == SSL_ERROR_SYSCALL)
		return err_set(err, -ECONNRESET, "%s: it closed the connection", what);
	return err_set(err, -EPROTO, "%s: TLS: %s", what, tls_reason());
}

static int handshake(struct wire_client *client, struct wire_tls *tls, struct err *err)
{
	int done;

	client->ssl = SSL_new(tls->context);
	if (!client->ssl || SSL_set_fd(client->ssl, client->fd) != 1)
		return err_set(err, -EPROTO, "TLS: %s", tls_reason());
	ERR_clear_error();
	errno = 0;
	done = SSL_connect(client->ssl);
	if (done != 1)
		return failed(client, done, "no agreement with the service", err);
	return 0;
}

static int open_connection(struct wire_client *client, const struct wire_address *address,
			   struct wire_tls *tls, struct err *err)
{
	client->fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return err_errno(err, -errno, "socket");
	while (connect(client->fd, (const struct sockaddr *)&address->socket, address->size) < 0)
		if (errno != EINTR)
			return err_errno(err, -errno, "cannot connect");
	return address->is_tcp ? handshake(client, tls, err) : 0;
}

int wire_client_new(const char *text, struct wire_tls *tls, struct wire_client **ret,
		    struct err *err)
{
	struct wire_address address;
	struct wire_client *client;
	int done = wire_address_parse(text, &address, err);

	if (done < 0)
		return done;
	if (address.is_tcp && !tls)
		return err_set(err, -EINVAL, "%s: a tcp address needs certificates (TLS)", text);
	client = mem_alloc(sizeof(*client));
	client->fd = -1;
	done = open_connection(client, &address, tls, err);
	if (done < 0) {
		wire_client_free(client);
		err_in(err, "%s", text);
		return done;
	}
	*ret = client;
	return 0;
}

void wire_client_free(struct wire_client *client)
{
	if (!client)
		return;
	SSL_free(client->ssl);
	close_fd(&client->fd);
	free(client->bytes);
	free(client);
}

/* OpenSSL writes to the socket itself and knows no MSG_NOSIGNAL. */
static int tls_write(struct wire_client *client, const char *bytes, size_t size)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe, before, pending;
	int done;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	ERR_clear_error();
	errno = 0;
	done = SSL_write(client->ssl, bytes, (int)(size > READ_SIZE ? READ_SIZE : size));
	if (done <= 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE)) {
		sigtimedwait(&pipe, NULL, &now);
		errno = EPIPE;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return done;
}

static int put(struct wire_client *client, const char *bytes, size_t size)
{
	if (client->ssl)
		return tls_write(client, bytes, size);
	return (int)send(client->fd, bytes, size > READ_SIZE ? READ_SIZE : size, MSG_NOSIGNAL);
}

static int get(struct wire_client *client, char *bytes, size_t size)
{
	errno = 0;
	if (!client->ssl)
		return (int)recv(client->fd, bytes, size, 0);
	ERR_clear_error();
	return SSL_read(client->ssl, bytes, (int)size);
}

int wire_client_send(struct wire_client *client, const char *method, json_t *parameters, bool more,
		     struct err *err)
{
	char *text = call_text(method, parameters, more, err);
	size_t size, at = 0;
	int done = 0;

	if (!text)
		return -EINVAL;
	size = strlen(text) + 1;
	while (at < size) {
		int n = put(client, text + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			done = failed(client, n, "the service does not listen", err);
			break;
		}
		at += (size_t)n;
	}
	explicit_bzero(text, size);
	free(text);
	return done;
}

void wire_client_end_at(struct wire_client *client, uint64_t at)
{
	client->end_at = at;
}

/* Until there is something to read; what TLS holds already is not seen by the kernel. */
static int wait_for_more(struct wire_client *client, struct err *err)
{
	struct pollfd poller = { .fd = client->fd, .events = POLLIN };
	uint64_t now;
	int n;

	if (!client->end_at || (client->ssl && SSL_pending(client->ssl)))
		return 0;
	do {
		now = clock_ms();
		n = now < client->end_at ? poll(&poller, 1, (int)(client->end_at - now)) : 0;
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, -errno, "poll");
	return n ? 0 : err_set(err, -ETIMEDOUT, "the time is over");
}

static int receive_more(struct wire_client *client, struct err *err)
{
	int n;

	if (wait_for_more(client, err) < 0)
		return err->code;
	if (client->length > ANSWER_MAX)
		return err_set(err, -EMSGSIZE, "the service's answer is too long");
	mem_grow(&client->bytes, &client->room, client->length + READ_SIZE, 1);
	do {
		n = get(client, client->bytes + client->length, READ_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n == 0 && !client->ssl)
		return err_set(err, -ECONNRESET, "the service closed the connection");
	if (n <= 0)
		return failed(client, n, "the service does not answer", err);
	client->length += (size_t)n;
	return 0;
}

int wire_client_receive(struct wire_client *client, struct wire_answer *answer, struct err *err)
{
	size_t searched = 0, length;
	char *end = NULL;
	int done;

	for (;;) {
		if (client->length > searched)
			end = memchr(client->bytes + searched, '\0', client->length - searched);
		if (end)
			break;
		searched = client->length;
		done = receive_more(client, err);
		if (done < 0)
			return done;
	}
	length = (size_t)(end - client->bytes);
	done = answer_read(json_loadb(client->bytes, length, 0, NULL), answer, err);
	client->length -= length + 1;
	memmove(client->bytes, end + 1, client->length);
	return done;
}

int wire_client_call(struct wire_client *client, const char *method, json_t *parameters,
		     struct wire_answer *answer, struct err *err)
{
	int done;

	*answer = (struct wire_answer)WIRE_ANSWER_NONE;
	done = wire_client_send(client, method, parameters, false, err);
	if (done == 0)
		done = wire_client_receive(client, answer, err);
	return done < 0 ? done : wire_answer_err(answer, err);
}
