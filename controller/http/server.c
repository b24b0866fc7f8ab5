/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTPS server: connections, requests, and the calls that they wait for. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"
#include "lib/base/log.h"
#include "lib/wire/address.h"
#include "lib/wire/message.h"
#include "lib/wire/socket.h"

/* The largest object is a guest's user data or a certificate's chain. */
#define BODY_MAX        ((ev_ssize_t)1 << 20)
#define HEADERS_MAX     16384
#define CONNECTIONS_MAX 512
/* Without progress for so many seconds a connection is over. */
#define PAUSE_S 60

struct http_server {
	struct event_base *base;
	struct api *api;
	SSL_CTX *context;
	struct evhttp *http;
	struct evconnlistener *listener; /* The evhttp's. */
	struct event *pause; /* Until it accepts again, when there was no descriptor left. */
	struct event *keep;  /* Streams that have nothing to say show that they are there. */
	size_t n_connections;
	struct exchange *exchanges;
};

static int server_index = -1; /* Of an SSL's data: which server counts it. */

/* A connection is over when its SSL is. */
static void on_ssl_free(void *parent, void *data, CRYPTO_EX_DATA *ad, int at, long argl, void *argp)
{
	struct http_server *server = data;

	(void)parent;
	(void)ad;
	(void)at;
	(void)argl;
	(void)argp;
	if (server && --server->n_connections < CONNECTIONS_MAX)
		evconnlistener_enable(server->listener);
}

/* Whoever comes when all places are taken waits in the kernel's queue. */
static struct bufferevent *on_connection(struct event_base *base, void *data)
{
	struct http_server *server = data;
	SSL *ssl = SSL_new(server->context);
	struct bufferevent *stream;

	if (!ssl)
		abort(); /* No memory. Without a stream of ours, evhttp would go on in the clear. */
	SSL_set_ex_data(ssl, server_index, server);
	if (++server->n_connections >= CONNECTIONS_MAX)
		evconnlistener_disable(server->listener);
	stream = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
						BEV_OPT_CLOSE_ON_FREE);
	if (!stream)
		abort();
	return stream;
}

static void exchange_free(struct exchange *exchange)
{
	*exchange->here = exchange->next;
	if (exchange->next)
		exchange->next->here = exchange->here;
	json_decref(exchange->call.parameters);
	free(exchange);
}

static void on_closed(struct evhttp_connection *connection, void *data)
{
	struct exchange *exchange = data;

	(void)connection;
	api_cancel(exchange->api);
	exchange_free(exchange);
}

static void on_answer(struct api_answer answer, void *data)
{
	struct exchange *exchange = data;

	evhttp_connection_set_closecb(evhttp_request_get_connection(exchange->request), NULL, NULL);
	/* What has ended already is a stream of one event. */
	if (exchange->call.stream && !exchange->streams && !answer.error)
		stream_begin(exchange);
	if (exchange->streams)
		stream_end(exchange, answer);
	else
		reply_answer(exchange->request, &exchange->call, answer);
	exchange_free(exchange);
}

static const char *bearer(struct evhttp_request *request)
{
	const char *header =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization");

	return header && strncasecmp(header, "Bearer ", 7) == 0
		       ? header + 7 + strspn(header + 7, " ")
		       : NULL;
}

static void begin(struct http_server *server, struct evhttp_request *request,
		  const struct rest_call *call)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct exchange *exchange = mem_alloc(sizeof(*exchange));
	struct api_origin origin = { .token = bearer(request) };
	struct api_call *waits;
	ev_uint16_t port;
	char *address = NULL;

	*exchange = (struct exchange){ .server = server,
				       .request = request,
				       .call = *call,
				       .next = server->exchanges,
				       .here = &server->exchanges };
	if (server->exchanges)
		server->exchanges->here = &exchange->next;
	server->exchanges = exchange;
	evhttp_connection_get_peer(connection, &address, &port);
	origin.address = address;
	waits = api_call(server->api, &origin, call->method, call->parameters,
			 call->stream ? &stream_reader : NULL, on_answer, exchange);
	if (!waits)
		return;
	exchange->api = waits;
	evhttp_connection_set_closecb(connection, on_closed, exchange);
	if (call->stream)
		stream_begin(exchange);
}

