/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificate: what an HTTPS listener shows. */
#include "controller/model/parts.h"
#include "lib/pki/bundle.h"

/* PEM of a chain of many. */
#define PEM_MAX 65536

#define AT(member) offsetof(struct certificate, member)

static const struct field certificate_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "certificate_pem", FIELD_TEXT, AT(certificate_pem), .required = true, .min = 1,
	  .max = PEM_MAX, .lines = true, .immutable = true, .doc = "The certificate." },
	{ "chain_pem", FIELD_TEXT, AT(chain_pem), .nullable = true, .max = PEM_MAX, .lines = true,
	  .immutable = true, .doc = "Those of its authorities." },
	{ "private_key_pem", FIELD_TEXT, AT(private_key_pem), .required = true, .min = 1,
	  .max = PEM_MAX, .lines = true, .immutable = true, .secret = true,
	  .doc = "Its key. Never shown." },
	{ 0 },
};

/* As the routers look at it, which would refuse all that stands beside it as well. */
static int can_be_shown(const struct model_change *change, struct err *err)
{
	const struct certificate *certificate = change->is;
	struct pki_bundle bundle = { certificate->certificate_pem, certificate->chain_pem,
				     certificate->private_key_pem };

	return pki_bundle_check(&bundle, err);
}

static const struct model_rule certificate_rules[] = {
	{ "can_be_shown",
	  "Certificate and chain can be read, in whatever order they stand, and the key is of one "
	  "of them.",
	  MODEL_CREATE, can_be_shown },
	{ 0 },
};

const struct model_type certificate_type = {
	.table = { "certificate", certificate_fields, sizeof(struct certificate), NULL,
		   .owner = "owner" },
	.doc = "What an HTTPS listener shows.",
	.rules = certificate_rules,
};
