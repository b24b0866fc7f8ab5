/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where clients come in: opens the sockets and lets in who may. */
#include <errno.h>
#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/wire/address.h"
#include "lib/wire/server_state.h"

/* No descriptor was left for a client: it waits this long for the next try. */
static const struct timeval accept_pause = { 1, 0 };

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
		      int size, void *data)
{
	struct wire_listener *self = data;
	struct wire_server *server = self->server;

	(void)listener;
	(void)peer;
	(void)size;
	if (server->n_connections >= server->limits.connections) {
		log_warning("%zu clients are here already: one more is sent away",
			    server->n_connections);
		evutil_closesocket(fd);
		return;
	}
	connection_new(self, fd);
}

/* Without the pause, the loop would do nothing else until a descriptor is free again. */
static void on_accept_error(struct evconnlistener *listener, void *data)
{
	struct wire_listener *self = data;
	struct err err = ERR_NONE;

	err_errno(&err, -EVUTIL_SOCKET_ERROR(), "a client cannot be let in, trying again");
	log_warning("%s", err_text(&err));
	err_clear(&err);
	evconnlistener_disable(listener);
	evtimer_add(self->pause, &accept_pause);
}

static void on_accept_again(evutil_socket_t fd, short what, void *data)
{
	struct wire_listener *self = data;

	(void)fd;
	(void)what;
	evconnlistener_enable(self->listener);
}

static int listener_open(struct wire_listener *listener, const struct wire_address *address,
			 struct err *err)
{
	unsigned int flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;

	if (wire_socket_open(&listener->socket, address, err) < 0)
		return err->code;
	listener->is_tcp = address->is_tcp;
	listener->pause = evtimer_new(listener->server->base, on_accept_again, listener);
	listener->listener = evconnlistener_new(listener->server->base, on_accept, listener, flags,
						0, listener->socket.fd);
	if (!listener->listener)
		return err_set(err, -EIO, "the event loop does not take its socket");
	listener->socket.fd = -1; /* It is the listener's. */
	evconnlistener_set_error_cb(listener->listener, on_accept_error);
	return 0;
}

int wire_server_listen(struct wire_server *server, const char *text, struct err *err)
{
	struct wire_address address;
	struct wire_listener *listener;
	int ret = wire_address_parse(text, &address, err);

	if (ret < 0)
		return ret;
	if (address.is_tcp && !server->tls)
		return err_set(err, -EINVAL, "a tcp address needs certificates (TLS)");
	listener = mem_alloc(sizeof(*listener));
	listener->server = server;
	listener->socket = (struct wire_socket)WIRE_SOCKET_NONE;
	ret = listener_open(listener, &address, err);
	if (ret < 0) {
		listener_free(listener);
		return ret;
	}
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}

void listener_free(struct wire_listener *listener)
{
	if (listener->listener)
		evconnlistener_free(listener->listener);
	if (listener->pause)
		event_free(listener->pause);
	wire_socket_close(&listener->socket);
	free(listener);
}
