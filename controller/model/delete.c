/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deletion: first who goes along is found, then whether anyone is left who needs one of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/model_state.h"
#include "lib/base/field_value.h"

/* All that goes, in the order of finding; what was named is first. */
struct leaving {
	const struct model_type **types;
	void **records; /* Owned. */
	size_t n, types_room, records_room;
};

static bool leaves(const struct leaving *leaving, const struct model_type *type, const char *uuid)
{
	for (size_t i = 0; i < leaving->n; i++)
		if (leaving->types[i] == type &&
		    strcmp(((struct resource *)leaving->records[i])->uuid, uuid) == 0)
			return true;
	return false;
}

static void leaving_add(struct leaving *leaving, const struct model_type *type, void *record)
{
	mem_grow(&leaving->types, &leaving->types_room, leaving->n + 1, sizeof(*leaving->types));
	mem_grow(&leaving->records, &leaving->records_room, leaving->n + 1,
		 sizeof(*leaving->records));
	leaving->types[leaving->n] = type;
	leaving->records[leaving->n++] = record;
}

static void leaving_clear(struct leaving *leaving)
{
	for (size_t i = 0; i < leaving->n; i++) {
		model_clear(leaving->types[i], leaving->records[i]);
		free(leaving->records[i]);
	}
	free(leaving->types);
	free(leaving->records);
}

/* A field that refers to the target, itself or as the elements of a list. */
static const struct field *reference_of(const struct field *field)
{
	if (field->transient)
		return NULL;
	if (field->type == FIELD_LIST && field->element && field->element->type == FIELD_REFERENCE)
		return field->element;
	return field->type == FIELD_REFERENCE ? field : NULL;
}

/* Told of each record of 'type' whose 'field' refers to the target. */
typedef int referrer_fn(struct model *model, struct leaving *leaving, size_t target,
			const struct model_type *type, const struct field *field, void *record,
			struct err *err);

static int each_referrer(struct model *model, struct leaving *leaving, size_t target,
			 const struct model_type *type, const struct field *field,
			 referrer_fn *visit, struct err *err)
{
	const struct resource *resource = leaving->records[target];
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, type, &rows, err, field->name, resource->uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = visit(model, leaving, target, type, field, db_row(&rows, i), err);
	return ret;
}

static int for_referrers(struct model *model, struct leaving *leaving, size_t target,
			 enum field_at_end wanted, referrer_fn *visit, struct err *err)
{
	const char *name = leaving->types[target]->table.name;

	for (size_t i = 0; model->types[i]; i++)
		for (const struct field *field = model->types[i]->table.fields; field->name;
		     field++) {
			const struct field *reference = reference_of(field);

			if (!reference || strcmp(reference->target, name) != 0 ||
			    reference->at_end != wanted)
				continue;
			if (each_referrer(model, leaving, target, model->types[i], field, visit,
					  err) < 0)
				return err->code;
		}
	return 0;
}

static int object_to(struct model *model, struct leaving *leaving, size_t target,
		     const struct model_type *type, const struct field *field, void *record,
		     struct err *err)
{
	const struct resource *resource = leaving->records[target];

	int seen;

	(void)field;
	if (leaves(leaving, type, ((struct resource *)record)->uuid))
		return 0;
	seen = db_sees(model->db, &type->table, ((struct resource *)record)->uuid,
		       &(const struct db_view){ model_view(model).account, false }, err);
	if (seen < 0)
		return seen;
	model_refuse(err, "%s is used by %s",
		     model_text(leaving->types[target], leaving->records[target]).s,
		     seen ? model_text(type, record).s : "another account");
	return model_rule_failed(model, leaving->types[target], resource->uuid, "in_use", err);
}

static int follow(struct model *model, struct leaving *leaving, size_t target,
		  const struct model_type *type, const struct field *field, void *record,
		  struct err *err)
{
	int own;

	if (leaves(leaving, type, ((struct resource *)record)->uuid))
		return 0;
	/* What others have keeps it, as far as the caller's hand reaches. */
	own = type->internal ? 1 : door_own(model, type, ((struct resource *)record)->uuid, err);
	if (own < 0)
		return own;
	if (!own)
		return object_to(model, leaving, target, type, field, record, err);
	leaving_add(leaving, type, mem_copy(record, type->table.size));
	memset(record, 0, type->table.size); /* It is the list's now. */
	return 0;
}

