/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/vici/vici.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/text.h"

#define PACKET_MOST    (512 << 10) /* The protocol's own limit. */
#define ANSWER_LIMIT_S 60
#define CONNECT_MS     50
#define CONNECT_MOST   1000

enum packet {
	CMD_REQUEST,
	CMD_RESPONSE,
	CMD_UNKNOWN,
	EVENT_REGISTER,
	EVENT_UNREGISTER,
	EVENT_CONFIRM,
	EVENT_UNKNOWN,
	EVENT,
};

/* A command, or the registration for an event; the first of the queue is on its way. */
struct request {
	struct request *next;
	struct vici_message packet; /* With its length in front. */
	size_t sent;
	bool is_command;    /* Else it registers for an event. */
	vici_done_fn *done; /* May be NULL. */
	char *about;
	struct err err; /* It is not to be sent. */
};

struct vici {
	struct event_base *base;
	struct vici_settings settings;
	char *path;
	int fd; /* -1: not connected. */
	struct event *readable, *writable, *limit, *again;
	unsigned int again_ms;
	struct request *first, **last;
	unsigned char *bytes; /* What has been read. */
	size_t n_bytes, room;
	unsigned int callbacks; /* That have not returned. */
	bool is_freed;
};

static void connect_now(evutil_socket_t fd, short what, void *data);
static void send_first(struct vici *vici);

struct vici *vici_new(struct event_base *base, const struct vici_settings *settings)
{
	struct vici *vici = mem_alloc(sizeof(*vici));

	vici->base = base;
	vici->settings = *settings;
	vici->path = mem_text(settings->path);
	vici->settings.path = vici->path;
	vici->fd = -1;
	vici->last = &vici->first;
	vici->again = evtimer_new(base, connect_now, vici);
	return vici;
}

static void request_free(struct request *request)
{
	vici_message_clear(&request->packet);
	err_clear(&request->err);
	free(request->about);
	free(request);
}

static struct request *take_first(struct vici *vici)
{
	struct request *request = vici->first;

	vici->first = request->next;
	if (!vici->first)
		vici->last = &vici->first;
	return request;
}

static void hang_up(struct vici *vici)
{
	if (vici->fd < 0)
		return;
	event_free(vici->readable);
	event_free(vici->writable);
	event_free(vici->limit);
	close(vici->fd);
	vici->fd = -1;
	vici->n_bytes = 0;
}

void vici_disconnect(struct vici *vici)
{
	event_del(vici->again);
	hang_up(vici);
	while (vici->first)
		request_free(take_first(vici));
}

static void vici_gone(struct vici *vici)
{
	free(vici->bytes);
	free(vici->path);
	free(vici);
}

void vici_free(struct vici *vici)
{
	if (!vici)
		return;
	vici_disconnect(vici);
	event_free(vici->again);
	vici->is_freed = true;
	if (!vici->callbacks)
		vici_gone(vici);
}

bool vici_is_connected(const struct vici *vici)
{
	return vici->fd >= 0;
}

/* The owner may free the client while it is called back: it goes when the last call returns. */
static void callback_begin(struct vici *vici)
{
	vici->callbacks++;
}

/* False if the client was freed meanwhile. */
static bool callback_end(struct vici *vici)
{
	vici->callbacks--;
	if (!vici->is_freed)
		return true;
	if (!vici->callbacks)
		vici_gone(vici);
	return false;
}

/* Answers a request, which is gone afterwards. False if the client was freed meanwhile. */
static bool finish(struct vici *vici, struct request *request, const json_t *reply,
		   const struct err *err)
{
	callback_begin(vici);
	if (request->done)
		request->done(vici->settings.data, request->about, reply, err);
	request_free(request);
	return callback_end(vici);
}

/* Everything that waits is answered, then the owner told. */
static void lose(struct vici *vici, const char *why)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(free_ptr) char *text = mem_text(why);

	err_set(&err, -ENOTCONN, "%s", text);
	hang_up(vici);
	while (vici->first)
		if (!finish(vici, take_first(vici), NULL, &err))
			return;
	if (vici->settings.lost)
		vici->settings.lost(vici->settings.data, text);
}

