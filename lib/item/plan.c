/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/plan.h"

#include <stdlib.h>
#include <string.h>

void plan_note(struct plan *plan, struct item *want, struct item *have)
{
	struct change change = { 0 };

	mem_grow(&plan->changes, &plan->room, plan->n + 1, sizeof(*plan->changes));
	if (want && have)
		change.action = CHANGE_CHANGE;
	else
		change.action = want ? CHANGE_ADD : CHANGE_REMOVE;
	change.want = want ? item_ref(want) : NULL;
	change.have = have ? item_ref(have) : NULL;
	plan->changes[plan->n++] = change;
}

const struct item *change_item(const struct change *change)
{
	return change->want ? change->want : change->have;
}

static int change_compare(const void *one, const void *other)
{
	const struct item *a = change_item(one), *b = change_item(other);
	int order = strcmp(item_kind(a), item_kind(b));

	return order ? order : strcmp(item_key(a), item_key(b));
}

void plan_sort(struct plan *plan)
{
	if (plan->n)
		qsort(plan->changes, plan->n, sizeof(*plan->changes), change_compare);
}

static json_t *value_json(const struct item *item)
{
	return item ? json_string(item_value(item)) : json_null();
}

json_t *plan_json(const struct plan *plan)
{
	static const char *const actions[] = { "add", "change", "remove" };
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n; i++) {
		const struct change *change = &plan->changes[i];
		const struct item *item = change_item(change);

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "action",
						actions[change->action], "kind", item_kind(item),
						"key", item_key(item), "owner", item_owner(item),
						"from", value_json(change->have), "to",
						value_json(change->want)));
	}
	return list;
}

void plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		item_unref(plan->changes[i].want);
		item_unref(plan->changes[i].have);
		err_clear(&plan->changes[i].err);
	}
	free(plan->changes);
	*plan = (struct plan)PLAN_NONE;
}
