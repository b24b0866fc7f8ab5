/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qos.c - the classes of limits: one each, the same whatever way led to the document, and few move
 * when one comes or goes. */
#include "tests/unit/router_bench.h"

#include "lib/base/text.h"
#include "vrouter/compile/compile.h"
#include "vrouter/document/qos.h"

#define VIPS 6000

/* What the i-th VIP is, with a limit and one of a port. Addresses are without pattern, so that many
 * would have the same class; all steps can be taken back, so that no two are the same. */
static void vip_text(struct text *text, unsigned int i)
{
	unsigned int address = (i + 77) * 0x9e37 & 0xffffff;

	address ^= address >> 9;
	address = address * 0x85eb & 0xffffff;
	address ^= address >> 11;
	text_format(
		text,
		"{'uuid':'v%u','address':'10.%u.%u.%u','network':'l3-pub','qos':["
		"{'uuid':'q0','up_mbps':5,'down_mbps':6},{'uuid':'q1','port':'80','up_mbps':7}]}",
		i, address >> 16, address >> 8 & 0xff, address & 0xff);
}

/* The first 'n' VIPs but every 'without'th, in either direction. */
static struct document *vips(unsigned int n, unsigned int without, bool backwards)
{
	AUTO(text_clear) struct text text = TEXT_NONE;
	const char *comma = "";

	text_add(&text, "'vips':[");
	for (unsigned int k = 0; k < n; k++) {
		unsigned int i = backwards ? n - 1 - k : k;

		if (without && i % without == 0)
			continue;
		text_add(&text, comma);
		vip_text(&text, i);
		comma = ",";
	}
	text_add(&text, "]");
	return bench_document(text_view(&text));
}

static uint16_t minor_of(const struct document *document, const struct object *object, size_t rule)
{
	const struct vip *vip = (const void *)object;

	return vip_qos_minor(document, vip, (const struct vip_qos *)vip->qos.items + rule);
}

static void same_numbers(const struct document *a, const struct document *b)
{
	const struct object *object;

	section_for_each (a, SECTION_VIPS, object)
		for (size_t rule = 0; rule < 2; rule++)
			assert_int_equal(minor_of(a, object, rule),
					 minor_of(b, document_find(b, SECTION_VIPS, object->uuid),
						  rule));
}

static void each_limit_has_a_class_of_its_own(void **state)
{
	AUTO(bench_document_free) struct document *document = vips(VIPS, 0, false);
	AUTO(free_ptr) bool *taken = mem_array(UINT16_MAX + 1, sizeof(*taken));
	const struct object *object;

	(void)state;
	section_for_each (document, SECTION_VIPS, object)
		for (size_t rule = 0; rule < 2; rule++) {
			uint16_t minor = minor_of(document, object, rule);

			assert_false(taken[minor]);
			taken[minor] = true;
		}
	assert_false(taken[0] || taken[0x5af7] || taken[0xffff]);
}

static void patch(struct document *document, const char *upsert, const char *remove)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	json_t *up = upsert ? bench_json(upsert) : NULL, *out = remove ? bench_json(remove) : NULL;

	if (document_patch(document, up, out, &delta, &err) < 0)
		fail_msg("%s", err_text(&err));
	document_keep(&delta);
	json_decref(up);
	json_decref(out);
}

static void no_way_there_matters(void **state)
{
	AUTO(bench_document_free) struct document *one = vips(VIPS, 0, false);
	AUTO(bench_document_free) struct document *other = vips(VIPS, 0, true);
	AUTO(bench_document_free) struct document *less = vips(VIPS, 3, true);

	(void)state;
	same_numbers(one, other);
	for (unsigned int i = 0; i < VIPS; i += 3) {
		char remove[32];

		snprintf(remove, sizeof(remove), "{'vips':['v%u']}", i);
		patch(one, NULL, remove);
	}
	same_numbers(one, less);
	for (unsigned int i = 0; i < VIPS; i += 3) {
		AUTO(text_clear) struct text text = TEXT_NONE;

		text_add(&text, "{'vips':[");
		vip_text(&text, i);
		text_add(&text, "]}");
		patch(one, text_view(&text), NULL);
	}
	same_numbers(one, other);
}

static void count(void *data, struct object *object)
{
	(void)object;
	++*(size_t *)data;
}

