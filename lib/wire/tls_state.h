/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tls_state.h - the inside of tls.h, for the wire's own files. */
#ifndef WEFT_WIRE_TLS_STATE_H
#define WEFT_WIRE_TLS_STATE_H

#include <openssl/ssl.h>

struct wire_tls {
	SSL_CTX *context;
};

/* The common name in the other side's certificate, the caller's; NULL: it has none. */
char *tls_common_name(const SSL *ssl);

/* OpenSSL's words for what just failed; forgets it. Never NULL. */
const char *tls_reason(void);

#endif
