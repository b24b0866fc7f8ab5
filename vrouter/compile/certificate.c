/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificate.c - what HTTPS listeners show, as a digest: the key itself never is an item. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "vrouter/compile/services.h"

static size_t room_for(const char *pem)
{
	return pem ? strlen(pem) + 1 : 0;
}

/* Each part ends its line, or the next one's first line would not be seen. */
static char *append(char *at, const char *pem)
{
	size_t length = pem ? strlen(pem) : 0;

	if (length == 0)
		return at;
	memcpy(at, pem, length);
	if (pem[length - 1] != '\n')
		at[length++] = '\n';
	return at + length;
}

char *certificate_bundle(const struct certificate *certificate)
{
	AUTO(free_ptr) char *certificates = certificate_ordered(certificate);
	/* As large as it will be from the start: a text that grows would leave copies behind. */
	char *bundle =
		mem_alloc(room_for(certificates) + room_for(certificate->private_key_pem) + 1);
	char *end = append(bundle, certificates);

	end = append(end, certificate->private_key_pem);
	*end = '\0';
	return bundle;
}

void compile_certificate(const struct document *document, const struct facts *facts,
			 const struct object *object, struct item_set *items, struct notes *notes)
{
	const struct certificate *certificate = (const struct certificate *)object;
	char *bundle = certificate_bundle(certificate);
	size_t length = strlen(bundle);
	unsigned char bytes[EVP_MAX_MD_SIZE];
	char digest[65] = "";
	unsigned int n = 0;

	(void)document;
	(void)facts;
	(void)notes;
	EVP_Digest(bundle, length, bytes, &n, EVP_sha256(), NULL);
	for (unsigned int i = 0; i < n && i < 32; i++)
		snprintf(digest + 2 * i, 3, "%02x", bytes[i]);
	explicit_bzero(bundle, length);
	free(bundle);
	item_set_say(items, "haproxy.certificate", object->uuid, object->uuid, digest);
}
