/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/pki/bundle.h"
#include "vrouter/document/check.h"

static struct pki_bundle bundle_of(const struct certificate *certificate)
{
	return (struct pki_bundle){ certificate->certificate_pem, certificate->chain_pem,
				    certificate->private_key_pem };
}

int check_certificate(const struct document *document, const struct object *object, struct err *err)
{
	struct pki_bundle bundle = bundle_of((const void *)object);

	(void)document;
	return pki_bundle_check(&bundle, err);
}

char *certificate_ordered(const struct certificate *certificate)
{
	struct pki_bundle bundle = bundle_of(certificate);

	return pki_bundle_ordered(&bundle);
}
