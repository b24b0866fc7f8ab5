/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vici.h - a client of VICI, by which the IKE daemon is told and asked (strongSwan,
 * src/libcharon/plugins/vici/README.md).
 *
 * It waits for nothing: commands are queued and answered from the event loop, one at a time, as the
 * protocol has it. */
#ifndef WEFT_BACKEND_VICI_VICI_H
#define WEFT_BACKEND_VICI_VICI_H

#include <event2/event.h>

#include "lib/backend/vici/vici_message.h"

struct vici;

struct vici_settings {
	const char *path;          /* Of the daemon's socket. */
	const char *const *events; /* Heard on every connection; NULL-terminated, kept. */
	void (*connected)(void *data);
	/* The connection ended, or what came over it was no VICI ('why', for the operator). All
	 * calls have been answered with -ENOTCONN before. */
	void (*lost)(void *data, const char *why);
	void (*event)(void *data, const char *name, const json_t *message);
	void *data;
};

struct vici *vici_new(struct event_base *base, const struct vici_settings *settings);
/* Calls that are not answered yet never will be. */
void vici_free(struct vici *vici);

/* Connects as soon as the daemon listens. Without effect while connected. */
void vici_connect(struct vici *vici);
/* 'lost' is not called, nor are calls answered. */
void vici_disconnect(struct vici *vici);
bool vici_is_connected(const struct vici *vici);

/* 'owner' is the data of vici_new(), 'about' what vici_call() was given. 'reply' is NULL when 'err'
 * says what went wrong:
 *   -EIO         the daemon could not do it, and says why
 *   -EOPNOTSUPP  it does not know the command
 *   -EMSGSIZE    the message is too long to be sent
 *   -ENOTCONN    the connection ended before there was an answer */
typedef void vici_done_fn(void *owner, const char *about, const json_t *reply,
			  const struct err *err);

/* Without effect while not connected. Takes what 'message' (may be NULL) holds, which is wiped once
 * it is sent. 'done' (may be NULL) is called once, from the event loop; 'about' is copied. */
void vici_call(struct vici *vici, const char *command, struct vici_message *message,
	       vici_done_fn *done, const char *about);

#endif
