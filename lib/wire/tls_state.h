/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tls_state.h - the inside of tls.h, for the wire's own files. */
#ifndef WEFT_WIRE_TLS_STATE_H
#define WEFT_WIRE_TLS_STATE_H

#include <event2/bufferevent.h>
#include <openssl/ssl.h>
#include <stdbool.h>

struct wire_tls {
	SSL_CTX *context;
};

/* The same once more, to be freed by its own. */
struct wire_tls *tls_share(const struct wire_tls *tls);

/* A stream over TLS on a connected socket, which it takes over; as the service's side or the
 * client's. NULL: no memory. */
struct bufferevent *tls_stream(struct wire_tls *tls, struct event_base *base, int fd,
			       bool is_service);
/* The common name in the other side's certificate, the caller's; NULL: it has none. */
char *tls_peer_name(struct bufferevent *stream);
/* Its serial number in hex, likewise. */
char *tls_peer_serial(struct bufferevent *stream);
/* OpenSSL's words for what ended the stream; NULL: it was none of OpenSSL's. */
const char *tls_failure(struct bufferevent *stream);

/* OpenSSL's words for what just failed; forgets it. Never NULL. */
const char *tls_reason(void);

#endif
