/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owners: whose something is, giving it away, lending it to other accounts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "controller/model/parts.h"

const struct field account_element = { .type = FIELD_REFERENCE,
				       .target = "account",
				       .at_end = FIELD_CLEARS };

static bool has_owner(const struct model_type *type)
{
	return type->table.owner && strcmp(type->table.owner, "owner") == 0;
}

void owner_take(struct model *model, const struct model_type *type, struct resource *resource)
{
	if (has_owner(type) && !resource->owner)
		resource->owner = mem_text(model_account(model));
}

const struct field *owner_part(const struct db_table *table, const void *record)
{
	for (const char *at = table->part_of; at && *at;) {
		size_t length = strcspn(at, ",");
		AUTO(free_ptr) char *name = mem_text_n(at, length);
		const struct field *field = db_field(table, name);

		if (*(char *const *)((const char *)record + field->offset))
			return field;
		at += length + (at[length] != '\0');
	}
	return NULL;
}

int owner_of(struct model *model, const struct model_type *type, const void *record, char **owner,
	     struct err *err)
{
	const struct field *part = owner_part(&type->table, record);
	const struct model_type *whole = part ? model_type(model, part->target) : NULL;
	AUTO(free_ptr) void *other = NULL;
	int ret;

	*owner = NULL;
	if (has_owner(type)) {
		*owner = mem_text(((const struct resource *)record)->owner);
		return 0;
	}
	if (!whole)
		return 0;
	other = mem_alloc(whole->table.size);
	ret = model_load(model, whole, *(char *const *)((const char *)record + part->offset), other,
			 err);
	if (ret == 0)
		ret = owner_of(model, whole, other, owner, err);
	model_clear(whole, other);
	return ret;
}

struct account_parameters {
	char *account;
};

static const struct field account_parameters[] = {
	{ "account", FIELD_REFERENCE, offsetof(struct account_parameters, account),
	  .required = true, .target = "account", .doc = "Whose it is to be." },
	{ 0 },
};

static int admin_only(const struct model_change *change, struct err *err)
{
	return model_by_admin(change->model) ? 0 : model_forbid(err, "only admin does that");
}

static int change_owner(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct account_parameters *given = parameters;
	struct resource *resource = change->is;
	int has;

	if (admin_only(change, err) < 0)
		return err->code;
	has = db_has(model_db(change->model), &account_type.table, given->account, err);
	if (has < 0)
		return has;
	if (!has)
		return model_wrong(err, "account", "there is no account %s", given->account);
	if (strcmp(resource->owner, given->account) == 0)
		return 0;
	free(resource->owner);
	resource->owner = mem_text(given->account);
	return quota_check(change->model, change->type, resource, err);
}

const struct model_action owner_actions[] = {
	{ "change_owner", "It is another account's from now on. For admin alone.",
	  account_parameters, sizeof(struct account_parameters), change_owner },
	{ 0 },
};

struct share_parameters {
	struct field_list accounts;
	bool all;
};

static const struct field share_parameters[] = {
	{ "accounts", FIELD_LIST, offsetof(struct share_parameters, accounts),
	  .element = &account_element, .doc = "With whom." },
	{ "all", FIELD_BOOL, offsetof(struct share_parameters, all),
	  .doc = "With every account, also those that are still to come." },
	{ 0 },
};

static int check_given(const struct model_change *change, const struct share_parameters *given,
		       struct err *err)
{
	if (admin_only(change, err) < 0)
		return err->code;
	if (!given->all && !given->accounts.n)
		return model_wrong(err, "accounts", "whose? Accounts, or all");
	return 0;
}

static int share(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct share_parameters *given = parameters;
	struct resource *resource = change->is;
	char **accounts = given->accounts.items;

	if (check_given(change, given, err) < 0)
		return err->code;
	resource->shared_with_all |= given->all;
	for (size_t i = 0; i < given->accounts.n; i++)
		if (!uuids_have(&resource->shared_with, accounts[i]))
			uuids_add(&resource->shared_with, accounts[i]);
	return 0;
}

static int recall(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct share_parameters *given = parameters;
	struct resource *resource = change->is;
	char **accounts = given->accounts.items;

	if (check_given(change, given, err) < 0)
		return err->code;
	resource->shared_with_all &= !given->all;
	for (size_t i = 0; i < given->accounts.n; i++)
		uuids_remove(&resource->shared_with, accounts[i]);
	return 0;
}

const struct model_action share_actions[] = {
	{ "share", "Other accounts may use it, and not change it. For admin alone.",
	  share_parameters, sizeof(struct share_parameters), share },
	{ "recall", "They may not any more; what they have made with it stays.", share_parameters,
	  sizeof(struct share_parameters), recall },
	{ 0 },
};
