/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session: who has logged in. The token itself is nowhere: the uuid is its hash. */
#include "controller/model/parts.h"

#define AT(member) offsetof(struct session, member)

static const struct field session_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "account", FIELD_REFERENCE, AT(account), .target = "account", .computed = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	{ "user", FIELD_REFERENCE, AT(user), .target = "user", .computed = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Who, if it is not the account itself." },
	{ "address", FIELD_TEXT, AT(address), .max = 255, .computed = true,
	  .doc = "Where the login came from." },
	{ 0 },
};

const struct model_type session_type = {
	.table = { "session", session_fields, sizeof(struct session), NULL, .owner = "account" },
	.doc = "Somebody who has logged in; deleting it logs out.",
	.automatic = true,
};
