/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, failures, and what types use of others. */
#include "controller/model/model.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/model_state.h"
#include "lib/base/clock.h"

const char *const resource_states[] = { "enabled", "disabled", NULL };

const struct db_table **model_tables(const struct model_type *const *types)
{
	const struct db_table **tables;
	size_t n = 0;

	while (types[n])
		n++;
	tables = mem_array(n + 1, sizeof(*tables));
	for (size_t i = 0; i < n; i++)
		tables[i] = &types[i]->table;
	return tables;
}

int model_open(const char *directory, const struct model_type *const *types, struct model **ret,
	       struct err *err)
{
	struct model *model = mem_alloc(sizeof(*model));

	model->types = types;
	model->changes = changes_new();
	model->tables = model_tables(types);
	if (db_open(directory, model->tables, &model->db, err) < 0 || model_seed(model, err) < 0) {
		model_close(model);
		return err->code;
	}
	*ret = model;
	return 0;
}

void model_close(struct model *model)
{
	if (!model)
		return;
	db_close(model->db);
	changes_free(model->changes);
	free(model->failed_uuid);
	free(model->authority);
	free(model->tables);
	free(model);
}

const struct model_type *const *model_types(const struct model *model)
{
	return model->types;
}

const struct model_type *model_type(const struct model *model, const char *name)
{
	for (size_t i = 0; model->types[i]; i++)
		if (strcmp(model->types[i]->table.name, name) == 0)
			return model->types[i];
	return NULL;
}

struct db *model_db(const struct model *model)
{
	return model->db;
}

void model_set_authority(struct model *model, const char *fingerprint)
{
	free(model->authority);
	model->authority = mem_text(fingerprint);
}

const char *model_authority(const struct model *model)
{
	return model->authority;
}

const struct model_failure *model_failure(const struct model *model)
{
	return &model->failure;
}

int model_rule_failed(struct model *model, const struct model_type *type, const char *uuid,
		      const char *rule, const struct err *err)
{
	char *copy = mem_text(uuid);

	free(model->failed_uuid);
	model->failed_uuid = copy;
	model->failure = (struct model_failure){ type->table.name, copy, rule };
	return err->code;
}

int model_missing(struct model *model, const char *type, const char *uuid, const struct err *err)
{
	char *copy = mem_text(uuid);

	free(model->failed_uuid);
	model->failed_uuid = copy;
	model->failure = (struct model_failure){ .type = type, .uuid = copy };
	return err->code;
}

int model_refuse(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	AUTO(free_ptr) char *text = mem_vformat(format, args);
	va_end(args);
	return err_set(err, -EPERM, "%s", text);
}

int model_forbid(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	AUTO(free_ptr) char *text = mem_vformat(format, args);
	va_end(args);
	return err_set(err, -EACCES, "%s", text);
}

int model_wrong(struct err *err, const char *field, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	AUTO(free_ptr) char *text = mem_vformat(format, args);
	va_end(args);
	err_set(err, -EINVAL, "%s", text);
	return err_at(err, "%s", field);
}

struct model_text model_text(const struct model_type *type, const void *record)
{
	const struct resource *resource = record;
	struct model_text text;

	snprintf(text.s, sizeof(text.s), "%s %.64s", type->table.name,
		 resource->name ? resource->name : resource->uuid);
	return text;
}

int model_begin(struct model *model, struct err *err)
{
	model->failure = (struct model_failure){ 0 };
	return db_begin(model->db, err);
}

void model_abort(struct model *model)
{
	db_rollback(model->db);
	changes_forget(model->changes);
}

int model_end(struct model *model, int ret, struct err *err)
{
	if (ret == 0)
		ret = changes_read(model, err);
	if (ret == 0)
		ret = db_commit(model->db, err);
	if (ret < 0) {
		model_abort(model);
		return ret;
	}
	changes_tell(model);
	return 0;
}

