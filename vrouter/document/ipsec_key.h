/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec_key.h - a tunnel's key as others may see it: whether it is the same as before. */
#ifndef WEFT_VROUTER_DOCUMENT_IPSEC_KEY_H
#define WEFT_VROUTER_DOCUMENT_IPSEC_KEY_H

#include "lib/item/facts.h"

/* 32 hex digits: the first half of HMAC-SHA-256 with the machine's salt. Keys that people think of
 * are found out from a plain digest. */
struct ipsec_key_digest {
	char s[33];
};
struct ipsec_key_digest ipsec_key_digest(const struct facts *facts, const char *key);

#endif
