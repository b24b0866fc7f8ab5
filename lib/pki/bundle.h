/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bundle.h - what an HTTPS server shows: certificates, looked at before they are accepted. Can they
 * be read, whose is the key, in which order does a server send them (RFC 8446, 4.4.2). */
#ifndef WEFT_PKI_BUNDLE_H
#define WEFT_PKI_BUNDLE_H

#include "lib/base/err.h"

/* PEM texts, borrowed. The certificates may stand in any order in both of the first two. */
struct pki_bundle {
	const char *certificate_pem;
	const char *chain_pem; /* NULL: none. */
	const char *private_key_pem;
};

/* -EINVAL: it cannot be used; the path is the name of the member that is wrong. The sentence holds
 * nothing of what is in it. */
int pki_bundle_check(const struct pki_bundle *bundle, struct err *err);

/* The certificates as a server sends them: the key's own first, behind each its issuer as far as it
 * is there, then all others. A new PEM text, without the key. */
char *pki_bundle_ordered(const struct pki_bundle *bundle);

#endif
