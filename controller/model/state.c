/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enabled and disabled. Disabling goes down to what is below once; each of it can be enabled again
 * by itself. */
#include "controller/model/parts.h"
#include "lib/base/field_value.h"

static int *state_of(const struct model_type *type, void *record)
{
	return field_at(db_field(&type->table, "state"), record);
}

int state_enable(const struct model_change *change, const void *parameters, struct err *err)
{
	(void)parameters;
	(void)err;
	*state_of(change->type, change->is) = RESOURCE_ENABLED;
	return 0;
}

int state_disable(const struct model_change *change, const void *parameters, struct err *err)
{
	struct resource *resource = change->is;

	(void)parameters;
	*state_of(change->type, change->is) = RESOURCE_DISABLED;
	if (change->type == &zone_type)
		return state_disable_all(change->model, &cluster_type, "zone", resource->uuid, err);
	if (change->type == &cluster_type)
		return state_disable_all(change->model, &host_type, "cluster", resource->uuid, err);
	return 0;
}

int state_disable_all(struct model *model, const struct model_type *type, const char *field,
		      const char *uuid, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, type, &rows, err, field, uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		struct model_change change = { model, type, NULL, db_row(&rows, i) };

		ret = state_disable(&change, NULL, err);
		if (ret == 0)
			ret = model_change(model, type, change.is, err);
	}
	return ret;
}
