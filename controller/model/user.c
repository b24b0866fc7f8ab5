/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user: somebody who logs in to an account. What he makes is the account's. */
#include <string.h>

#include "controller/model/account.h"
#include "controller/model/parts.h"

#define AT(member) offsetof(struct user, member)

static const struct field user_fields[] = {
	RESOURCE_UUID,
	{ "name", FIELD_TEXT, offsetof(struct resource, name), .required = true, .min = 1,
	  .max = 255, .indexed = true,
	  .doc = "What he logs in as; no other of his account has it." },
	RESOURCE_DESCRIPTION,
	RESOURCE_TIMES,
	{ "account", FIELD_REFERENCE, AT(account), .target = "account", .immutable = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose; one's own when it is not given." },
	PASSWORD_FIELD(struct user),
	{ 0 },
};

static const char *const user_uniques[] = { "account,name", NULL };

static int complete(const struct model_change *change, struct err *err)
{
	struct user *user = change->is;

	if (!user->account)
		user->account = mem_text(model_account(change->model));
	return user->password ? 0 : model_wrong(err, "password", "is required");
}

static int check_account(const struct model_change *change, struct err *err)
{
	const struct user *user = change->is ? change->is : change->was;

	if (strcmp(user->account, model_account(change->model)) == 0)
		return 0;
	return model_refuse(err, "an account makes and deletes its own users");
}

static int check_password(const struct model_change *change, struct err *err)
{
	const struct user *user = change->is;

	return user->password ? 0 : model_wrong(err, "password", "is required");
}

static const struct model_rule user_rules[] = {
	{ "own_account", "Users are made and deleted by their own account.",
	  MODEL_CREATE | MODEL_DELETE, check_account },
	{ "password", "A user has a password.", MODEL_UPDATE, check_password },
	{ 0 },
};

static int written(const struct model_change *change, struct err *err)
{
	const struct user *was = change->was, *is = change->is;

	if (!was || !is || !password_changed(was->password, is->password))
		return 0;
	return sessions_end(change->model, is->account, is->resource.uuid, err);
}

const struct model_type user_type = {
	.table = { "user", user_fields, sizeof(struct user), user_uniques, .owner = "account" },
	.doc = "Somebody who logs in to an account: admin's may do everything, others only look.",
	.rules = user_rules,
	.complete = complete,
	.written = written,
};
