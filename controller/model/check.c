/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door: what may be given at all, that references lead somewhere, the type's rules. */
#include <errno.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "lib/base/field_value.h"

static int forbidden(const struct field *field, bool held, struct err *err)
{
	if (field->computed)
		return model_wrong(err, field->name, "is set by the controller");
	if (held && field->transient)
		return model_wrong(err, field->name, "is for making it only");
	if (held && field->immutable)
		return model_wrong(err, field->name, "cannot be changed");
	return 0;
}

int model_check_given(const struct model_type *type, json_t *spec, const json_t *held,
		      struct err *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(spec))
		return err_set(err, -EINVAL, "expected object");
	json_object_foreach (spec, name, value) {
		const struct field *field = db_field(&type->table, name);

		/* An object may be given back as it was got. */
		if (!field || (held && json_equal(json_object_get(held, name), value)))
			continue;
		if (forbidden(field, held, err) < 0)
			return err->code;
	}
	return 0;
}

static int check_reference(const struct model_change *change, const char *target, const char *uuid,
			   struct err *err)
{
	const struct db_table *table = db_table(change->model->db, target);
	int ret = db_has(change->model->db, table, uuid, err);

	if (ret != 0)
		return ret < 0 ? ret : 0;
	return err_set(err, -EINVAL, "there is no %s %s", target, uuid);
}

static int check_list(const struct model_change *change, const struct field *field,
		      const struct field_list *list, struct err *err)
{
	char **uuids = list->items;

	for (size_t i = 0; i < list->n; i++) {
		for (size_t j = 0; j < i; j++)
			if (strcmp(uuids[i], uuids[j]) == 0) {
				err_set(err, -EINVAL, "%s is named twice", uuids[i]);
				return err_at(err, "[%zu]", i);
			}
		if (check_reference(change, field->element->target, uuids[i], err) < 0)
			return err_at(err, "[%zu]", i);
	}
	return 0;
}

static int check_references(const struct model_change *change, struct err *err)
{
	for (const struct field *field = change->type->table.fields; field->name; field++) {
		const void *value = field_at(field, change->is);
		int ret = 0;

		if (field->type == FIELD_REFERENCE && *(char *const *)value)
			ret = check_reference(change, field->target, *(char *const *)value, err);
		else if (field->type == FIELD_LIST && field->element &&
			 field->element->type == FIELD_REFERENCE)
			ret = check_list(change, field, value, err);
		if (ret < 0)
			return err_at(err, "%s", field->name);
	}
	return 0;
}

int model_check(const struct model_change *change, enum model_when when, struct err *err)
{
	const struct resource *resource = change->is ? change->is : change->was;

	if (change->is && check_references(change, err) < 0)
		return err->code;
	for (const struct model_rule *rule = change->type->rules; rule && rule->name; rule++) {
		int ret = rule->when & when ? rule->check(change, err) : 0;

		if (ret == -EPERM)
			return model_rule_failed(change->model, change->type, resource->uuid,
						 rule->name, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}
