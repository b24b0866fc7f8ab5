/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl_bench.h - a network namespace of the test's own with an engine over rtnetlink, for tests
 * that see what the kernel makes of items. Skipped where no namespace can be made. */
#ifndef WEFT_TESTS_UNIT_RTNL_BENCH_H
#define WEFT_TESTS_UNIT_RTNL_BENCH_H

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/backend/rtnl/rtnl.h"
#include "lib/item/engine.h"

struct bench {
	struct rtnl *rtnl; /* NULL: no namespace. */
	struct engine *engine;
	struct item_set want;
};

static inline int bench_up(void **state)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	AUTO(err_clear) struct err err = ERR_NONE;
	struct provider providers[5];

	*state = bench;
	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	if (rtnl_new(&bench->rtnl, &err) < 0)
		fail_msg("%s", err_text(&err));
	bench->engine = engine_new();
	providers[0] = rtnl_provider_links(bench->rtnl);
	providers[1] = rtnl_provider_addresses(bench->rtnl);
	providers[2] = rtnl_provider_neighbours(bench->rtnl);
	providers[3] = rtnl_provider_routes(bench->rtnl);
	providers[4] = rtnl_provider_plugs(bench->rtnl);
	for (size_t i = 0; i < ARRAY_SIZE(providers); i++)
		engine_add_provider(bench->engine, &providers[i]);
	return 0;
}

static inline int bench_down(void **state)
{
	struct bench *bench = *state;

	engine_free(bench->engine);
	rtnl_free(bench->rtnl);
	item_set_clear(&bench->want);
	free(bench);
	return 0;
}

static inline struct bench *bench_of(void **state)
{
	struct bench *bench = *state;

	if (!bench->rtnl)
		skip();
	return bench;
}

static inline bool works(const char *command)
{
	return system(command) == 0; /* NOLINT: a test's own machine */
}

static inline void must(const char *command)
{
	if (!works(command))
		fail_msg("failed: %s", command);
}

static inline void want(struct bench *bench, const char *kind, const char *key, const char *value)
{
	assert_true(item_set_say(&bench->want, kind, "owner", key, value));
}

/* Makes what was said by want() since the last time all that is wanted. Returns the error of the
 * first change that failed, "" if none did; good until the next call. */
static inline const char *bench_make(struct bench *bench)
{
	static char text[512];
	struct plan plan = PLAN_NONE;

	text[0] = '\0';
	engine_replace(bench->engine, &bench->want, 0, &plan);
	for (size_t i = 0; i < plan.n && !text[0]; i++)
		if (plan.changes[i].err.code)
			snprintf(text, sizeof(text), "%s", err_text(&plan.changes[i].err));
	plan_clear(&plan);
	return text;
}

/* How many changes are still between what is wanted and what there is; the first is printed. */
static inline size_t bench_left(struct bench *bench)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct plan plan = PLAN_NONE;
	size_t n;

	if (engine_reconcile(bench->engine, NULL, true, 0, &plan, &err) < 0)
		fail_msg("%s", err_text(&err));
	n = plan.n;
	if (n) {
		const struct change *change = &plan.changes[0];

		print_message("not as wanted: %s \"%s\": \"%s\", is \"%s\"\n",
			      item_kind(change_item(change)), item_key(change_item(change)),
			      change->want ? item_value(change->want) : "-",
			      change->have ? item_value(change->have) : "-");
	}
	plan_clear(&plan);
	return n;
}

/* Makes what is between what is wanted and what there is. */
static inline void bench_repair(struct bench *bench)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct plan plan = PLAN_NONE;

	if (engine_reconcile(bench->engine, NULL, false, 0, &plan, &err) < 0)
		fail_msg("%s", err_text(&err));
	plan_clear(&plan);
}

/* All of it is made, and reads back as it was said. */
static inline void bench_settle(struct bench *bench)
{
	assert_string_equal(bench_make(bench), "");
	assert_int_equal(bench_left(bench), 0);
}

#endif