/* --- What comes --- */

/* A reply's own words for "no". */
static void read_success(const json_t *reply, struct err *err)
{
	const char *success = json_string_value(json_object_get(reply, "success"));
	const char *message = json_string_value(json_object_get(reply, "errmsg"));

	if (success && strcmp(success, "no") == 0)
		err_set(err, -EIO, "%s", message ? message : "it gives no reason");
}

static bool read_answer(struct vici *vici, enum packet type, const unsigned char *bytes,
			size_t size)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct request *request;
	json_t *reply = NULL;
	bool goes_on;

	if (!vici->first || vici->first->sent < vici->first->packet.length ||
	    vici->first->is_command != (type == CMD_RESPONSE || type == CMD_UNKNOWN)) {
		lose(vici, "it answers what it was not asked");
		return false;
	}
	request = take_first(vici);
	event_del(vici->limit);
	if (type == CMD_RESPONSE) {
		reply = vici_message_parse(bytes, size, &err);
		if (reply)
			read_success(reply, &err);
	} else if (type != EVENT_CONFIRM) {
		err_set(&err, -EOPNOTSUPP, "it does not know the %s",
			type == CMD_UNKNOWN ? "command" : "event");
	}
	goes_on = finish(vici, request, err.code ? NULL : reply, &err);
	json_decref(reply);
	if (goes_on && vici->fd >= 0)
		send_first(vici);
	return goes_on && vici->fd >= 0;
}

static bool read_event(struct vici *vici, const unsigned char *bytes, size_t size)
{
	AUTO(free_ptr) char *name = NULL;
	json_t *message;

	if (size < 1 || size - 1 < bytes[0]) {
		lose(vici, "it sends an event without name");
		return false;
	}
	name = mem_text_n((const char *)bytes + 1, bytes[0]);
	message = vici_message_parse(bytes + 1 + bytes[0], size - 1 - bytes[0], NULL);
	if (!message) {
		lose(vici, "it sends an event that is no VICI message");
		return false;
	}
	callback_begin(vici);
	if (vici->settings.event)
		vici->settings.event(vici->settings.data, name, message);
	json_decref(message);
	return callback_end(vici) && vici->fd >= 0;
}

/* False: there is nothing more to read, and perhaps no client. */
static bool read_packet(struct vici *vici, const unsigned char *bytes, size_t size)
{
	unsigned char type = size ? bytes[0] : UINT8_MAX;

	switch (type) {
	case CMD_RESPONSE:
	case CMD_UNKNOWN:
	case EVENT_CONFIRM:
	case EVENT_UNKNOWN:
		return read_answer(vici, (enum packet)type, bytes + 1, size - 1);
	case EVENT:
		return read_event(vici, bytes + 1, size - 1);
	default:
		lose(vici, "it sends what is no VICI packet");
		return false;
	}
}

