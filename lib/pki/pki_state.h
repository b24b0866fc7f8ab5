/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pki_state.h - OpenSSL's objects, for this folder's own files. */
#ifndef WEFT_PKI_PKI_STATE_H
#define WEFT_PKI_PKI_STATE_H

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lib/pki/pki.h"

/* -EINVAL: "WHAT: " and OpenSSL's words for what just failed, which it forgets. */
int pki_failed(struct err *err, const char *what);

BIO *pki_reader(const char *text);
char *pki_text(BIO *bio); /* What was written; the caller's. */
int pki_key_read(const char *text, EVP_PKEY **key, struct err *err);

/* For AUTO(). */
void pki_bio_free(BIO **bio);
void pki_key_free(EVP_PKEY **key);
void pki_request_free(X509_REQ **request);
void pki_certificate_free(X509 **certificate);

#endif
