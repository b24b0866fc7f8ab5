/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call that is answered several times: each answer is an event of a stream. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"

/* A reader of a stream that takes nothing of it for so long is gone. */
static const struct timeval reader_pause = { 60, 0 };

static void on_written(struct evhttp_connection *connection, void *data)
{
	struct exchange *exchange = data;

	(void)connection;
	api_read(exchange->api);
}

/* 'text' is taken over. */
static void send_chunk(struct exchange *exchange, char *text)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(body, text, strlen(text));
	explicit_bzero(text, strlen(text));
	free(text);
	evhttp_send_reply_chunk_with_cb(exchange->request, body, on_written, exchange);
	evbuffer_free(body);
}

/* 'json' is taken over. */
static void send_event(struct exchange *exchange, const char *event, json_t *json)
{
	char *data = json_dumps(json, JSON_COMPACT);

	send_chunk(exchange, mem_format("id: %" PRIu64 "\nevent: %s\ndata: %s\n\n",
					++exchange->n_told, event, data));
	explicit_bzero(data, strlen(data));
	free(data);
	json_decref(json);
}

static void more(json_t *parameters, void *data)
{
	const char *event = json_string_value(json_object_get(parameters, "event"));

	send_event(data, event ? event : "message", parameters);
}

static struct bufferevent *stream_of(struct exchange *exchange)
{
	return evhttp_connection_get_bufferevent(evhttp_request_get_connection(exchange->request));
}

static size_t unread(void *data)
{
	return evbuffer_get_length(bufferevent_get_output(stream_of(data)));
}

const struct api_reader stream_reader = { more, unread };

void stream_begin(struct exchange *exchange)
{
	struct evkeyvalq *asked = evhttp_request_get_input_headers(exchange->request);

	reply_headers(exchange->request, "text/event-stream; charset=utf-8");
	evhttp_send_reply_start(exchange->request, HTTP_OK, "OK");
	/* Who only hears need not say anything. */
	bufferevent_set_timeouts(stream_of(exchange), NULL, &reader_pause);
	exchange->streams = true;
	/* Nothing is kept of what was told to whom: where it broke off is where it begins anew. */
	if (evhttp_find_header(asked, "Last-Event-ID"))
		send_event(exchange, "reset", json_pack("{s:s}", "event", "reset"));
}

void stream_keep(struct exchange *exchange)
{
	if (!unread(exchange))
		send_chunk(exchange, mem_text(":\n\n"));
}

void stream_end(struct exchange *exchange, struct api_answer answer)
{
	if (answer.error)
		send_event(exchange, "error", reply_error_json(answer.error, answer.parameters));
	else
		more(answer.parameters, exchange);
	evhttp_send_reply_end(exchange->request);
}
