/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Create, Update, actions: from JSON into one transaction. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/model_state.h"

static int create_record(struct model *model, const struct model_type *type, json_t *spec,
			 void *record, struct err *err)
{
	int ret = door_create(model, type, err);

	if (ret == 0)
		ret = model_check_given(type, spec, NULL, err);
	if (ret == 0)
		ret = field_decode(type->table.fields, spec, record, err);
	if (ret == 0)
		ret = door_named(model, type->table.fields, record, NULL, err);
	if (ret == 0)
		ret = door_part(model, type, record, err);
	if (ret == 0)
		ret = model_add(model, type, record, err);
	if (ret == 0)
		ret = model_may_change(model, type, ((struct resource *)record)->uuid, err);
	return ret == -EINVAL ? err_at(err, "spec") : ret;
}

int model_create(struct model *model, const struct model_type *type, json_t *spec, json_t **object,
		 struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(type->table.size);
	json_t *shown = NULL;
	int ret = model_begin(model, err);

	if (ret < 0)
		return ret;
	ret = create_record(model, type, spec, record, err);
	if (ret == 0) {
		char *uuid = mem_text(((struct resource *)record)->uuid);

		/* What followed may have changed it. */
		model_clear(type, record);
		ret = model_load(model, type, uuid, record, err);
		free(uuid);
		if (ret == 0)
			ret = model_shown(model, type, record, &shown, err);
	}
	model_clear(type, record);
	ret = model_end_call(model, ret, shown, err);
	if (ret < 0)
		json_decref(shown);
	else
		*object = shown;
	return ret;
}

/* The held resource with what is given in its place; null takes it away. A secret's mask means: as
 * it is. */
static json_t *merged(const struct model_type *type, const void *was, json_t *spec)
{
	json_t *whole = field_encode(type->table.fields, was, true), *value;
	const char *name;

	json_object_foreach (spec, name, value) {
		const struct field *field = db_field(&type->table, name);
		const char *text = json_string_value(value);

		if (field && field->secret && text && strcmp(text, FIELD_MASK) == 0)
			continue;
		if (json_is_null(value) && field)
			json_object_del(whole, name);
		else
			json_object_set(whole, name, value);
	}
	return whole;
}

/* Fields that are not given in 'is' because they are transient stay so. */
static int update_record(const struct model_change *change, json_t *spec, struct err *err)
{
	const struct model_type *type = change->type;
	json_t *held = field_encode(type->table.fields, change->was, false), *whole;
	int ret = model_check_given(type, spec, held, err);

	json_decref(held);
	if (ret == 0) {
		whole = merged(type, change->was, spec);
		ret = field_decode(type->table.fields, whole, change->is, err);
		json_decref(whole);
	}
	if (ret == 0)
		ret = door_named(change->model, type->table.fields, change->is, change->was, err);
	if (ret == 0)
		ret = model_change(change->model, type, change->is, err);
	return ret == -EINVAL ? err_at(err, "spec") : ret;
}

static const struct model_action *action_named(const struct model_action *actions, const char *name)
{
	for (const struct model_action *at = actions; at && at->name; at++)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

const struct model_action *model_action(const struct model_type *type, const char *name)
{
	const struct model_action *found = action_named(type->actions, name);

	if (!found && type->table.owner && strcmp(type->table.owner, "owner") == 0)
		found = action_named(owner_actions, name);
	if (!found && type->table.shared)
		found = action_named(share_actions, name);
	return found;
}

static int run_action(const struct model_change *change, const struct model_action *action,
		      json_t *parameters, struct err *err)
{
	static const struct field none[] = { { 0 } };
	const struct field *fields = action->fields ? action->fields : none;
	AUTO(free_ptr) void *given = mem_alloc(action->size + 1);
	int ret = field_decode(fields, parameters, given, err);

	if (ret == 0)
		ret = door_named(change->model, fields, given, NULL, err);
	if (ret == 0)
		ret = action->run(change, given, err);
	if (ret == -EINVAL)
		err_at(err, "parameters");
	field_clear(fields, given);
	if (ret == -EPERM && !change->model->failure.rule)
		return model_rule_failed(change->model, change->type,
					 ((const struct resource *)change->was)->uuid, action->name,
					 err);
	if (ret == 0)
		ret = model_change(change->model, change->type, change->is, err);
	return ret;
}

/* Loads it twice, as it was and as it is to be, and runs one of the two. */
static int alter(struct model *model, const struct model_type *type, const char *uuid,
		 const struct model_action *action, json_t *given, json_t **object, struct err *err)
{
	AUTO(free_ptr) void *was = mem_alloc(type->table.size);
	AUTO(free_ptr) void *is = mem_alloc(type->table.size);
	struct model_change change = { model, type, was, is };
	json_t *shown = NULL;
	int ret = model_begin(model, err);

	if (ret < 0)
		return ret;
	ret = model_may_change(model, type, uuid, err);
	if (ret == 0)
		ret = model_load(model, type, uuid, was, err);
	if (ret == 0 && action) {
		ret = model_load(model, type, uuid, is, err);
		if (ret == 0)
			ret = run_action(&change, action, given, err);
	} else if (ret == 0) {
		ret = update_record(&change, given, err);
	}
	model_clear(type, is);
	if (ret == 0)
		ret = model_load(model, type, uuid, is, err);
	if (ret == 0)
		ret = model_shown(model, type, is, &shown, err);
	model_clear(type, was);
	model_clear(type, is);
	ret = model_end_call(model, ret, shown, err);
	if (ret < 0)
		json_decref(shown);
	else
		*object = shown;
	return ret;
}

int model_update(struct model *model, const struct model_type *type, const char *uuid, json_t *spec,
		 json_t **object, struct err *err)
{
	return alter(model, type, uuid, NULL, spec, object, err);
}

int model_act(struct model *model, const struct model_type *type, const char *uuid,
	      const char *action, json_t *parameters, json_t **object, struct err *err)
{
	const struct model_action *found = model_action(type, action);

	if (found)
		return alter(model, type, uuid, found, parameters, object, err);
	err_set(err, -EINVAL, "%s has no action \"%.64s\"", type->table.name, action);
	return err_at(err, "action");
}
