/* SPDX-License-Identifier: GPL-2.0-or-later */
/* identity.h - what an agent is to its controller: a certificate with its key and the authority
 * that signed it, in one file, so that there is never one without the others.
 *
 * DIRECTORY/agent.pem: a line that names the token it was got with by its digest, then PEM. */
#ifndef WEFT_AGENT_IDENTITY_H
#define WEFT_AGENT_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/pki/pki.h"
#include "lib/wire/tls.h"

struct identity {
	char *directory;
	char *key;                     /* PEM. NULL: there is no identity yet. */
	char *certificate, *authority; /* PEM. */
	struct pki_fingerprint token;  /* What it was got with. */
};

/* Makes the directory. -EBADMSG: the file is there, and cannot be read. */
int identity_open(struct identity *identity, const char *directory, struct err *err);
void identity_close(struct identity *identity);

/* For dialling the controller. -EKEYEXPIRED: it does not hold any more. */
int identity_tls(const struct identity *identity, struct wire_tls **ret, struct err *err);

/* In place of the one before, on the disk when it returns 0. 'key' is taken over at success. */
int identity_replace(struct identity *identity, char **key, const char *certificate,
		     const char *authority, const struct pki_fingerprint *token, struct err *err);

/* When the next certificate should be asked for, in ms since 1970: a third of its time is left. */
int identity_renew_ms(const struct identity *identity, int64_t *at_ms, struct err *err);

#endif
