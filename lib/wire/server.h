/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server.h - a Varlink service (varlink.org): NUL-terminated JSON messages over a stream socket.
 *
 * Everything happens in the event loop and nothing waits. Calls of one connection are answered in
 * their order: the next one is looked at when the one before has its answer. A call may be answered
 * later; if its client goes away first, whoever asked for it with wire_call_on_gone() hears of it.
 * Answering never calls back into the daemon: what follows from an answer happens in the loop's
 * next turn. org.varlink.service is answered by the server itself. */
#ifndef WEFT_WIRE_SERVER_H
#define WEFT_WIRE_SERVER_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

struct wire_server;
struct wire_interface;
struct wire_call;
struct wire_tls;

/* Has to answer the call, now or later. 'parameters' is an object, borrowed. */
typedef void wire_method_fn(struct wire_call *call, json_t *parameters, void *data);

/* The process has to ignore SIGPIPE. */
struct wire_server *wire_server_new(struct event_base *base, const char *vendor,
				    const char *product, const char *version);

/* Hears of the calls that are still open with their wire_gone_fn. */
void wire_server_free(struct wire_server *server);

/* 'text' is the interface's definition (interface.h); a copy is kept. A method that it declares and
 * that nobody adds is answered with MethodNotImplemented. */
struct wire_interface *wire_server_add_interface(struct wire_server *server, const char *name,
						 const char *text);
void wire_interface_add_method(struct wire_interface *interface, const char *name,
			       wire_method_fn *method, void *data);

struct wire_method_entry {
	const char *name; /* NULL ends a table. */
	wire_method_fn *method;
};

/* The same for a whole table. */
void wire_interface_add_methods(struct wire_interface *interface,
				const struct wire_method_entry *table, void *data);

/* What a client may ask of the server at most. */
struct wire_limits {
	size_t message_bytes; /* A longer request closes its connection. */
	size_t output_bytes;  /* A stream whose reader is this far behind is closed. */
	size_t connections;
	unsigned int pause_ms; /* A message or a handshake that began, and a reader of replies, must
				  make some progress within this time. */
};

#define WIRE_LIMITS_DEFAULT                                                          \
	{                                                                            \
		.message_bytes = (size_t)64 << 20, .output_bytes = (size_t)64 << 20, \
		.connections = 4096, .pause_ms = 60000,                              \
	}

/* For connections that come from now on. */
void wire_server_set_limits(struct wire_server *server, const struct wire_limits *limits);
size_t wire_server_n_connections(const struct wire_server *server);

/* For tcp addresses, which are refused without; taken over. */
void wire_server_use_tls(struct wire_server *server, struct wire_tls *tls);

/* A UNIX socket is made for its owner and group (0660) and lets in root, the daemon's own user and
 * the socket's group; a dead one in its place is replaced, a live one is -EADDRINUSE. May be called
 * for several addresses. */
int wire_server_listen(struct wire_server *server, const char *address, struct err *err);

/* Each takes 'parameters' over, and ends the call but for wire_reply_more(). After the end the call
 * must not be used. wire_reply_more() is for a client that wants more; one that does not is sent
 * the last answer only. */
void wire_reply(struct wire_call *call, json_t *parameters);
void wire_reply_more(struct wire_call *call, json_t *parameters);
void wire_reply_error(struct wire_call *call, const char *name, json_t *parameters);

/* wire_reply_more() with 'parameters' written already: for what many are told, and is written once.
 * A JSON object, taken over; nothing of it stays in memory. */
void wire_reply_more_text(struct wire_call *call, char *parameters);

bool wire_call_wants_more(const struct wire_call *call);

/* The client went away before its call was ended: 'gone' is called from the event loop, once, and
 * the call must not be used after it. Is not called for a call that was ended. */
typedef void wire_gone_fn(struct wire_call *call, void *data);
void wire_call_on_gone(struct wire_call *call, wire_gone_fn *gone, void *data);

/* Bytes of replies that the client has not taken yet: who has much to say on a stream waits until
 * 'written' tells that there are none. It is called from the event loop, each time. */
size_t wire_call_unwritten(const struct wire_call *call);
typedef void wire_written_fn(struct wire_call *call, void *data);
void wire_call_on_written(struct wire_call *call, wire_written_fn *written, void *data);

/* Who calls. */
struct wire_peer {
	bool is_local; /* Over a UNIX socket: the next three are known. */
	uid_t uid;
	gid_t gid;
	pid_t pid;
	const char *name;   /* The common name of its certificate; NULL over a UNIX socket, or of
			       a stranger. */
	const char *serial; /* Its serial number in hex digits, likewise. */
};

const struct wire_peer *wire_call_peer(const struct wire_call *call);

#endif