static size_t packet_size(const unsigned char *bytes)
{
	return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* All whole packets; what is left moves to the front. */
static bool read_packets(struct vici *vici)
{
	size_t at = 0;

	while (vici->n_bytes - at >= 4) {
		size_t size = packet_size(vici->bytes + at);

		if (size > PACKET_MOST) {
			lose(vici, "it sends more than a packet may hold");
			return false;
		}
		if (vici->n_bytes - at - 4 < size)
			break;
		if (!read_packet(vici, vici->bytes + at + 4, size))
			return false;
		at += 4 + size;
	}
	vici->n_bytes -= at;
	if (vici->n_bytes)
		memmove(vici->bytes, vici->bytes + at, vici->n_bytes);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct vici *vici = data;
	ssize_t n;

	(void)what;
	mem_grow(&vici->bytes, &vici->room, vici->n_bytes + 65536, 1);
	n = recv(fd, vici->bytes + vici->n_bytes, vici->room - vici->n_bytes, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lose(vici, n < 0 ? strerror(errno) : "it closed its control socket");
		return;
	}
	vici->n_bytes += (size_t)n;
	read_packets(vici);
}

/* --- What goes --- */

static void on_limit(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	lose(data, "it does not answer");
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	send_first(data);
}

/* Sends what the first of the queue has left; its answer comes in time then. */
static void send_first(struct vici *vici)
{
	static const struct timeval limit = { .tv_sec = ANSWER_LIMIT_S };
	struct request *request;
	ssize_t n;

	while ((request = vici->first) && request->err.code) {
		AUTO(err_clear) struct err err = ERR_NONE;

		err_move(&err, &request->err);
		if (!finish(vici, take_first(vici), NULL, &err))
			return;
	}
	if (!request || vici->fd < 0 || request->sent == request->packet.length)
		return;
	if (request->sent == 0)
		event_add(vici->limit, &limit);
	n = send(vici->fd, request->packet.bytes + request->sent,
		 request->packet.length - request->sent, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		lose(vici, strerror(errno));
		return;
	}
	if (n > 0)
		request->sent += (size_t)n;
	if (request->sent < request->packet.length) {
		event_add(vici->writable, NULL);
		return;
	}
	explicit_bzero(request->packet.bytes, request->packet.length);
}

static struct request *queue(struct vici *vici, enum packet type, const char *name,
			     const struct vici_message *message)
{
	struct request *request = mem_alloc(sizeof(*request));
	size_t name_length = strlen(name), length = message ? message->length : 0;
	size_t size = 2 + name_length + length;
	unsigned char *at = mem_alloc(4 + size);

	request->packet.bytes = at;
	request->packet.length = 4 + size;
	request->is_command = type == CMD_REQUEST;
	if (size > PACKET_MOST || (message && message->is_too_long))
		err_set(&request->err, -EMSGSIZE, "%s: the message is too long", name);
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (unsigned char)(size >> shift);
	*at++ = (unsigned char)type;
	*at++ = (unsigned char)name_length;
	memcpy(at, name, name_length);
	if (length)
		memcpy(at + name_length, message->bytes, length);
	*vici->last = request;
	vici->last = &request->next;
	return request;
}

void vici_call(struct vici *vici, const char *command, struct vici_message *message,
	       vici_done_fn *done, const char *about)
{
	struct request *request;

	if (vici->fd < 0) {
		if (message)
			vici_message_clear(message);
		return;
	}
	request = queue(vici, CMD_REQUEST, command, message);
	request->done = done;
	request->about = mem_text(about);
	if (message)
		vici_message_clear(message);
	/* From the event loop, so that nothing is answered before this returns. */
	if (vici->first == request)
		event_active(vici->writable, EV_WRITE, 0);
}

/* --- Connecting --- */

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void try_again(struct vici *vici)
{
	struct timeval wait = { 0, (suseconds_t)vici->again_ms * 1000 };

	if (vici->again_ms == CONNECT_MOST)
		wait = (struct timeval){ 1, 0 };
	event_add(vici->again, &wait);
	vici->again_ms *= 2;
	if (vici->again_ms > CONNECT_MOST)
		vici->again_ms = CONNECT_MOST;
}

static void connect_now(evutil_socket_t fd, short what, void *data)
{
	struct vici *vici = data;

	(void)fd;
	(void)what;
	vici->fd = open_socket(vici->path);
	if (vici->fd < 0) {
		try_again(vici);
		return;
	}
	vici->readable = event_new(vici->base, vici->fd, EV_READ | EV_PERSIST, on_readable, vici);
	vici->writable = event_new(vici->base, vici->fd, EV_WRITE, on_writable, vici);
	vici->limit = evtimer_new(vici->base, on_limit, vici);
	event_add(vici->readable, NULL);
	for (const char *const *name = vici->settings.events; name && *name; name++)
		queue(vici, EVENT_REGISTER, *name, NULL);
	event_active(vici->writable, EV_WRITE, 0);
	if (vici->settings.connected)
		vici->settings.connected(vici->settings.data);
}

void vici_connect(struct vici *vici)
{
	static const struct timeval now = { 0, 0 };

	if (vici->fd >= 0 || event_pending(vici->again, EV_TIMEOUT, NULL))
		return;
	vici->again_ms = CONNECT_MS;
	event_add(vici->again, &now);
}
