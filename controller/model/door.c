/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door, by who stands before it: what the caller may see, name and change. Behind it the types
 * work with everything there is: an address of a shared network is drawn among all that are used.
 */
#include <errno.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "controller/model/types.h"
#include "lib/base/field_value.h"

void model_call_for(struct model *model, const struct model_caller *caller)
{
	model->caller = caller;
}

bool model_by_admin(const struct model *model)
{
	return !model->caller || model->caller->admin;
}

const char *model_account(const struct model *model)
{
	return model->caller && model->caller->account ? model->caller->account : ADMIN_ACCOUNT;
}

struct db_view model_view(const struct model *model)
{
	return (struct db_view){ model_by_admin(model) ? NULL : model->caller->account, false };
}

/* There is none where the caller looks: it makes no difference whether there is one elsewhere. */
static int unseen(struct model *model, const struct model_type *type, const char *uuid,
		  struct err *err)
{
	err_set(err, -ENOENT, "there is no %s %.64s", type->table.name, uuid);
	return model_rule_failed(model, type, uuid, NULL, err);
}

int door_see(struct model *model, const struct model_type *type, const char *uuid, struct err *err)
{
	struct db_view view = model_view(model);
	int seen = view.account ? db_sees(model->db, &type->table, uuid, &view, err) : 1;

	if (seen < 0)
		return seen;
	return seen ? 0 : unseen(model, type, uuid, err);
}

int door_own(struct model *model, const struct model_type *type, const char *uuid, struct err *err)
{
	struct db_view view = model_view(model);

	view.own = true;
	return view.account ? db_sees(model->db, &type->table, uuid, &view, err) : 1;
}

int model_may_change(struct model *model, const struct model_type *type, const char *uuid,
		     struct err *err)
{
	int own = door_own(model, type, uuid, err);

	if (own != 0)
		return own < 0 ? own : 0;
	if (door_see(model, type, uuid, err) < 0)
		return err->code;
	return model_forbid(err, "%s %.64s is another account's", type->table.name, uuid);
}

int door_create(const struct model *model, const struct model_type *type, struct err *err)
{
	if (model_by_admin(model) || !type->by_admin)
		return 0;
	return model_forbid(err, "only admin makes a %s", type->table.name);
}

int door_part(struct model *model, const struct model_type *type, const void *record,
	      struct err *err)
{
	const struct field *part = owner_part(&type->table, record);

	return part ? model_may_change(model, model_type(model, part->target),
				       *(char *const *)field_at(part, record), err)
		    : 0;
}

static int see_one(struct model *model, const struct field *field, const char *uuid,
		   struct err *err)
{
	struct db_view view = model_view(model);
	int seen = db_sees(model->db, db_table(model->db, field->target), uuid, &view, err);

	if (seen != 0)
		return seen < 0 ? seen : 0;
	return err_set(err, -EINVAL, "there is no %s %s", field->target, uuid);
}

static bool is_in(const struct field_list *list, const char *uuid)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (strcmp(((char **)list->items)[i], uuid) == 0)
			return true;
	return false;
}

static int see_list(struct model *model, const struct field *field, const struct field_list *list,
		    const struct field_list *was, struct err *err)
{
	char **uuids = list->items;

	for (size_t i = 0; i < list->n; i++)
		if (!is_in(was, uuids[i]) && see_one(model, field->element, uuids[i], err) < 0)
			return err_at(err, "[%zu]", i);
	return 0;
}

/* Of what is given anew: nothing of it was held before. */
static int see_records(struct model *model, const struct field *field,
		       const struct field_list *list, struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *record = (const char *)list->items + i * field->size;

		if (door_named(model, field->fields, record, NULL, err) < 0)
			return err_at(err, "[%zu]", i);
	}
	return 0;
}

static bool is_list_of_references(const struct field *field)
{
	return field->type == FIELD_LIST && field->element &&
	       field->element->type == FIELD_REFERENCE;
}

int door_named(struct model *model, const struct field *fields, const void *record, const void *was,
	       struct err *err)
{
	if (model_by_admin(model))
		return 0;
	for (const struct field *field = fields; field->name; field++) {
		const void *value = field_at(field, record);
		const void *held = was ? field_at(field, was) : NULL;
		const char *uuid = field->type == FIELD_REFERENCE ? *(char *const *)value : NULL;
		const char *before = uuid && held ? *(char *const *)held : NULL;
		int ret = 0;

		if (uuid && !(before && strcmp(before, uuid) == 0))
			ret = see_one(model, field, uuid, err);
		else if (is_list_of_references(field))
			ret = see_list(model, field, value, held, err);
		else if (field->type == FIELD_LIST && field->fields)
			ret = see_records(model, field, value, err);
		if (ret < 0)
			return err_at(err, "%s", field->name);
	}
	return 0;
}

static int hide_of_list(struct model *model, const struct field *field, json_t *list,
			struct err *err)
{
	for (size_t i = json_array_size(list); i--;) {
		int seen = see_one(model, field->element,
				   json_string_value(json_array_get(list, i)), err);

		if (seen == -EINVAL)
			json_array_remove(list, i);
		else if (seen < 0)
			return seen;
	}
	return 0;
}

/* Takes out references to what the caller does not see. */
static int hide(struct model *model, const struct model_type *type, json_t *shown, struct err *err)
{
	for (const struct field *field = type->table.fields; field->name; field++) {
		json_t *value = json_object_get(shown, field->name);
		int seen = 0;

		if (field->type == FIELD_REFERENCE && json_is_string(value))
			seen = see_one(model, field, json_string_value(value), err);
		else if (is_list_of_references(field))
			seen = hide_of_list(model, field, value, err);
		if (seen == -EINVAL)
			json_object_del(shown, field->name);
		else if (seen < 0)
			return seen;
	}
	err_clear(err);
	return 0;
}

/* Of what is his own he sees everything. */
int model_shown(struct model *model, const struct model_type *type, const void *record,
		json_t **shown, struct err *err)
{
	const struct resource *resource = record;
	int own = door_own(model, type, resource->uuid, err), ret = 0;

	if (own < 0)
		return own;
	*shown = field_encode(type->table.fields, record, false);
	/* What was only for its making says nothing of it now. */
	for (const struct field *field = type->table.fields; field->name; field++)
		if (field->transient)
			json_object_del(*shown, field->name);
	if (!own)
		ret = hide(model, type, *shown, err);
	if (ret < 0) {
		json_decref(*shown);
		*shown = NULL;
	}
	return ret;
}
