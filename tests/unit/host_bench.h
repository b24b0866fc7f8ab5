/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_bench.h - a host's document out of a line of text, and the machine that it is for.
 *
 * Texts are JSON with ' for ". The machine has em01 (index 1, MTU 1500) and em02 (index 2, the
 * VTEP's address 192.168.29.21). */
#ifndef WEFT_TESTS_UNIT_HOST_BENCH_H
#define WEFT_TESTS_UNIT_HOST_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostnet/compile/compile.h"

static inline json_t *bench_json(const char *text)
{
	AUTO(free_ptr) char *copy = mem_text(text);
	json_error_t error;
	json_t *json;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s in: %s", error.text, copy);
	return json;
}

/* 'sections' are those beside host: "'l2_networks':[...],'ports':[...]", or "". */
static inline struct document *bench_document(const char *sections)
{
	AUTO(free_ptr)
	char *text = mem_format("{'host':{'uuid':'h','vtep':'192.168.29.21'}%s%s}",
				*sections ? "," : "", sections);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document = NULL;
	json_t *json = bench_json(text);

	if (document_parse(&host_document, json, &document, &err) < 0)
		fail_msg("%s: %s", err.path ? err.path : "", err_text(&err));
	json_decref(json);
	return document;
}

static inline struct facts_link *bench_link(struct facts *facts, int index, const char *name,
					    const char *kind, bool ours)
{
	struct mac mac = { { 0xfa, 0, 0, 0, 0, (uint8_t)index } };
	struct facts_link *link = facts_add_link(facts, index, name, &mac, ours);

	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	link->mtu = 1500;
	return link;
}

static inline void bench_address(struct facts *facts, int link, const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse(text, &prefix, NULL), 0);
	facts_add_address(facts, link, &prefix);
}

static inline void bench_facts(struct facts *facts)
{
	bench_link(facts, 1, "em01", "", false);
	bench_link(facts, 2, "em02", "", false);
	bench_address(facts, 2, "192.168.29.21/24");
}

struct compiled {
	struct document *document;
	struct facts facts;
	struct item_set items;
	struct notes notes;
};

/* Takes 'facts' over. */
static inline struct compiled compile_on(const struct facts *facts, const char *sections)
{
	struct compiled compiled = { bench_document(sections), *facts, ITEM_SET_NONE, NOTES_NONE };

	host_compile(compiled.document, &compiled.facts, &compiled.items, &compiled.notes);
	return compiled;
}

static inline struct compiled compile(const char *sections)
{
	struct facts facts = FACTS_NONE;

	bench_facts(&facts);
	return compile_on(&facts, sections);
}

static inline void compiled_clear(struct compiled *compiled)
{
	item_set_clear(&compiled->items);
	notes_clear(&compiled->notes);
	facts_clear(&compiled->facts);
	document_free(compiled->document);
}

static inline void has(const struct compiled *compiled, const char *kind, const char *key,
		       const char *value)
{
	const struct item *item = item_set_find(&compiled->items, kind, key);

	if (!item)
		fail_msg("no %s \"%s\"", kind, key);
	assert_string_equal(item_value(item), value);
}

static inline void lacks(const struct compiled *compiled, const char *kind, const char *key)
{
	const struct item *item = item_set_find(&compiled->items, kind, key);

	if (item)
		fail_msg("%s \"%s\" is \"%s\"", kind, key, item_value(item));
}

static inline size_t count(const struct compiled *compiled, const char *kind)
{
	struct item *item, *after;
	size_t n = 0;

	item_set_for_each (&compiled->items, item, after)
		n += item_is(item, kind);
	return n;
}

static inline void rests(const struct compiled *compiled, const char *uuid, const char *reason)
{
	const struct note *note = notes_find(&compiled->notes, uuid);

	if (!note)
		fail_msg("nothing is said of %s", uuid);
	assert_string_equal(note->reason, reason);
}

static inline void is_ready(const struct compiled *compiled, const char *uuid)
{
	const struct note *note = notes_find(&compiled->notes, uuid);

	if (note)
		fail_msg("%s: %s", uuid, note->reason);
}

#endif
