/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificate: what an HTTPS listener shows. */
#include "controller/model/parts.h"

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

const struct model_type certificate_type = {
	.table = { "certificate", certificate_fields, sizeof(struct certificate), NULL,
		   .owner = "owner" },
	.doc = "What an HTTPS listener shows.",
};
