/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracer's table: made with the first use, a rule or two for each chosen flow. */
#include "lib/backend/nft/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter/nfnetlink.h>

#include "lib/backend/nft/trace_state.h"
#include "lib/base/log.h"

/* Fragments are put together at -400, connection tracking is at -200. */
static const struct {
	const char *name, *base;
} chains[] = {
	{ TRACE_ARM, "filter prerouting -350 accept" },
	{ TRACE_ARM_OUTPUT, "filter output -350 accept" },
	{ TRACE_TELL, "filter prerouting -199 accept" },
	{ TRACE_TELL_OUTPUT, "filter output -199 accept" },
	{ TRACE_ROUTE, "filter prerouting 2147483646 accept" },
	{ TRACE_DELIVERED, "filter input 2147483646 accept" },
	{ TRACE_LEFT, "filter postrouting 2147483646 accept" },
};

static void note_all(struct plan *plan, const struct item_set *items, bool remove)
{
	struct item *item, *after;

	item_set_for_each (items, item, after)
		plan_note(plan, remove ? NULL : item, remove ? item : NULL);
}

/* All of it or nothing. */
static int change(struct nft *nft, const struct item_set *items, bool remove, struct err *err)
{
	struct provider provider = nft_provider(nft);
	struct plan plan = PLAN_NONE;
	struct change **changes;

	note_all(&plan, items, remove);
	changes = mem_array(plan.n + 1, sizeof(struct change *));
	for (size_t i = 0; i < plan.n; i++)
		changes[i] = &plan.changes[i];
	provider.apply(provider.self, changes, plan.n);
	for (size_t i = 0; i < plan.n; i++)
		if (plan.changes[i].err.code && !err->code)
			err_move(err, &plan.changes[i].err);
	free(changes);
	plan_clear(&plan);
	return err->code;
}

/* That it is not there is no failure; the kernel takes all that is in it away with it. */
int nft_tracer_clean(const char *family, const char *table_name, struct err *err)
{
	AUTO(free_ptr) char *table = mem_format("%s %s", family, table_name);
	struct item_set items = ITEM_SET_NONE;
	struct nft *nft = NULL;

	if (nft_open(table_name, NFNLGRP_NONE, &nft, err) < 0)
		return err->code;
	item_set_say(&items, "nft.table", "", table, "");
	change(nft, &items, true, err);
	item_set_clear(&items);
	nft_free(nft);
	return err->code ? err_in(err, "what is left of a trace, table %s", table) : 0;
}

/* A bridge knows no connections here: both directions are traced there. */
static bool tells_direction(const struct nft_tracer *tracer)
{
	return strcmp(tracer->family, "bridge") != 0;
}

static void say(const struct nft_tracer *tracer, struct item_set *items, const char *kind,
		const char *name, const char *value)
{
	AUTO(free_ptr) char *key = mem_format("%s %s", tracer->table, name);

	item_set_say(items, kind, "", key, value);
}

static int make_table(struct nft_tracer *tracer, struct err *err)
{
	struct item_set items = ITEM_SET_NONE;

	item_set_say(&items, "nft.table", "", tracer->table, TABLE_OWNED);
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
		say(tracer, &items, "nft.chain", chains[i].name, chains[i].base);
	if (tells_direction(tracer)) {
		say(tracer, &items, "nft.rule", TRACE_TELL " 0100",
		    "ct direction reply meta nftrace set 0");
		say(tracer, &items, "nft.rule", TRACE_TELL_OUTPUT " 0100",
		    "ct direction reply meta nftrace set 0");
	}
	change(tracer->nft, &items, false, err);
	item_set_clear(&items);
	return err->code;
}

int nft_tracer_new(const char *family, const char *table_name, struct nft_tracer **ret,
		   struct err *err)
{
	struct nft_tracer *tracer = mem_alloc(sizeof(*tracer));

	tracer->family = mem_text(family);
	tracer->table_name = mem_text(table_name);
	tracer->table = mem_format("%s %s", family, table_name);
	if (nft_open(table_name, NFNLGRP_NFTRACE, &tracer->nft, err) < 0 ||
	    make_table(tracer, err) < 0) {
		nft_tracer_free(tracer);
		return err_in(err, "the kernel's tracing");
	}
	*ret = tracer;
	return 0;
}

