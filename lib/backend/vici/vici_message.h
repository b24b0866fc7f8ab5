/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vici_message.h - what is said in VICI, the control interface of the IKE daemon: sections, keys
 * with values, lists (strongSwan, src/libcharon/plugins/vici/README.md, "Message format").
 *
 * Written element by element, read as a whole into JSON: a section is an object, a list an array, a
 * value a text. What is written may hold a secret and leaves no copy behind. */
#ifndef WEFT_BACKEND_VICI_MESSAGE_H
#define WEFT_BACKEND_VICI_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

struct vici_message {
	unsigned char *bytes;
	size_t length, room;
	bool is_too_long; /* A name above 255 bytes, a value above 65535: not to be sent. */
};

#define VICI_MESSAGE_NONE \
	{                 \
		0         \
	}

void vici_section(struct vici_message *message, const char *name);
void vici_section_end(struct vici_message *message);
void vici_value(struct vici_message *message, const char *key, const char *value);
void vici_format(struct vici_message *message, const char *key, const char *format, ...)
	PRINTF(3, 4); /* No secrets: these leave copies. */
void vici_list(struct vici_message *message, const char *name);
void vici_item(struct vici_message *message, const char *value);
void vici_list_end(struct vici_message *message);

/* Wipes and frees what was written. */
void vici_message_clear(struct vici_message *message);

/* A new reference; NULL with -EBADMSG in 'err' if the bytes are no message. A value that
 * is no UTF-8 has '?' for what is no ASCII. Of two values with one name in a section the last
 * stays. */
json_t *vici_message_parse(const void *bytes, size_t size, struct err *err);

#endif
