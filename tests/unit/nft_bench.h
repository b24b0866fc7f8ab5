/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_bench.h - a network namespace of the test's own with an engine over nf_tables, and nft(8) as
 * the witness of what the kernel has. Skipped where no namespace can be made. */
#ifndef WEFT_TESTS_UNIT_NFT_BENCH_H
#define WEFT_TESTS_UNIT_NFT_BENCH_H

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/backend/nft/nft.h"
#include "lib/base/text.h"
#include "lib/item/engine.h"

struct bench {
	struct nft *nft; /* NULL: no namespace. */
	struct engine *engine;
	struct item_set want;
	struct plan plan; /* Of the last change. */
};

static inline int bench_up(void **state)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	AUTO(err_clear) struct err err = ERR_NONE;
	struct provider provider;

	*state = bench;
	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	if (nft_new("weft", &bench->nft, &err) < 0)
		fail_msg("%s", err_text(&err));
	bench->engine = engine_new();
	provider = nft_provider(bench->nft);
	engine_add_provider(bench->engine, &provider);
	return 0;
}

static inline int bench_down(void **state)
{
	struct bench *bench = *state;

	plan_clear(&bench->plan);
	if (bench->engine)
		engine_free(bench->engine);
	nft_free(bench->nft);
	item_set_clear(&bench->want);
	free(bench);
	return 0;
}

static inline struct bench *bench_of(void **state)
{
	struct bench *bench = *state;

	if (!bench->nft)
		skip();
	return bench;
}

/* One more item that is wanted, of the object 'owner'. */
static inline void want_of(struct bench *bench, const char *owner, const char *kind,
			   const char *key, const char *value)
{
	assert_true(item_set_say(&bench->want, kind, owner, key, value));
}

static inline void want(struct bench *bench, const char *kind, const char *key, const char *value)
{
	want_of(bench, "owner", kind, key, value);
}

/* Makes what was said since the last time all that is wanted; the plan is in the bench. Returns
 * the first failure, "" if there is none, good until the next call. */
static inline const char *make(struct bench *bench)
{
	static char text[512];

	text[0] = '\0';
	plan_clear(&bench->plan);
	engine_replace(bench->engine, &bench->want, 0, &bench->plan);
	for (size_t i = 0; i < bench->plan.n && !text[0]; i++)
		if (bench->plan.changes[i].err.code)
			snprintf(text, sizeof(text), "%s", err_text(&bench->plan.changes[i].err));
	return text;
}

/* What is not as wanted, by the kernel: "" or the first difference. */
static inline const char *left(struct bench *bench)
{
	static char text[512];
	AUTO(err_clear) struct err err = ERR_NONE;
	struct plan plan = PLAN_NONE;

	text[0] = '\0';
	if (engine_reconcile(bench->engine, NULL, true, 0, &plan, &err) < 0)
		fail_msg("%s", err_text(&err));
	if (plan.n) {
		const struct change *change = &plan.changes[0];

		snprintf(text, sizeof(text), "%s \"%s\": \"%s\", is \"%s\"",
			 item_kind(change_item(change)), item_key(change_item(change)),
			 change->want ? item_value(change->want) : "-",
			 change->have ? item_value(change->have) : "-");
	}
	plan_clear(&plan);
	return text;
}

/* All of it is made, and reads back as it was said. */
static inline void settle(struct bench *bench)
{
	assert_string_equal(make(bench), "");
	assert_string_equal(left(bench), "");
}

static inline void must(const char *command)
{
	if (system(command) != 0) /* NOLINT: a test's own machine */
		fail_msg("failed: %s", command);
}

/* What a command says. The caller's. */
static inline char *said(const char *command)
{
	FILE *pipe = popen(command, "r"); /* NOLINT: a test's own machine */
	struct text text = TEXT_NONE;
	char line[1024];

	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe))
		text_add(&text, line);
	if (pclose(pipe) != 0)
		fail_msg("failed: %s", command);
	return text_take(&text);
}

static inline void nft_has(const char *what, const char *words)
{
	AUTO(free_ptr) char *command = mem_format("nft -n list %s", what);
	AUTO(free_ptr) char *text = said(command);

	if (!strstr(text, words))
		fail_msg("'%s' is not in: %s", words, text);
}

static inline void nft_lacks(const char *what, const char *words)
{
	AUTO(free_ptr) char *command = mem_format("nft -n list %s", what);
	AUTO(free_ptr) char *text = said(command);

	if (strstr(text, words))
		fail_msg("'%s' is in: %s", words, text);
}

#endif
