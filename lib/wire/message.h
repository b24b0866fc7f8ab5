/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.h - JSON up to a NUL, both ways; for the wire's own files. */
#ifndef WEFT_WIRE_MESSAGE_H
#define WEFT_WIRE_MESSAGE_H

#include <event2/buffer.h>
#include <jansson.h>
#include <stdbool.h>

enum message_state {
	MESSAGE_NONE, /* Not whole yet. */
	MESSAGE_WHOLE,
	MESSAGE_BROKEN, /* It is no JSON. */
};

/* Takes the next message out of 'input'. '*searched' is the caller's to keep between calls, 0 at
 * first: so many bytes are known to hold no end of a message. */
enum message_state message_take(struct evbuffer *input, size_t *searched, json_t **ret);

/* Adds 'text', which is taken over, and its NUL. Nothing of it stays in memory once it is written:
 * it may hold secrets. */
void message_add(struct evbuffer *output, char *text);

/* Overwrites and frees a text; NULL is allowed. */
void message_forget(char *text);

/* A TCP connection whose other side vanished without a word is found out within two minutes; what
 * is written goes out at once. Connections of a listening socket inherit it. */
void socket_keep_alive(int fd);

#endif
