/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotas: how many objects of a type an account may have, as its field quota_TYPE says. */
#include <errno.h>
#include <stdlib.h>

#include "controller/model/model_state.h"
#include "controller/model/types.h"

/* Those that a condition finds: "owner", "load_balancer.owner". */
static int count_owned(struct model *model, const struct model_type *type, const char *account,
		       int64_t *n, struct err *err)
{
	const char *part = type->table.part_of;
	AUTO(free_ptr)
	char *field = mem_format("%s%sowner", part ? part : "", part ? "." : "");
	json_t *value = json_string(account);
	struct db_condition condition = { field, "=", value };
	struct db_query query = { .conditions = &condition, .n_conditions = 1 };
	int ret = db_count(model->db, &type->table, &query, n, err);

	json_decref(value);
	return ret;
}

static int check_account(struct model *model, const struct model_type *type, const void *record,
			 const struct field *quota, const struct account *account, struct err *err)
{
	int64_t limit = *(const int64_t *)((const char *)account + quota->offset), used = 0;

	if (account->kind == ACCOUNT_ADMIN)
		return 0;
	if (count_owned(model, type, account->resource.uuid, &used, err) < 0)
		return err->code;
	if (used + 1 <= limit)
		return 0;
	model_refuse(err, "%s of account %s is %lld, %lld are used, 1 more is wanted", quota->name,
		     account->resource.name, (long long)limit, (long long)used);
	return model_rule_failed(model, type, ((const struct resource *)record)->uuid, "quota",
				 err);
}

int quota_check(struct model *model, const struct model_type *type, const void *record,
		struct err *err)
{
	AUTO(free_ptr) char *name = mem_format("quota_%s", type->table.name);
	const struct field *quota = db_field(&account_type.table, name);
	struct account account = { 0 };
	AUTO(free_ptr) char *owner = NULL;
	int ret;

	if (!quota)
		return 0;
	ret = owner_of(model, type, record, &owner, err);
	if (ret < 0 || !owner)
		return ret;
	ret = model_load(model, &account_type, owner, &account, err);
	if (ret == 0)
		ret = check_account(model, type, record, quota, &account, err);
	model_clear(&account_type, &account);
	return ret;
}
