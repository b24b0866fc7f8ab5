/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server_state.h - the server's inside, for its own files. */
#ifndef WEFT_WIRE_SERVER_STATE_H
#define WEFT_WIRE_SERVER_STATE_H

#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <openssl/ssl.h>

#include "lib/wire/server.h"

/* A message larger than this closes its connection. */
#define WIRE_MESSAGE_MAX ((size_t)64 << 20)
/* A reader that is this far behind is let go. */
#define WIRE_OUTPUT_MAX      ((size_t)256 << 20)
#define WIRE_CONNECTIONS_MAX 4096
/* A message that began must go on within this time. */
#define WIRE_PAUSE_S 60

struct wire_method {
	char *name;
	wire_method_fn *method;
	void *data;
	struct wire_method *next;
};

struct wire_interface {
	char *name, *text;
	struct wire_method *methods;
	struct wire_interface *next;
};

struct wire_listener {
	struct wire_server *server;
	struct evconnlistener *listener;
	bool is_tcp;
	char *path; /* Of a UNIX socket. */
	struct wire_listener *next;
};

struct wire_server {
	struct event_base *base;
	char *vendor, *product, *version;
	struct wire_interface *interfaces;
	struct wire_listener *listeners;
	struct connection *connections;
	size_t n_connections;
	struct wire_tls *tls;
};

struct wire_call {
	struct connection *connection;
	bool more, oneway;
	wire_gone_fn *gone;
	void *gone_data;
};

struct connection {
	struct wire_server *server;
	struct bufferevent *stream;
	struct wire_call *call; /* Not answered yet; the next message waits. */
	size_t searched;        /* So much of the input holds no end of a message. */
	bool closing, reading;
	struct connection *next, *previous;
};

/* connection.c */
void connection_new(struct wire_server *server, evutil_socket_t fd, bool is_tcp);
void connection_free(struct connection *connection);
void connection_send(struct connection *connection, json_t *message);
void connection_next(struct connection *connection); /* The call is answered. */

/* dispatch.c: finds the method and calls it. False: this is no message. */
bool dispatch(struct connection *connection, json_t *message);

/* tls.c */
struct bufferevent *tls_stream(struct wire_tls *tls, struct event_base *base, evutil_socket_t fd);

#endif
