/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/model/audience.h"

#include <stdlib.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "lib/base/field_value.h"

const char *const sight_names[] = { "created", "changed", "deleted", NULL };

/* One transaction, to one who looks. */
struct telling {
	const struct audience *to;
	const struct model_event *events;
	size_t n;
	struct err *err;
};

static bool is_watched(const struct audience *audience, const struct model_type *type)
{
	for (size_t i = 0; audience->types[i]; i++)
		if (audience->types[i] == type)
			return true;
	return false;
}

static const struct model_event *event_of(const struct telling *telling,
					  const struct model_type *type, const char *uuid)
{
	for (size_t i = 0; i < telling->n; i++)
		if (telling->events[i].type == type && strcmp(telling->events[i].uuid, uuid) == 0)
			return &telling->events[i];
	return NULL;
}

/* 1: he sees it as it is now, 0: he does not. */
static int sees(const struct telling *telling, const struct model_type *type, const char *uuid)
{
	struct db_view view = model_view(telling->to->model);

	return db_sees(telling->to->model->db, &type->table, uuid, &view, telling->err);
}

static bool is_shared_with(const void *record, const char *account)
{
	const struct resource *resource = record;
	char **accounts = resource->shared_with.items;

	if (resource->shared_with_all)
		return true;
	for (size_t i = 0; i < resource->shared_with.n; i++)
		if (strcmp(accounts[i], account) == 0)
			return true;
	return false;
}

/* Whether he saw a record as it was before the transaction: the same rule as the view's
 * (controller/store/view.c), of what the database has no more. */
static int saw(const struct telling *telling, const struct model_type *type, const void *was)
{
	const struct model *model = telling->to->model;
	const struct db_table *table = &type->table;
	const char *account = telling->to->caller->account, *owner;
	const struct model_event *event;
	const struct model_type *whole;
	const struct field *part;

	if (telling->to->caller->admin)
		return 1;
	if (table->owner) {
		owner = *(char *const *)field_at(db_field(table, table->owner), was);
		return (owner && strcmp(owner, account) == 0) ||
		       (table->shared && is_shared_with(was, account));
	}
	part = owner_part(table, was);
	if (!part)
		return 0;
	whole = model_type(model, part->target);
	owner = *(char *const *)field_at(part, was);
	event = event_of(telling, whole, owner);
	if (!event)
		return sees(telling, whole, owner);
	return event->was ? saw(telling, whole, event->was) : 0;
}

static int show(const struct telling *telling, enum sight sight, const struct model_type *type,
		const void *record)
{
	const struct audience *to = telling->to;
	const char *uuid = ((const struct resource *)record)->uuid;
	json_t *shown;

	if (sight == SIGHT_DELETED) {
		to->tell(sight, type, uuid, NULL, to->data);
		return 0;
	}
	if (model_shown(to->model, type, record, &shown, telling->err) < 0)
		return telling->err->code;
	to->tell(sight, type, uuid, shown, to->data);
	json_decref(shown);
	return 0;
}

static int tell_sight(const struct telling *telling, const struct model_type *type,
		      const void *record, bool before, bool now)
{
	if (!before && !now)
		return 0;
	return show(telling, now ? before ? SIGHT_CHANGED : SIGHT_CREATED : SIGHT_DELETED, type,
		    record);
}

static int tell_referring(const struct telling *telling, const struct model_type *type,
			  const char *uuid, bool before, bool now);

/* A record that was not changed, and refers by 'field' to what came into sight or went out of it.
 */
