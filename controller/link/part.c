/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What jobs wait for: that an agent is sent the revision in which a write came to it, and says that
 * it has taken it, and how the objects of the write are doing there. */
#include <stdlib.h>

#include "controller/link/agents_state.h"
#include "controller/model/health.h"
#include "lib/base/field_value.h"

void member_parts_sent(struct member *member, int64_t revision)
{
	for (struct job_part *part = member->parts; part; part = part->next_open)
		if (part->state == PART_WAITING)
			job_part_sent(part, revision);
}

/* Each function that ends a part takes it out of the list. */

void member_parts_same(struct member *member)
{
	for (struct job_part *part = member->parts, *next; part; part = next) {
		next = part->next_open;
		if (part->state == PART_WAITING && !part->certain)
			job_part_drop(part);
	}
}

void member_parts_certain(struct member *member)
{
	for (struct job_part *part = member->parts; part; part = part->next_open)
		part->certain = true;
}

void member_drop_parts(struct member *member)
{
	while (member->parts)
		job_part_drop(member->parts);
}

void member_parts_connected(struct member *member, bool connected)
{
	for (struct job_part *part = member->parts; part; part = part->next_open)
		job_part_connected(part, connected);
}

void member_parts_reported(struct member *member, int64_t revision, const char *failure,
			   int64_t failure_revision)
{
	for (struct job_part *part = member->parts, *next; part; part = next) {
		next = part->next_open;
		if (part->state != PART_SENT)
			continue;
		if (failure && failure_revision >= part->revision)
			job_part_failed(part, failure);
		else if (revision >= part->revision)
			part->reported = true;
	}
}

/* '*reason' becomes why an object of the job is failed there, or NULL; the caller's. */
static int find_failed(struct member *member, const struct job_object *object, char **reason,
		       struct err *err)
{
	const struct db_table *table = &object->type->table;
	AUTO(free_ptr) void *record = NULL;
	const char *why;
	int ret;

	if (!report_is_held(member, report_section(object->type), object->uuid))
		return 0;
	ret = db_has(model_db(member->agents->model), table, object->uuid, err);
	if (ret <= 0)
		return ret;
	record = mem_alloc(table->size);
	ret = db_get(model_db(member->agents->model), table, object->uuid, record, err);
	if (ret == 0 && *(int *)field_at(db_field(table, "health"), record) == HEALTH_FAILED) {
		why = *(char **)field_at(db_field(table, "health_reason"), record);
		*reason = mem_format("%s: %s", model_text(object->type, record).s,
				     why ? why : "failed");
	}
	model_clear(object->type, record);
	return ret;
}

static int end_part(struct member *member, struct job_part *part, struct err *err)
{
	const struct job_object *object = part->job->objects;
	AUTO(free_ptr) char *reason = NULL;

	for (; object && !reason; object = object->next)
		if (find_failed(member, object, &reason, err) < 0)
			return err->code;
	if (reason)
		job_part_failed(part, reason);
	else
		job_part_done(part);
	return 0;
}

static int end_parts(struct member *member, struct err *err)
{
	for (struct job_part *part = member->parts, *next; part; part = next) {
		next = part->next_open;
		if (part->reported && end_part(member, part, err) < 0)
			return err->code;
	}
	return 0;
}

int agents_end_parts(struct agents *agents, struct err *err)
{
	const struct waiting *reported = &agents->waiting[WAITS_REPORTED];

	for (size_t i = 0; i < reported->n; i++)
		if (end_parts(reported->members[i], err) < 0)
			return err->code;
	waiting_done(agents, WAITS_REPORTED);
	return 0;
}
