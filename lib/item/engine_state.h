/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_state.h - the engine's inside, for its own files. */
#ifndef WEFT_ITEM_ENGINE_STATE_H
#define WEFT_ITEM_ENGINE_STATE_H

#include "lib/item/engine.h"

struct failure {
	struct map_node by_key;
	struct item *item; /* The wanted one, or for a removal the one that ought to go. */
	bool removal;
	bool backed_off; /* Not tried before its time. */
	char *text;
	unsigned int tries;
	uint64_t retry_at_ms;
};

struct engine {
	struct provider *providers;
	size_t n_providers, providers_room;
	struct item_set want;
	struct map failures;
};

/* The provider of a kind, or NULL. */
const struct provider *engine_provider(const struct engine *engine, const char *kind);

/* Adds to 'plan' what is between the wanted items of one provider and what it has. */
void engine_plan_provider(const struct engine *engine, const struct provider *provider,
			  const struct item_set *have, struct plan *plan);
bool engine_is_same(const struct provider *provider, const struct item *want,
		    const struct item *have);

/* Hands the plan's changes to the providers in their order. */
void engine_make(const struct engine *engine, struct plan *plan);

/* Keeps what failed of 'plan' and forgets the failures of what succeeded. */
void failures_note(struct engine *engine, struct plan *plan, uint64_t now_ms);
/* A provider that could not be read: a failure of this kind, with its name as key. */
#define KIND_BACKEND "backend"
void failures_note_unread(struct engine *engine, const struct provider *provider,
			  const struct err *why, uint64_t now_ms);
void failures_note_read(struct engine *engine, const struct provider *provider);
struct failure *failures_find(const struct engine *engine, const char *kind, const char *key);
void failures_forget(struct engine *engine, struct failure *failure);
void failures_clear(struct engine *engine);

#endif
