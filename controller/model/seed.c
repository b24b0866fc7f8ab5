/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there always is: the account admin, the settings; and whose the objects are that were made
 * when there were no accounts. */
#include <string.h>

#include "controller/model/model_state.h"
#include "controller/model/setting.h"
#include "controller/model/types.h"

/* Without a password: nobody logs in as admin before it has one. */
static int seed_admin(struct model *model, struct err *err)
{
	struct account admin = { 0 };
	int ret = db_has(model->db, &account_type.table, ADMIN_ACCOUNT, err);

	if (ret != 0)
		return ret < 0 ? ret : 0;
	for (const struct field *field = account_type.table.fields; field->name; field++)
		if (field->type == FIELD_NUMBER)
			*(int64_t *)((char *)&admin + field->offset) = field->fallback;
	admin.resource.uuid = mem_text(ADMIN_ACCOUNT);
	admin.resource.name = mem_text(ADMIN_ACCOUNT);
	ret = model_add(model, &account_type, &admin, err);
	model_clear(&account_type, &admin);
	return ret;
}

static int seed_owners(struct model *model, struct err *err)
{
	for (size_t i = 0; model->types[i]; i++) {
		const struct db_table *table = &model->types[i]->table;

		if (!table->owner || strcmp(table->owner, "owner") != 0)
			continue;
		if (db_fill(model->db, table, table->owner, ADMIN_ACCOUNT, err) < 0)
			return err->code;
	}
	return 0;
}

int model_seed(struct model *model, struct err *err)
{
	int ret;

	if (!model_type(model, account_type.table.name))
		return 0; /* A model of other types, without accounts. */
	ret = model_begin(model, err);
	if (ret < 0)
		return ret;
	ret = seed_admin(model, err);
	if (ret == 0)
		ret = settings_seed(model, err);
	if (ret == 0)
		ret = seed_owners(model, err);
	return model_end(model, ret, err);
}
