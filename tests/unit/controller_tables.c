/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_tables.c - the types' tables, held against each other: what a table says wrongly would
 * show only when somebody asks for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controller/api/api.h"
#include "controller/model/types.h"
#include "lib/base/field_value.h"
#include "lib/wire/interface.h"

static const struct model_type *type_named(const char *name)
{
	for (size_t i = 0; all_types[i]; i++)
		if (strcmp(all_types[i]->table.name, name) == 0)
			return all_types[i];
	return NULL;
}

static void check_field(const struct model_type *type, const struct field *field)
{
	const struct field *reference = field->element ? field->element : field;

	if (!field->doc)
		fail_msg("%s.%s has no sentence", type->table.name, field->name);
	if (field->offset + field_value_size(field) > type->table.size)
		fail_msg("%s.%s stands outside of its struct", type->table.name, field->name);
	if (reference->type == FIELD_REFERENCE && !type_named(reference->target))
		fail_msg("%s.%s refers to %s", type->table.name, field->name, reference->target);
	if (field->transient && field->required)
		fail_msg("%s.%s: what is not kept cannot be required of an update",
			 type->table.name, field->name);
	if (field->type == FIELD_CHOICE && !field->choices)
		fail_msg("%s.%s has no choices", type->table.name, field->name);
}

static void every_field_is_whole(void **data)
{
	(void)data;
	for (size_t i = 0; all_types[i]; i++) {
		const struct field *fields = all_types[i]->table.fields;

		assert_string_equal(fields[0].name, "uuid");
		assert_int_equal(fields[0].offset, 0);
		for (const struct field *field = fields; field->name; field++) {
			check_field(all_types[i], field);
			for (const struct field *other = fields; other < field; other++)
				if (strcmp(other->name, field->name) == 0)
					fail_msg("%s has %s twice", all_types[i]->table.name,
						 field->name);
		}
	}
}

static bool has_field(const struct db_table *table, const char *name, size_t length)
{
	for (const struct field *field = table->fields; field->name; field++)
		if (strlen(field->name) == length && strncmp(field->name, name, length) == 0)
			return true;
	return false;
}

static void what_is_unique_is_there(void **data)
{
	(void)data;
	for (size_t i = 0; all_types[i]; i++) {
		const struct db_table *table = &all_types[i]->table;

		for (const char *const *at = table->uniques; at && *at; at++)
			for (const char *name = *at; *name;) {
				size_t length = strcspn(name, ",");

				if (!has_field(table, name, length))
					fail_msg("%s: unique %s", table->name, *at);
				name += length + (name[length] == ',');
			}
	}
}

/* A column that there is not would be a text to SQLite, and the condition be true. */
static void whose_it_is_can_be_asked(void **data)
{
	(void)data;
	for (size_t i = 0; all_types[i]; i++) {
		const struct db_table *table = &all_types[i]->table;

		if (table->owner)
			assert_true(has_field(table, table->owner, strlen(table->owner)));
		if (table->shared)
			assert_true(has_field(table, "shared_with", 11) &&
				    has_field(table, "shared_with_all", 15));
		for (const char *name = table->part_of; name && *name;) {
			size_t length = strcspn(name, ",");
			AUTO(free_ptr) char *one = mem_text_n(name, length);
			const struct field *field = db_field(table, one);

			if (!field || field->type != FIELD_REFERENCE)
				fail_msg("%s is part of %s", table->name, one);
			name += length + (name[length] == ',');
		}
	}
}

static void every_rule_and_action_says_what_it_is(void **data)
{
	(void)data;
	for (size_t i = 0; all_types[i]; i++) {
		const struct model_type *type = all_types[i];

		assert_non_null(type->doc);
		for (const struct model_rule *rule = type->rules; rule && rule->name; rule++)
			assert_true(rule->doc && rule->when && rule->check);
		for (const struct model_action *action = type->actions; action && action->name;
		     action++) {
			assert_true(action->doc && action->run);
			for (const struct field *field = action->fields; field && field->name;
			     field++)
				assert_true(field->offset + field_value_size(field) <=
					    action->size);
		}
	}
}

static void count_types(enum wire_member member, const char *name, void *data)
{
	(void)name;
	*(size_t *)data += member == WIRE_MEMBER_TYPE;
}

static void the_interface_is_well_formed(void **data)
{
	AUTO(free_ptr) char *text = api_interface(all_types);
	struct err err = ERR_NONE;
	size_t types = 0, n = 0;

	(void)data;
	if (wire_interface_read(text, NULL, count_types, &types, &err) < 0)
		fail_msg("%s", err_text(&err));
	while (all_types[n])
		n++;
	assert_int_equal(types, n + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_whole),
		cmocka_unit_test(what_is_unique_is_there),
		cmocka_unit_test(whose_it_is_can_be_asked),
		cmocka_unit_test(every_rule_and_action_says_what_it_is),
		cmocka_unit_test(the_interface_is_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
