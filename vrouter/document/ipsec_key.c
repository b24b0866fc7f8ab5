/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/ipsec_key.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

struct ipsec_key_digest ipsec_key_digest(const struct facts *facts, const char *key)
{
	struct ipsec_key_digest digest = { "" };
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	HMAC(EVP_sha256(), facts->salt, sizeof(facts->salt), (const unsigned char *)key,
	     strlen(key), bytes, &n);
	for (unsigned int i = 0; i < n && 2 * i + 1 < sizeof(digest.s) - 1; i++)
		snprintf(digest.s + 2 * i, 3, "%02x", bytes[i]);
	return digest;
}
