/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tls_state.h - the inside of tls.h, for the wire's own files. */
#ifndef WEFT_WIRE_TLS_STATE_H
#define WEFT_WIRE_TLS_STATE_H

#include <openssl/ssl.h>

struct wire_tls {
	SSL_CTX *context;
};

#endif
