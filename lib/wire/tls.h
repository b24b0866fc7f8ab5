/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tls.h - mutual TLS (1.3): both sides show a certificate that the other's authority signed. */
#ifndef WEFT_WIRE_TLS_H
#define WEFT_WIRE_TLS_H

#include "lib/base/err.h"

struct wire_tls;

/* All three are PEM files: the authority that the other side is checked against, the own
 * certificate (its chain may follow), its key. -EINVAL names the file that cannot be used. */
int wire_tls_new(const char *ca, const char *certificate, const char *key, struct wire_tls **ret,
		 struct err *err);
void wire_tls_free(struct wire_tls *tls);

/* For a client that has neither certificate nor the authority's, but knows the SHA-256 fingerprint
 * (64 hex digits) of it: a service is believed whose chain ends there. -EINVAL: it is none. */
int wire_tls_new_pinned(const char *fingerprint, struct wire_tls **ret, struct err *err);

/* For services: those are let in as well who show no certificate; their wire_peer has no name. Who
 * shows a wrong one is still sent away. */
void wire_tls_admit_strangers(struct wire_tls *tls);

/* From now on the other side's certificate must bear 'name' as well, as common name or DNS name.
 * For clients: without it, whoever the authority signed may pose as the service. */
void wire_tls_expect(struct wire_tls *tls, const char *name);

#endif
