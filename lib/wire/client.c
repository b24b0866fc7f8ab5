/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/client.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/wire/address.h"
#include "lib/wire/tls_state.h"

struct wire_client {
	int fd;
	SSL *ssl;
	char *bytes; /* Received, not looked at yet. */
	size_t length, room;
};

static int handshake(struct wire_client *client, struct wire_tls *tls, struct err *err)
{
	client->ssl = SSL_new(tls->context);
	if (!client->ssl || SSL_set_fd(client->ssl, client->fd) != 1 ||
	    SSL_connect(client->ssl) != 1)
		return err_set(err, -EPROTO, "the other side is not who it must be (TLS)");
	return 0;
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
		return err_set(err, -EINVAL, "%s: a tcp address needs certificates", text);
	client = mem_alloc(sizeof(*client));
	client->fd = socket(address.socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    connect(client->fd, (const struct sockaddr *)&address.socket, address.size) < 0)
		done = err_errno(err, -errno, "%s", text);
	else if (address.is_tcp && handshake(client, tls, err) < 0)
		done = err_in(err, "%s", text);
	if (done < 0) {
		wire_client_free(client);
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

static ssize_t put(struct wire_client *client, const char *bytes, size_t size)
{
	if (client->ssl)
		return SSL_write(client->ssl, bytes, (int)(size > 16384 ? 16384 : size));
	return send(client->fd, bytes, size, MSG_NOSIGNAL);
}

static ssize_t get(struct wire_client *client, char *bytes, size_t size)
{
	if (client->ssl)
		return SSL_read(client->ssl, bytes, (int)size);
	return recv(client->fd, bytes, size, 0);
}

int wire_client_send(struct wire_client *client, const char *method, json_t *parameters, bool more,
		     struct err *err)
{
	json_t *message = json_pack("{s:s, s:O*}", "method", method, "parameters", parameters);
	AUTO(free_ptr) char *text = NULL;
	size_t size, at = 0;

	if (more)
		json_object_set_new(message, "more", json_true());
	text = json_dumps(message, JSON_COMPACT);
	json_decref(message);
	size = strlen(text) + 1;
	while (at < size) {
		ssize_t n = put(client, text + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno(err, -errno, "the service does not listen");
		at += (size_t)n;
	}
	return 0;
}

static int receive_more(struct wire_client *client, struct err *err)
{
	ssize_t n;

	mem_grow(&client->bytes, &client->room, client->length + 65536, 1);
	do {
		n = get(client, client->bytes + client->length, 65536);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, -errno, "the service does not answer");
	if (n == 0)
		return err_set(err, -ECONNRESET, "the service closed the connection");
	client->length += (size_t)n;
	return 0;
}

int wire_client_receive(struct wire_client *client, struct wire_answer *answer, struct err *err)
{
	json_t *message, *parameters;
	size_t searched = 0;
	char *end;

	for (;;) {
		end = client->length > searched
			      ? memchr(client->bytes + searched, '\0', client->length - searched)
			      : NULL;
		if (end)
			break;
		searched = client->length;
		if (receive_more(client, err) < 0)
			return err->code;
	}
	message = json_loads(client->bytes, 0, NULL);
	client->length -= (size_t)(end + 1 - client->bytes);
	memmove(client->bytes, end + 1, client->length);
	if (!message)
		return err_set(err, -EBADMSG, "the service's answer is no JSON");
	parameters = json_object_get(message, "parameters");
	answer->parameters = parameters ? json_incref(parameters) : json_object();
	answer->error = mem_text(json_string_value(json_object_get(message, "error")));
	answer->continues = json_is_true(json_object_get(message, "continues"));
	json_decref(message);
	return 0;
}

void wire_answer_clear(struct wire_answer *answer)
{
	json_decref(answer->parameters);
	free(answer->error);
	*answer = (struct wire_answer){ 0 };
}