void model_on_ending(struct model *model, model_ending_fn *ending, void *data)
{
	model->ending = ending;
	model->ending_data = data;
}

int model_end_call(struct model *model, int ret, json_t *answer, struct err *err)
{
	if (ret == 0 && model->ending)
		ret = model->ending(model->ending_data, answer, err);
	return model_end(model, ret, err);
}

/* Random, as RFC 4122 section 4.4 has it. */
char *model_uuid(void)
{
	uint8_t b[16];

	if (RAND_bytes(b, sizeof(b)) != 1)
		abort(); /* No randomness: nothing that is made now would be unique. */
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	return mem_format("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			  b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
			  b[12], b[13], b[14], b[15]);
}

int model_add(struct model *model, const struct model_type *type, void *record, struct err *err)
{
	struct model_change change = { .model = model, .type = type, .is = record };
	struct resource *resource = record;
	int ret = 0;

	if (!resource->uuid)
		resource->uuid = model_uuid();
	owner_take(model, type, resource);
	health_begin(type, record);
	resource->created_ms = resource->changed_ms = (int64_t)clock_wall_ms();
	if (type->complete)
		ret = type->complete(&change, err);
	if (ret == 0)
		ret = model_check(&change, MODEL_CREATE, err);
	if (ret == 0)
		ret = quota_check(model, type, record, err);
	if (ret == 0)
		ret = changes_touch(model, type, resource->uuid, err);
	if (ret == 0)
		ret = db_insert(model->db, &type->table, record, err);
	if (ret == -EEXIST) {
		err->code = -EPERM;
		return model_rule_failed(model, type, resource->uuid, "unique", err);
	}
	if (ret == 0 && type->written)
		ret = type->written(&change, err);
	return ret;
}

int model_write(struct model *model, const struct model_type *type, const void *record,
		struct err *err)
{
	int ret = changes_touch(model, type, ((const struct resource *)record)->uuid, err);

	return ret == 0 ? db_update(model->db, &type->table, record, err) : ret;
}

static int write_change(const struct model_change *change, struct err *err)
{
	struct resource *resource = change->is;
	struct model *model = change->model;
	int ret = model_check(change, MODEL_UPDATE, err);

	resource->changed_ms = (int64_t)clock_wall_ms();
	if (ret == 0)
		ret = model_write(model, change->type, change->is, err);
	if (ret == -EEXIST) {
		err->code = -EPERM;
		return model_rule_failed(model, change->type, resource->uuid, "unique", err);
	}
	if (ret == 0 && change->type->written)
		ret = change->type->written(change, err);
	return ret;
}

int model_change(struct model *model, const struct model_type *type, void *record, struct err *err)
{
	AUTO(free_ptr) void *was = mem_alloc(type->table.size);
	struct model_change change = { .model = model, .type = type, .was = was, .is = record };
	int ret = model_load(model, type, ((struct resource *)record)->uuid, was, err);

	if (ret < 0)
		return ret;
	ret = write_change(&change, err);
	model_clear(type, was);
	return ret;
}

int model_load(struct model *model, const struct model_type *type, const char *uuid, void *record,
	       struct err *err)
{
	int ret = db_get(model->db, &type->table, uuid, record, err);

	return ret == -ENOENT ? model_rule_failed(model, type, uuid, NULL, err) : ret;
}

void model_clear(const struct model_type *type, void *record)
{
	field_clear(type->table.fields, record);
}

struct model_text model_text_of(struct model *model, const struct model_type *type,
				const char *uuid)
{
	AUTO(free_ptr) struct resource *record = mem_alloc(type->table.size);
	struct model_text text;

	if (db_get(model->db, &type->table, uuid, record, NULL) == 0) {
		text = model_text(type, record);
		model_clear(type, record);
	} else {
		snprintf(text.s, sizeof(text.s), "%s %s", type->table.name, uuid);
	}
	return text;
}
