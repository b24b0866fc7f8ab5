/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server.h - a Varlink service (varlink.org): NUL-terminated JSON messages over a stream socket.
 *
 * Calls of one connection are answered in their order. A call may be answered later; if its client
 * goes away first, whoever asked for it with wire_call_on_gone() hears of it. org.varlink.service
 * is answered by the server itself. */
#ifndef WEFT_WIRE_SERVER_H
#define WEFT_WIRE_SERVER_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>

#include "lib/base/err.h"

struct wire_server;
struct wire_interface;
struct wire_call;
struct wire_tls;

/* Has to answer the call, now or later. 'parameters' is an object, borrowed. */
typedef void wire_method_fn(struct wire_call *call, json_t *parameters, void *data);

struct wire_server *wire_server_new(struct event_base *base, const char *vendor,
				    const char *product, const char *version);
void wire_server_free(struct wire_server *server);

/* 'text' is the interface's definition; a copy is kept. */
struct wire_interface *wire_server_add_interface(struct wire_server *server, const char *name,
						 const char *text);
void wire_interface_add_method(struct wire_interface *interface, const char *name,
			       wire_method_fn *method, void *data);

/* For tcp addresses, which are refused without; taken over. */
void wire_server_use_tls(struct wire_server *server, struct wire_tls *tls);

/* A UNIX socket is made for its owner and group (0660); a dead one in its place is replaced, a live
 * one is -EADDRINUSE. */
int wire_server_listen(struct wire_server *server, const char *address, struct err *err);

/* Each takes 'parameters' over, and ends the call but for wire_reply_more(). After the end the call
 * must not be used. */
void wire_reply(struct wire_call *call, json_t *parameters);
void wire_reply_more(struct wire_call *call, json_t *parameters);
void wire_reply_error(struct wire_call *call, const char *name, json_t *parameters);

bool wire_call_wants_more(const struct wire_call *call);

typedef void wire_gone_fn(struct wire_call *call, void *data);
void wire_call_on_gone(struct wire_call *call, wire_gone_fn *gone, void *data);

#endif