static void few_are_looked_at_with_one(void **state)
{
	AUTO(bench_document_free) struct document *document = vips(VIPS, 0, false);
	const struct object *object;
	size_t n = 0;

	(void)state;
	section_for_each (document, SECTION_VIPS, object)
		vip_qos_cluster(document, (const void *)object, count, &n);
	assert_in_range(n, 2 * VIPS, 4 * VIPS);
}

static void unlimited_vips_need_no_traffic_control(void **state)
{
	AUTO(bench_document_free)
	struct document *document =
		bench_document("'vips':[{'uuid':'v','address':'10.1.0.1','network':'l3-pub'}]");
	struct item_set items = ITEM_SET_NONE;
	struct facts facts = FACTS_NONE;
	struct notes notes = NOTES_NONE;
	struct item *item, *after;

	(void)state;
	bench_facts(&facts, 4);
	router_compile(document, &facts, &items, &notes);
	item_set_for_each (&items, item, after) {
		assert_int_not_equal(strncmp(item_kind(item), "tc.", 3), 0);
		assert_null(strstr(item_key(item), "qos"));
	}
	item_set_clear(&items);
	notes_clear(&notes);
	facts_clear(&facts);
}

/* Without HTB no limit holds; without ifb none of a VIP that has one towards guests. */
static void a_kernel_that_cannot_is_told(void **state)
{
	static const struct {
		bool htb, ifb;
		const char *limits;
		bool holds;
	} rows[] = {
		{ true, true, "'up_mbps':5,'down_mbps':6", true },
		{ true, false, "'up_mbps':5", true },
		{ true, false, "'down_mbps':5", false },
		{ true, false, "'up_mbps':5,'down_mbps':6", false },
		{ false, true, "'up_mbps':5", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(free_ptr)
		char *text = mem_format("'vips':[{'uuid':'v','address':'10.1.0.1','network':"
					"'l3-pub','qos':[{'uuid':'q',%s}]}]",
					rows[i].limits);
		AUTO(bench_document_free) struct document *document = bench_document(text);
		struct item_set items = ITEM_SET_NONE;
		struct facts facts = FACTS_NONE;
		struct notes notes = NOTES_NONE;
		const struct note *note;
		struct item *item, *after;
		size_t classes = 0;

		bench_facts(&facts, 4);
		facts_add_capability(&facts, "htb", rows[i].htb, "why");
		facts_add_capability(&facts, "ifb", rows[i].ifb, "why");
		router_compile(document, &facts, &items, &notes);
		note = notes_find(&notes, "v");
		item_set_for_each (&items, item, after)
			classes += item_is(item, "tc.class");
		assert_int_equal(classes > 0, rows[i].holds);
		assert_int_equal(note == NULL, rows[i].holds);
		if (note)
			assert_string_equal(note->reason, "vip_qos");
		item_set_clear(&items);
		notes_clear(&notes);
		facts_clear(&facts);
	}
}

/* 100 ms, or 64 KiB and a little, and never as long as TCP waits before it sends again. */
static void a_queue_is_short(void **state)
{
	static const struct {
		unsigned int mbps, bytes;
	} rows[] = { { 1, 24000 }, { 4, 96000 }, { 5, 98304 }, { 10, 125000 }, { 500, 6250000 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(free_ptr)
		char *text = mem_format("'vips':[{'uuid':'v','address':'10.1.0.1','network':"
					"'l3-pub','qos':[{'uuid':'q','up_mbps':%u}]}]",
					rows[i].mbps);
		AUTO(free_ptr) char *queue = mem_format(" bfifo %u", rows[i].bytes);
		AUTO(bench_document_free) struct document *document = bench_document(text);
		struct item_set items = ITEM_SET_NONE;
		struct facts facts = FACTS_NONE;
		struct notes notes = NOTES_NONE;
		struct item *item, *after;
		bool found = false;

		bench_facts(&facts, 4);
		facts_add_capability(&facts, "htb", true, NULL);
		router_compile(document, &facts, &items, &notes);
		item_set_for_each (&items, item, after)
			found |= item_is(item, "tc.qdisc") && strstr(item_value(item), queue);
		assert_true(found);
		item_set_clear(&items);
		notes_clear(&notes);
		facts_clear(&facts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_is_short),
		cmocka_unit_test(each_limit_has_a_class_of_its_own),
		cmocka_unit_test(no_way_there_matters),
		cmocka_unit_test(few_are_looked_at_with_one),
		cmocka_unit_test(unlimited_vips_need_no_traffic_control),
		cmocka_unit_test(a_kernel_that_cannot_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
