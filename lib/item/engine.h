/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine.h - holds the wanted items and brings the backends there.
 *
 * The engine knows what is wanted and what failed; what else there is, it believes to be as wanted
 * until it is told otherwise (engine_touched) or asked to look (engine_reconcile). A change costs
 * what changes, never what there is. It reads no clock and waits for nothing: callers pass 'now_ms'
 * (CLOCK_MONOTONIC) and come back when engine_retry_at() says so. */
#ifndef WEFT_ITEM_ENGINE_H
#define WEFT_ITEM_ENGINE_H

#include "lib/item/provider.h"

struct engine;

struct engine *engine_new(void);
void engine_free(struct engine *engine);

/* The order of joining is the order of additions; removals go in reverse. */
void engine_add_provider(struct engine *engine, const struct provider *provider);

/* What the engine wants now; the engine's own. */
const struct item_set *engine_wanted(const struct engine *engine);

/* Makes '*want' (taken over) the wanted set without touching any backend: at start, before
 * engine_reconcile() looks what there is. */
void engine_believe(struct engine *engine, struct item_set *want);

/* Makes '*want' (taken over, empty afterwards) the wanted set. Notes in 'plan' what that changes; a
 * change that a backend could not make carries its error there and stays noted as a failure. */
void engine_replace(struct engine *engine, struct item_set *want, uint64_t now_ms,
		    struct plan *plan);

/* The same for a part: items of 'before' that 'after' lacks go, those of 'after' come or change.
 * Both are emptied. */
void engine_change(struct engine *engine, struct item_set *before, struct item_set *after,
		   uint64_t now_ms, struct plan *plan);

/* The plans of the two above, without doing anything; the sets are left alone. */
void engine_plan_replace(const struct engine *engine, const struct item_set *want,
			 struct plan *plan);
void engine_plan_change(const struct engine *engine, const struct item_set *before,
			const struct item_set *after, struct plan *plan);

/* Reads everything actual and repairs the difference. 'only' limits it to providers of that name
 * (NULL: all). A backend that cannot be read is an error, and is kept as a failure of the item
 * "backend NAME" without owner until it was read and repaired; the others are still done. */
int engine_reconcile(struct engine *engine, const char *only, bool dry_run, uint64_t now_ms,
		     struct plan *plan, struct err *err);

/* What is between the items of one link that are wanted, among them all of 'some', and what the
 * backends that can tell have there: for engine_repair(). What else is wanted is not looked at. */
int engine_look_at_link(const struct engine *engine, const char *link, const struct item_set *some,
			struct plan *plan, struct err *err);

/* Someone else touched this item, which is now 'have' (a reference, taken over) or gone (NULL):
 * notes in 'plan' what repairs it; nothing if it is as wanted. The plan is made by
 * engine_repair(). */
void engine_touched(struct engine *engine, const char *kind, const char *key, struct item *have,
		    struct plan *plan);
void engine_repair(struct engine *engine, uint64_t now_ms, struct plan *plan);

/* Puts a repair off until 'at_ms': someone fights us for the item. 'reason' is for status. Until
 * then it counts as failed, and only a change of the item itself or engine_reconcile() make it. */
void engine_back_off(struct engine *engine, const struct change *change, uint64_t at_ms,
		     const char *reason);
bool engine_backed_off(const struct engine *engine, const struct item *item);

/* Failures are tried again with growing distance: 250 ms, doubled up to 30 s. */
uint64_t engine_retry_at(const struct engine *engine); /* UINT64_MAX: nothing to try. */
void engine_retry(struct engine *engine, uint64_t now_ms, struct plan *plan);
/* What failed is due now: what it waits for may have come; what was put off is not. 'only' limits
 * it to providers of that name (NULL: all). */
void engine_retry_soon(struct engine *engine, const char *only, uint64_t now_ms);

struct engine_failure {
	const struct item *item;
	bool removal;
	const char *text;
	uint64_t retry_at_ms;
};

typedef void engine_failure_fn(void *data, const struct engine_failure *failure);
void engine_failures(const struct engine *engine, engine_failure_fn *visit, void *data);
/* The first failure of an owner's items; false if all is in place. */
bool engine_failed(const struct engine *engine, const char *owner, struct engine_failure *failure);

#endif
