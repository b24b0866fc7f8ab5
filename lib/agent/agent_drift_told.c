/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others did, as Status tells of it: the last of them. */
#include <stdlib.h>

#include "lib/agent/agent_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

void drift_note(struct drift *drift, const struct change *change, const char *process)
{
	struct drift_entry *entry = &drift->entries[drift->next++ % DRIFT_KEPT];
	const struct item *item = change_item(change);

	item_unref(entry->item);
	free(entry->process);
	*entry = (struct drift_entry){ .item = item_ref(change->want ? change->want : change->have),
				       .action = change->action,
				       .wall_at_ms = clock_wall_ms(),
				       .process = mem_text(process) };
	log_warning("%s %s was touched by %s: %s", item_kind(item), item_key(item),
		    process ? process : "someone else",
		    change->err.code ? err_text(&change->err) : "put right");
}

json_t *drift_json(const struct drift *drift)
{
	static const char *const actions[] = { "add", "change", "remove" };
	json_t *list = json_array();

	for (size_t i = 0; i < DRIFT_KEPT; i++) {
		const struct drift_entry *entry = &drift->entries[(drift->next + i) % DRIFT_KEPT];
		json_t *json;

		if (!entry->item)
			continue;
		json = json_pack("{s:s, s:s, s:s, s:s, s:I}", "kind", item_kind(entry->item), "key",
				 item_key(entry->item), "owner", item_owner(entry->item), "action",
				 actions[entry->action], "at_ms", (json_int_t)entry->wall_at_ms);
		if (entry->process)
			json_object_set_new(json, "process", json_string(entry->process));
		json_array_append_new(list, json);
	}
	return list;
}

void drift_told_clear(struct drift *drift)
{
	for (size_t i = 0; i < DRIFT_KEPT; i++) {
		item_unref(drift->entries[i].item);
		free(drift->entries[i].process);
	}
}
