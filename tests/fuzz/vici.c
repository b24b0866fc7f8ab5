/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the IKE daemon may send: any bytes as a message, and any bytes on the client's socket. What
 * is accepted as a message is the same when it is written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/backend/vici/vici.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_section(struct vici_message *message, json_t *section)
{
	const char *name;
	json_t *value;

	json_object_foreach (section, name, value) {
		if (json_is_string(value)) {
			vici_value(message, name, json_string_value(value));
		} else if (json_is_object(value)) {
			vici_section(message, name);
			write_section(message, value);
			vici_section_end(message);
		} else {
			size_t i;
			json_t *item;

			vici_list(message, name);
			json_array_foreach (value, i, item)
				vici_item(message, json_string_value(item));
			vici_list_end(message);
		}
	}
}

static void as_message(const uint8_t *data, size_t size)
{
	struct vici_message message = VICI_MESSAGE_NONE;
	json_t *json = vici_message_parse(data, size, NULL), *again;

	if (!json)
		return;
	write_section(&message, json);
	again = vici_message_parse(message.bytes, message.length, NULL);
	if (!again || !json_equal(json, again))
		abort();
	json_decref(again);
	json_decref(json);
	vici_message_clear(&message);
}

static void ignore(void *owner, const char *about, const json_t *reply, const struct err *err)
{
	(void)owner;
	(void)about;
	if (!reply == !err->code)
		abort();
}

struct fuzz {
	struct event_base *base;
	int listener;
	char *path;
};

static void start(struct fuzz *fuzz)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	fuzz->base = event_base_new();
	fuzz->path = mem_format("/tmp/weft-fuzz-vici.%d", (int)getpid());
	strcpy(address.sun_path, fuzz->path);
	unlink(fuzz->path);
	fuzz->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(fuzz->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fuzz->listener, 1) < 0)
		abort();
}

static void as_daemon(const struct fuzz *fuzz, const uint8_t *data, size_t size)
{
	const struct vici_settings settings = { .path = fuzz->path };
	struct vici *vici = vici_new(fuzz->base, &settings);
	int fd;

	vici_connect(vici);
	event_base_loop(fuzz->base, EVLOOP_ONCE);
	fd = accept(fuzz->listener, NULL, NULL);
	for (int i = 0; i < 3; i++)
		vici_call(vici, "c", NULL, ignore, "");
	event_base_loop(fuzz->base, EVLOOP_NONBLOCK);
	while (size > 0) {
		size_t piece = size > 7 ? 7 + size / 2 : size;

		if (piece > size)
			piece = size;
		if (send(fd, data, piece, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)piece)
			break;
		event_base_loop(fuzz->base, EVLOOP_NONBLOCK);
		data += piece;
		size -= piece;
	}
	close(fd);
	event_base_loop(fuzz->base, EVLOOP_NONBLOCK);
	vici_free(vici);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz fuzz;

	if (!fuzz.base)
		start(&fuzz);
	if (size < 1)
		return 0;
	if (data[0] & 1)
		as_message(data + 1, size - 1);
	else
		as_daemon(&fuzz, data + 1, size - 1);
	return 0;
}
