/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pki.h - keys and X.509 certificates (RFC 5280) as PEM texts and files: an authority, requests for
 * its signature (RFC 2986), and what it signs.
 *
 * Keys are of the curve P-256, digests SHA-256. Texts with a key in them are overwritten by
 * pki_forget(). Errors: -EINVAL, with OpenSSL's reason; -EIO and the like of files. */
#ifndef WEFT_PKI_PKI_H
#define WEFT_PKI_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* A new key; the caller's. */
int pki_key_new(char **key, struct err *err);

/* Asks for a certificate of 'key' in the name 'name'; the caller's. */
int pki_request(const char *key, const char *name, char **request, struct err *err);

enum pki_use {
	PKI_AUTHORITY, /* Signs others; its own issuer. */
	PKI_ALONE,     /* Is dialled by who knows it already; its own issuer. */
	PKI_SERVICE,   /* Is dialled. */
	PKI_CLIENT,    /* Dials. */
};

#define PKI_SERIAL_BYTES 16

/* What a certificate is to say. */
struct pki_subject {
	const char *name; /* Common name. */
	enum pki_use use;
	const char *addresses;            /* "DNS:controllerd,IP:10.0.0.1"; NULL: none. */
	uint8_t serial[PKI_SERIAL_BYTES]; /* Its highest bit is not used. */
	int64_t seconds;                  /* How long it holds from now. */
};

/* A random serial number; its first 'from' bytes stay as they are. */
int pki_serial(struct pki_subject *subject, size_t from, struct err *err);

/* The certificate of an authority, or of who stands alone; the caller's. */
int pki_self_sign(const char *key, const struct pki_subject *subject, char **certificate,
		  struct err *err);

/* The certificate for a request, whose own name does not count: 'subject' says it. -EINVAL as well
 * where the request is not signed by its own key. */
int pki_sign(const char *authority, const char *authority_key, const char *request,
	     const struct pki_subject *subject, char **certificate, struct err *err);

/* SHA-256 of a certificate in hex. */
struct pki_fingerprint {
	char s[65];
};
int pki_fingerprint(const char *certificate, struct pki_fingerprint *fingerprint, struct err *err);

/* When it ceases to hold, in ms since 1970, and how long it was to hold. */
int pki_validity(const char *certificate, int64_t *end_ms, int64_t *length_ms, struct err *err);

/* The SHA-256 of a text in hex. */
struct pki_fingerprint pki_digest(const char *text);

/* Files for the owner alone, whole or not there: written under another name, synced, renamed.
 * Reading: -ENOENT there is none, -EFBIG it is larger than anything of this kind. */
int pki_file_write(const char *path, const char *text, struct err *err);
int pki_file_read(const char *path, char **text, struct err *err);

/* Overwrites and frees a text; for AUTO(). */
void pki_forget(char **text);

#endif
