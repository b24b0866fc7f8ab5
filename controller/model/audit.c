/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit: a call that changed something, or was to, and who made it. It is never changed. */
#include "controller/model/parts.h"

#define AT(member)        offsetof(struct audit, member)
#define TEXT(member, ...) #member, FIELD_TEXT, AT(member), .computed = true, .max = 255, __VA_ARGS__

static const struct field audit_fields[] = {
	RESOURCE_UUID,
	{ "started_ms", FIELD_NUMBER, AT(started_ms), .computed = true, .indexed = true,
	  .unit = "ms", .doc = "When it came, since 1970." },
	{ "finished_ms", FIELD_NUMBER, AT(finished_ms), .computed = true, .unit = "ms",
	  .doc = "When it was done, since 1970." },
	{ "elapsed_ms", FIELD_NUMBER, AT(elapsed_ms), .computed = true, .unit = "ms",
	  .doc = "How long it took." },
	{ TEXT(account, .indexed = true, .doc = "Who: the uuid of the account.") },
	{ TEXT(account_name, .doc = "Its name, or the one that was given at a login.") },
	{ TEXT(user, .doc = "Who of the account: the uuid; none: the account itself.") },
	{ TEXT(user_name, .doc = "His name, or the one that was given at a login.") },
	{ TEXT(session, .doc = "By which session; none: over the local socket.") },
	{ TEXT(address, .doc = "From where.") },
	{ TEXT(method, .indexed = true,
	       .doc = "What: Create, Update, Delete, Action, Login, ...") },
	{ TEXT(action, .doc = "Which action.") },
	{ TEXT(resource_type, .doc = "Of which type.") },
	{ TEXT(resource_uuid, .indexed = true, .doc = "With which object.") },
	{ "parameters", FIELD_TEXT, AT(parameters), .computed = true, .lines = true,
	  .max = MODEL_SAID_MAX, .doc = "What was given, as JSON; secrets are masked." },
	{ TEXT(result, .doc = "\"ok\", or the error.") },
	{ "reason", FIELD_TEXT, AT(reason), .computed = true, .lines = true, .max = MODEL_SAID_MAX,
	  .doc = "The error's sentence." },
	{ "answer", FIELD_TEXT, AT(answer), .computed = true, .lines = true, .max = MODEL_SAID_MAX,
	  .doc = "What was answered, as JSON; secrets are masked." },
	{ 0 },
};

const struct model_type audit_type = {
	.table = { "audit", audit_fields, sizeof(struct audit), NULL, .owner = "account" },
	.doc = "A call that changed something, or was to.",
	.internal = true,
};