static void on_request(struct evhttp_request *request, void *data)
{
	struct http_server *server = data;
	struct rest_call call = { 0 };
	struct err err = ERR_NONE;
	int status = route(api_model(server->api), request, &call, &err);

	if (status == 0) {
		begin(server, request, &call);
		return;
	}
	json_decref(call.parameters);
	if (status == HTTP_OK)
		reply_json(request, HTTP_OK, openapi(api_model(server->api)));
	else if (status == HTTP_NOTFOUND)
		reply_error(request, status, "NotFound",
			    json_pack("{s:s, s:s}", "type", "path", "uuid", err_text(&err)));
	else
		reply_error(request, status, "InvalidField",
			    json_pack("{s:s, s:s}", "path", err.path ? err.path : "", "reason",
				      err_text(&err)));
	err_clear(&err);
}

static const struct timeval keep_each = { 15, 0 };

static void on_keep(evutil_socket_t fd, short what, void *data)
{
	struct http_server *server = data;

	(void)fd;
	(void)what;
	for (struct exchange *at = server->exchanges; at; at = at->next)
		if (at->streams)
			stream_keep(at);
}

static const struct timeval accept_pause = { 1, 0 };

/* Without the pause, the loop would do nothing else until a descriptor is free again. */
static void on_accept_error(struct evconnlistener *listener, void *data)
{
	struct http_server *server = data;

	log_warning("a client of https cannot be let in, trying again: %s",
		    strerror(EVUTIL_SOCKET_ERROR()));
	evconnlistener_disable(listener);
	evtimer_add(server->pause, &accept_pause);
}

static void on_accept_again(evutil_socket_t fd, short what, void *data)
{
	struct http_server *server = data;

	(void)fd;
	(void)what;
	if (server->n_connections < CONNECTIONS_MAX)
		evconnlistener_enable(server->listener);
}

static int listen_at(struct http_server *server, const char *text, struct err *err)
{
	AUTO(free_ptr) char *whole = mem_format("tcp:%s", text);
	struct wire_socket socket = WIRE_SOCKET_NONE;
	struct wire_address address;

	if (wire_address_parse(whole, &address, err) < 0 ||
	    wire_socket_open(&socket, &address, err) < 0)
		return err->code;
	/* Its connections inherit it: the head of an answer and its body are written apart. */
	socket_keep_alive(socket.fd);
	server->listener =
		evconnlistener_new(server->base, NULL, NULL,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, socket.fd);
	if (!server->listener) {
		wire_socket_close(&socket);
		return err_set(err, -EIO, "the event loop does not take its socket");
	}
	if (!evhttp_bind_listener(server->http, server->listener))
		return err_set(err, -EIO, "the socket cannot be served");
	evconnlistener_set_error_cb(server->listener, on_accept_error);
	return 0;
}

static int open_http(struct http_server *server, const struct http_options *options,
		     struct err *err)
{
	if (server_index < 0)
		server_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_ssl_free);
	server->pause = evtimer_new(server->base, on_accept_again, server);
	server->keep = event_new(server->base, -1, EV_PERSIST, on_keep, server);
	server->http = evhttp_new(server->base);
	if (!server->http || !server->pause || !server->keep ||
	    event_add(server->keep, &keep_each) < 0 || server_index < 0)
		return err_set(err, -ENOMEM, "the event loop takes no more");
	evhttp_set_bevcb(server->http, on_connection, server);
	evhttp_set_gencb(server->http, on_request, server);
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST |
							 EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE |
							 EVHTTP_REQ_PUT | EVHTTP_REQ_HEAD |
							 EVHTTP_REQ_OPTIONS);
	evhttp_set_max_body_size(server->http, BODY_MAX);
	evhttp_set_max_headers_size(server->http, HEADERS_MAX);
	evhttp_set_timeout(server->http, PAUSE_S);
	return listen_at(server, options->address, err);
}

int http_server_new(struct event_base *base, struct api *api, const struct http_options *options,
		    struct http_server **ret, struct err *err)
{
	struct http_server *server = mem_alloc(sizeof(*server));

	server->base = base;
	server->api = api;
	if (certificate_context(options, &server->context, err) < 0 ||
	    open_http(server, options, err) < 0) {
		http_server_free(server);
		return err->code;
	}
	*ret = server;
	return 0;
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	for (struct exchange *exchange = server->exchanges, *next; exchange; exchange = next) {
		next = exchange->next;
		evhttp_connection_set_closecb(evhttp_request_get_connection(exchange->request),
					      NULL, NULL);
		api_cancel(exchange->api);
		exchange_free(exchange);
	}
	if (server->http)
		evhttp_free(server->http);
	if (server->pause)
		event_free(server->pause);
	if (server->keep)
		event_free(server->keep);
	SSL_CTX_free(server->context);
	free(server);
}
