/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authority.h - the controller's own authority: signs its agents' certificates, and its own.
 *
 * Made at the first start, in STATE/authority, for the owner alone. Who has this directory can pose
 * as the controller and as every agent. */
#ifndef WEFT_LINK_AUTHORITY_H
#define WEFT_LINK_AUTHORITY_H

#include "lib/pki/pki.h"
#include "lib/wire/tls.h"

/* What the controller's certificate bears beside its addresses; agents expect it. */
#define AUTHORITY_SERVICE "controllerd"

struct authority {
	char *directory;
	char *certificate, *key; /* PEM. */
	struct pki_fingerprint fingerprint;
};

/* -EBADMSG: one of certificate and key is gone, or they cannot be read. */
int authority_open(const char *state_directory, struct authority **ret, struct err *err);
void authority_close(struct authority *authority);

/* A new certificate of the controller for 'addresses' ("IP:10.0.0.1,..." or ""), and TLS with it
 * that lets in agents, and strangers. */
int authority_serve(const struct authority *authority, const char *addresses, struct wire_tls **ret,
		    struct err *err);

/* The certificate of an agent, valid from now for 'seconds'; its serial number begins with
 * 'generation'. The caller's. */
int authority_sign(const struct authority *authority, const char *request, const char *name,
		   const uint8_t *generation, size_t size, int64_t seconds, char **certificate,
		   struct err *err);

#endif
