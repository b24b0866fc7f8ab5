/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands a plan to the providers: additions and changes in their order, removals in reverse,
 * but for those that have to go first; a provider with transactions gets all of its changes at
 * once, in its turn of the additions. */
#include <errno.h>
#include <stdlib.h>

#include "lib/item/engine_state.h"

/* For each change the index of its provider, found once: a plan may hold 100,000 changes. */
static size_t *find_providers(const struct engine *engine, struct plan *plan)
{
	size_t *of = mem_array(plan->n, sizeof(*of));
	const char *last_kind = NULL;
	size_t last = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct item *item = change_item(&plan->changes[i]);

		if (!last_kind || !item_is(item, last_kind)) {
			const struct provider *provider = engine_provider(engine, item_kind(item));

			last_kind = item_kind(item);
			last = provider ? (size_t)(provider - engine->providers)
					: engine->n_providers;
		}
		of[i] = last;
		if (last == engine->n_providers)
			err_set(&plan->changes[i].err, -EOPNOTSUPP, "no backend knows kind %s",
				item_kind(item));
	}
	return of;
}

static void make(const struct provider *provider, size_t index, const size_t *of, struct plan *plan,
		 bool removals, bool additions)
{
	struct change **changes = mem_array(plan->n, sizeof(*changes));
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		struct change *change = &plan->changes[i];

		if (of[i] == index && (change->action == CHANGE_REMOVE ? removals : additions))
			changes[n++] = change;
	}
	if (n)
		provider->apply(provider->self, changes, n);
	free(changes);
}

void engine_make(const struct engine *engine, struct plan *plan)
{
	AUTO(free_ptr) size_t *of = NULL;

	if (!plan->n)
		return;
	of = find_providers(engine, plan);
	for (size_t i = 0; i < engine->n_providers; i++)
		if (engine->providers[i].removals_first)
			make(&engine->providers[i], i, of, plan, true, false);
	for (size_t i = 0; i < engine->n_providers; i++)
		make(&engine->providers[i], i, of, plan, engine->providers[i].at_once, true);
	for (size_t i = engine->n_providers; i-- > 0;)
		if (!engine->providers[i].at_once && !engine->providers[i].removals_first)
			make(&engine->providers[i], i, of, plan, true, false);
}
