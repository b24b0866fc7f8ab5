/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agent/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/wire/socket.h"

#define PAUSE_S 30 /* Of a client that neither asks nor reads. */

struct metrics_family {
	struct metrics_family *next;
	struct evbuffer *text;
	char name[];
};

struct metrics {
	struct evhttp_request *request;
	struct metrics_family *families; /* The last one first. */
	void (*gone)(void *data);
	void *data;
};

struct metrics_server {
	struct evhttp *http;
	struct wire_socket socket;
};

static void metrics_free(struct metrics *metrics)
{
	struct metrics_family *family;

	while ((family = metrics->families)) {
		metrics->families = family->next;
		evbuffer_free(family->text);
		free(family);
	}
	free(metrics);
}

static void on_closed(struct evhttp_connection *connection, void *data)
{
	struct metrics *metrics = data;

	(void)connection;
	if (metrics->gone)
		metrics->gone(metrics->data);
	metrics_free(metrics);
}

static void on_request(struct evhttp_request *request, void *data)
{
	struct agent *agent = data;
	struct metrics *metrics = mem_alloc(sizeof(*metrics));

	metrics->request = request;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_closed, metrics);
	agent->type->metrics(agent, metrics);
}

struct metrics_family *metrics_family(struct metrics *metrics, const char *name, const char *type,
				      const char *help)
{
	struct metrics_family *family = mem_alloc(sizeof(*family) + strlen(name) + 1);

	strcpy(family->name, name);
	family->text = evbuffer_new();
	family->next = metrics->families;
	metrics->families = family;
	evbuffer_add_printf(family->text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
	return family;
}

void metrics_add(struct metrics_family *family, const char *labels, uint64_t value)
{
	evbuffer_add_printf(family->text, "%s%s%s%s %llu\n", family->name, *labels ? "{" : "",
			    labels, *labels ? "}" : "", (unsigned long long)value);
}

static void send_all(struct metrics *metrics)
{
	struct evbuffer *all = evbuffer_new();

	for (struct metrics_family *family = metrics->families; family; family = family->next)
		evbuffer_prepend_buffer(all, family->text);
	evhttp_add_header(evhttp_request_get_output_headers(metrics->request), "Content-Type",
			  "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(metrics->request, HTTP_OK, "OK", all);
	evbuffer_free(all);
}

void metrics_done(struct metrics *metrics, const char *failure)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(metrics->request), NULL, NULL);
	if (failure)
		evhttp_send_error(metrics->request, HTTP_INTERNAL, failure);
	else
		send_all(metrics);
	metrics_free(metrics);
}

void metrics_on_gone(struct metrics *metrics, void (*gone)(void *data), void *data)
{
	metrics->gone = gone;
	metrics->data = data;
}

static int serve(struct agent *agent, struct metrics_server *server, struct err *err)
{
	struct evconnlistener *listener =
		evconnlistener_new(agent->base, NULL, NULL,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0,
				   server->socket.fd);

	if (!listener)
		return err_set(err, -EIO, "the event loop does not take its socket");
	server->socket.fd = -1; /* It is the listener's. */
	server->http = evhttp_new(agent->base);
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET);
	evhttp_set_max_headers_size(server->http, 8192);
	evhttp_set_max_body_size(server->http, 0);
	evhttp_set_timeout(server->http, PAUSE_S);
	evhttp_set_cb(server->http, "/metrics", on_request, agent);
	if (!evhttp_bind_listener(server->http, listener)) {
		evconnlistener_free(listener);
		return err_set(err, -EIO, "the event loop does not take its socket");
	}
	return 0;
}

int metrics_open(struct agent *agent, struct err *err)
{
	const char *text = agent->options.metrics;
	struct wire_address address;

	if (!text)
		return 0;
	agent->metrics = mem_alloc(sizeof(*agent->metrics));
	agent->metrics->socket = (struct wire_socket)WIRE_SOCKET_NONE;
	if (wire_address_parse(text, &address, err) < 0 ||
	    wire_socket_open(&agent->metrics->socket, &address, err) < 0 ||
	    serve(agent, agent->metrics, err) < 0)
		return err_in(err, "--metrics %s", text);
	return 0;
}

void metrics_close(struct agent *agent)
{
	if (!agent->metrics)
		return;
	if (agent->metrics->http)
		evhttp_free(agent->metrics->http);
	wire_socket_close(&agent->metrics->socket);
	free(agent->metrics);
}
