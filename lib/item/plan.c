/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/sort.h"

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

/* Each run of one kind by its keys. */
static void sort_kinds(struct sort_entry *entries, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i; end < n && strcmp(entries[end].text, entries[i].text) == 0;)
			end++;
		for (size_t j = i; j < end; j++)
			entries[j].text = item_key(change_item(entries[j].of));
		sort_by_text(entries + i, end - i);
	}
}

void plan_sort(struct plan *plan)
{
	AUTO(free_ptr) struct sort_entry *entries = mem_array(plan->n + 1, sizeof(*entries));
	struct change *sorted = mem_array(plan->n + 1, sizeof(*sorted));

	for (size_t i = 0; i < plan->n; i++)
		entries[i] = (struct sort_entry){ item_kind(change_item(&plan->changes[i])),
						  &plan->changes[i] };
	sort_by_text(entries, plan->n);
	sort_kinds(entries, plan->n);
	for (size_t i = 0; i < plan->n; i++)
		sorted[i] = *(struct change *)entries[i].of;
	free(plan->changes);
	plan->changes = sorted;
	plan->room = plan->n + 1;
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
