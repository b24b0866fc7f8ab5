/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server_state.h - the server's inside, for its own files. */
#ifndef WEFT_WIRE_SERVER_STATE_H
#define WEFT_WIRE_SERVER_STATE_H

#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdint.h>

#include "lib/wire/server.h"
#include "lib/wire/socket.h"

struct wire_method {
	char *name;
	wire_method_fn *method; /* NULL: declared only. */
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
	struct event *pause; /* Until it accepts again, when there was no descriptor left. */
	bool is_tcp;
	struct wire_socket socket;
	struct wire_listener *next;
};

struct wire_server {
	struct event_base *base;
	char *vendor, *product, *version;
	struct wire_interface *interfaces;
	struct wire_listener *listeners;
	struct connection *connections;
	size_t n_connections;
	struct wire_limits limits;
	struct wire_tls *tls;
};

struct wire_call {
	struct connection *connection;
	bool more, oneway;
	wire_gone_fn *gone;
	void *gone_data;
	wire_written_fn *written;
	void *written_data;
};

struct connection {
	struct wire_server *server;
	struct wire_limits limits;
	struct bufferevent *stream;
	struct event *turn;     /* Made active when there is something to go on with. */
	struct event *watchdog; /* Looks whether what is unfinished makes progress. */
	struct wire_peer peer;
	char *peer_name, *peer_serial;
	struct wire_call *call; /* Not answered yet; the next message waits. */
	size_t searched;        /* So much of the input holds no end of a message. */
	bool ready;             /* The handshake is over. */
	bool in_turn;           /* Messages are being taken. */
	bool deaf;              /* It does not read. */
	bool finished;          /* The client sends nothing more. */
	bool ending;            /* No message is taken any more; ends when all is written. */
	bool gone;              /* Ends in the next turn. */
	uint64_t received, written;
	struct {
		uint64_t received, written;
	} mark; /* When the watchdog looked last. */
	struct connection *next, *previous;
};

/* listener.c */
void listener_free(struct wire_listener *listener);

/* connection.c */
void connection_new(const struct wire_listener *listener, evutil_socket_t fd);
void connection_free(struct connection *connection);
void connection_send(struct connection *connection, json_t *message); /* Taken over. */
void connection_send_text(struct connection *connection, char *text); /* The same, written. */
void connection_wake(struct connection *connection);
size_t connection_unwritten(const struct connection *connection);
/* Ends it, saying why: "client (pid 7, uid 0): WHY". */
void connection_refuse(struct connection *connection, const char *why);

/* watchdog.c */
void watchdog_new(struct connection *connection);
void watchdog_set(struct connection *connection); /* Something may be unfinished now. */

/* peer.c: false, with the reason logged, if it may not come in. */
bool peer_read_local(struct wire_peer *peer, const struct wire_listener *listener, int fd);

struct peer_text {
	char s[160];
};
struct peer_text peer_text(const struct wire_peer *peer);

/* dispatch.c: finds the method and calls it. False: this is no call. */
bool dispatch(struct connection *connection, json_t *message);

#endif