void nft_tracer_free(struct nft_tracer *tracer)
{
	if (!tracer)
		return;
	flights_forget(tracer);
	while (tracer->traces) {
		struct nft_trace *next = tracer->traces->next;

		free(tracer->traces);
		tracer->traces = next;
	}
	nft_free(tracer->nft); /* And with its socket the table. */
	free(tracer->family);
	free(tracer->table_name);
	free(tracer->table);
	free(tracer);
}

static void say_rules(const struct nft_tracer *tracer, const struct nft_trace *trace,
		      const char *link, const char *match, struct item_set *items)
{
	AUTO(free_ptr) char *key = mem_format("%s %s", TRACE_ARM, trace->order);
	AUTO(free_ptr) char *own = mem_format("%s %s", TRACE_ARM_OUTPUT, trace->order);
	AUTO(free_ptr)
	char *rule =
		mem_format("meta iifname %s %s%slimit rate %d/second burst %d meta nftrace set 1",
			   link ? link : "!= lo", match, *match ? " " : "", NFT_TRACE_RATE,
			   NFT_TRACE_RATE);

	say(tracer, items, "nft.rule", key, rule);
	if (link)
		return;
	free(rule);
	rule = mem_format("%s%slimit rate %d/second burst %d meta nftrace set 1", match,
			  *match ? " " : "", NFT_TRACE_RATE, NFT_TRACE_RATE);
	say(tracer, items, "nft.rule", own, rule);
}

static uint64_t handle_of(const struct nft_tracer *tracer, const char *chain, const char *order)
{
	AUTO(free_ptr) char *key = mem_format("%s %s", tracer->table, chain);
	const struct known_rule *rule = known_rule_find(known_chain_find(tracer->nft, key), order);

	return rule ? rule->handle : 0;
}

int nft_tracer_add(struct nft_tracer *tracer, const char *link, const char *match,
		   nft_traced_fn *fn, void *data, struct nft_trace **ret, struct err *err)
{
	struct item_set items = ITEM_SET_NONE;
	struct nft_trace *trace = mem_alloc(sizeof(*trace));

	*trace = (struct nft_trace){ .fn = fn, .data = data };
	snprintf(trace->order, sizeof(trace->order), "%010u", ++tracer->serial);
	say_rules(tracer, trace, link, match, &items);
	change(tracer->nft, &items, false, err);
	item_set_clear(&items);
	if (err->code) {
		free(trace);
		return err_in(err, "the kernel's tracing");
	}
	trace->handles[0] = handle_of(tracer, TRACE_ARM, trace->order);
	trace->handles[1] = handle_of(tracer, TRACE_ARM_OUTPUT, trace->order);
	trace->next = tracer->traces;
	tracer->traces = trace;
	*ret = trace;
	return 0;
}

void nft_tracer_remove(struct nft_tracer *tracer, struct nft_trace *trace)
{
	static const char *const arming[] = { TRACE_ARM, TRACE_ARM_OUTPUT };
	struct nft_trace **at = &tracer->traces;
	struct item_set items = ITEM_SET_NONE;
	struct err err = ERR_NONE;

	while (*at != trace)
		at = &(*at)->next;
	*at = trace->next;
	for (size_t i = 0; i < ARRAY_SIZE(arming); i++) {
		AUTO(free_ptr) char *name = mem_format("%s %s", arming[i], trace->order);

		if (trace->handles[i])
			say(tracer, &items, "nft.rule", name, "");
	}
	/* What could not be taken away goes with the table: it costs, but harms nobody. */
	if (change(tracer->nft, &items, true, &err) < 0)
		log_error("trace: a rule stays until the last trace ends: %s", err_text(&err));
	err_clear(&err);
	item_set_clear(&items);
	flights_leave(tracer, trace);
	free(trace);
}

int nft_tracer_fd(const struct nft_tracer *tracer)
{
	return nft_events_fd(tracer->nft);
}

const char *nft_rule_at(const struct nft *nft, const char *chain, uint64_t handle,
			const char **owner)
{
	const struct known_chain *known = known_chain_find(nft, chain);

	for (size_t i = 0; known && i < known->n; i++) {
		if (known->rules[i].handle != handle)
			continue;
		*owner = known->rules[i].owner ? known->rules[i].owner : "";
		return known->rules[i].order;
	}
	return NULL;
}