static int tell_one(const struct telling *telling, const struct model_type *type,
		    const struct field *field, const void *record, bool before, bool now)
{
	const char *uuid = ((const struct resource *)record)->uuid;
	int ret;

	if (event_of(telling, type, uuid))
		return 0;
	if (!type->table.owner && owner_part(&type->table, record) == field) {
		ret = is_watched(telling->to, type) ? tell_sight(telling, type, record, before, now)
						    : 0;
		return ret < 0 ? ret : tell_referring(telling, type, uuid, before, now);
	}
	/* Of what is his own he sees every reference. */
	if (!is_watched(telling->to, type) || telling->to->caller->admin)
		return 0;
	ret = door_own(telling->to->model, type, uuid, telling->err);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	ret = sees(telling, type, uuid);
	return ret > 0 ? show(telling, SIGHT_CHANGED, type, record) : ret;
}

static int tell_by_field(const struct telling *telling, const struct model_type *type,
			 const struct field *field, const char *uuid, bool before, bool now)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *value = json_string(uuid);
	struct db_condition condition = { field->name, "=", value };
	struct db_query query = { .conditions = &condition, .n_conditions = 1 };
	int ret = db_query(telling->to->model->db, &type->table, &query, &rows, telling->err);

	json_decref(value);
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = tell_one(telling, type, field, db_row(&rows, i), before, now);
	return ret;
}

static bool refers_to(const struct field *field, const char *target)
{
	const struct field *reference = field->type == FIELD_LIST ? field->element : field;

	return reference && reference->type == FIELD_REFERENCE && !field->transient &&
	       strcmp(reference->target, target) == 0;
}

/* Whatever refers to what came into sight or went out of it: its parts did so too, and others show
 * the reference now, or no more. */
static int tell_referring(const struct telling *telling, const struct model_type *type,
			  const char *uuid, bool before, bool now)
{
	const struct model_type *const *types = model_types(telling->to->model);
	int ret = 0;

	for (size_t i = 0; ret == 0 && types[i]; i++)
		for (const struct field *field = types[i]->table.fields; ret == 0 && field->name;
		     field++)
			if (refers_to(field, type->table.name))
				ret = tell_by_field(telling, types[i], field, uuid, before, now);
	return ret;
}

static int tell_event(const struct telling *telling, const struct model_event *event)
{
	int before = event->was ? saw(telling, event->type, event->was) : 0, now = 0, ret = 0;

	if (before >= 0 && event->is)
		now = telling->to->caller->admin ? 1 : sees(telling, event->type, event->uuid);
	if (before < 0 || now < 0)
		return telling->err->code;
	if (is_watched(telling->to, event->type))
		ret = tell_sight(telling, event->type, event->is ? event->is : event->was, before,
				 now);
	/* Of what was made or deleted, whoever refers to it was written too. */
	if (ret == 0 && before != now && event->was && event->is)
		ret = tell_referring(telling, event->type, event->uuid, before, now);
	return ret;
}

int audience_tell(const struct audience *audience, const struct model_event *events, size_t n,
		  struct err *err)
{
	struct telling telling = { audience, events, n, err };
	const struct model_caller *before = audience->model->caller;
	int ret = 0;

	/* It may be told within somebody else's call. */
	model_call_for(audience->model, audience->caller);
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = tell_event(&telling, &events[i]);
	model_call_for(audience->model, before);
	return ret;
}

int audience_show(const struct audience *audience, const struct model_type *type, const char *after,
		  int n, struct err *err)
{
	static const struct db_sort by_uuid = { "uuid", false };
	json_t *value = json_string(after ? after : ""), *objects, *object;
	struct db_condition condition = { "uuid", ">", value };
	struct db_query query = { &condition, after ? 1 : 0, &by_uuid, 1, .limit = n };
	const struct model_caller *before = audience->model->caller;
	int ret;
	size_t i;

	model_call_for(audience->model, audience->caller);
	ret = model_query(audience->model, type, &query, NULL, &objects, NULL, err);
	model_call_for(audience->model, before);
	json_decref(value);
	if (ret < 0)
		return ret;
	json_array_foreach (objects, i, object)
		audience->tell(SIGHT_CREATED, type,
			       json_string_value(json_object_get(object, "uuid")), object,
			       audience->data);
	json_decref(objects);
	return (int)i;
}