static void take_out(const struct field *field, void *value, const char *uuid)
{
	struct field_list *list = value;
	char **items = list->items;

	if (field->type == FIELD_REFERENCE) {
		field_value_clear(field, value);
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(items[i], uuid) != 0)
			continue;
		free(items[i]);
		memmove(items + i, items + i + 1, (--list->n - i) * sizeof(*items));
		return;
	}
}

static int forget(struct model *model, struct leaving *leaving, size_t target,
		  const struct model_type *type, const struct field *field, void *record,
		  struct err *err)
{
	const struct resource *resource = leaving->records[target];

	if (leaves(leaving, type, ((struct resource *)record)->uuid))
		return 0;
	take_out(field, field_at(field, record), resource->uuid);
	/* Rules are not asked: what else leaves may still be named. */
	return model_write(model, type, record, err);
}

/* The last one found goes first: who follows is gone before whom it followed. */
static int delete_all(struct model *model, struct leaving *leaving, struct err *err)
{
	int ret = 0;

	for (size_t i = leaving->n; ret == 0 && i--;) {
		const char *uuid = ((struct resource *)leaving->records[i])->uuid;

		ret = changes_touch(model, leaving->types[i], uuid, err);
		if (ret == 0)
			ret = db_delete(model->db, &leaving->types[i]->table, uuid, err);
	}
	for (size_t i = leaving->n; ret == 0 && i--;) {
		struct model_change change = { model, leaving->types[i], leaving->records[i],
					       NULL };

		if (change.type->written)
			ret = change.type->written(&change, err);
	}
	return ret;
}

static int leave(struct model *model, struct leaving *leaving, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < leaving->n; i++)
		ret = for_referrers(model, leaving, i, FIELD_FOLLOWS, follow, err);
	for (size_t i = 0; ret == 0 && i < leaving->n; i++)
		ret = for_referrers(model, leaving, i, FIELD_KEEPS, object_to, err);
	for (size_t i = 0; ret == 0 && i < leaving->n; i++)
		ret = for_referrers(model, leaving, i, FIELD_CLEARS, forget, err);
	return ret == 0 ? delete_all(model, leaving, err) : ret;
}

static int begin_leaving(struct model *model, const struct model_type *type, const char *uuid,
			 struct leaving *leaving, struct err *err)
{
	void *record = mem_alloc(type->table.size);
	int ret = model_load(model, type, uuid, record, err);

	if (ret == 0)
		leaving_add(leaving, type, record);
	else
		free(record);
	return ret;
}

int model_remove(struct model *model, const struct model_type *type, const char *uuid,
		 struct err *err)
{
	AUTO(leaving_clear) struct leaving leaving = { 0 };
	int ret = begin_leaving(model, type, uuid, &leaving, err);

	return ret == 0 ? leave(model, &leaving, err) : ret;
}

static json_t *leaving_json(const struct leaving *leaving)
{
	json_t *list = json_array();

	for (size_t i = 0; i < leaving->n; i++) {
		const struct resource *resource = leaving->records[i];

		if (leaving->types[i]->internal)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s, s:s*}", "type",
						      leaving->types[i]->table.name, "uuid",
						      resource->uuid, "name", resource->name));
	}
	return list;
}

int model_delete(struct model *model, const struct model_type *type, const char *uuid, bool dry_run,
		 json_t **deleted, struct err *err)
{
	AUTO(leaving_clear) struct leaving leaving = { 0 };
	struct model_change change = { .model = model, .type = type };
	json_t *went = NULL;
	int ret = model_begin(model, err);

	if (ret < 0)
		return ret;
	ret = model_may_change(model, type, uuid, err);
	if (ret == 0)
		ret = begin_leaving(model, type, uuid, &leaving, err);
	if (ret == 0) {
		change.was = leaving.records[0];
		ret = model_check(&change, MODEL_DELETE, err);
	}
	if (ret == 0)
		ret = leave(model, &leaving, err);
	if (ret == 0)
		went = leaving_json(&leaving);
	if (ret == 0 && dry_run)
		model_abort(model);
	else
		ret = model_end_call(model, ret, went, err);
	if (ret == 0)
		*deleted = went;
	else
		json_decref(went);
	return ret;
}
