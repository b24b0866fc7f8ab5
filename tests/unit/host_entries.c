/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_entries.c - what grows with the cloud, as objects of its own: it means what the lists mean,
 * and a change of one is seen in its own items alone. */
#include "tests/unit/host_bench.h"

#include "lib/base/text.h"

#define VX    "'uuid':'vx','type':'vxlan','vni':900"
#define GROUP "'uuid':'sg','rules':[{'uuid':'r','direction':'ingress','peer_group':'sg'}]"
#define PORT                                                                           \
	"'ports':[{'uuid':'p','device':'vnic1.0','l2':'vx','mac':'fa:00:00:00:01:01'," \
	"'security_groups':['sg']}]"

static const char lists[] =
	"'l2_networks':[{" VX ",'peers':['192.168.29.22','192.168.29.23'],'remote':["
	"{'mac':'fa:00:00:00:02:02','address':'192.168.11.9','vtep':'192.168.29.22'},"
	"{'mac':'fa:00:00:00:02:03','vtep':'192.168.29.23'}]}],"
	"'security_groups':[{" GROUP ",'members':['192.168.11.9','fd00::9']}]," PORT;

static const char objects[] =
	"'l2_networks':[{" VX ",'pool':'pool'}],'security_groups':[{" GROUP "}]," PORT ","
	"'vteps':[{'uuid':'t1','pool':'pool','address':'192.168.29.21'},"
	"{'uuid':'t2','pool':'pool','address':'192.168.29.22'},"
	"{'uuid':'t3','pool':'pool','address':'192.168.29.23'},"
	"{'uuid':'t4','pool':'other','address':'192.168.29.24'}],"
	"'l2_remotes':["
	"{'uuid':'g1','l2':'vx','mac':'fa:00:00:00:02:01','address':'192.168.11.8',"
	"'vtep':'192.168.29.21'},"
	"{'uuid':'g2','l2':'vx','mac':'fa:00:00:00:02:02','address':'192.168.11.9',"
	"'vtep':'192.168.29.22'},"
	"{'uuid':'g3','l2':'vx','mac':'fa:00:00:00:02:03','vtep':'192.168.29.23'}],"
	"'security_group_members':[{'uuid':'m1','group':'sg','address':'192.168.11.9'},"
	"{'uuid':'m2','group':'sg','address':'fd00::9'}]";

static void holds_all(const struct compiled *compiled, const struct compiled *of)
{
	struct item *item, *after;

	item_set_for_each (&of->items, item, after) {
		const struct item *same =
			item_set_find(&compiled->items, item_kind(item), item_key(item));

		if (!same)
			fail_msg("no %s \"%s\"", item_kind(item), item_key(item));
		assert_string_equal(item_value(same), item_value(item));
		assert_string_equal(item_owner(same), item_owner(item));
	}
}

/* Those at this host's own VTEP, and of other pools, are passed over. */
static void objects_mean_what_lists_mean(void **state)
{
	struct compiled one = compile(lists), other = compile(objects);

	(void)state;
	assert_int_equal(count(&other, "fdb"), 2 + 2 * 2);
	holds_all(&one, &other);
	holds_all(&other, &one);
	compiled_clear(&one);
	compiled_clear(&other);
}

static void a_host_that_rests_has_none(void **state)
{
	struct facts facts = FACTS_NONE;
	struct compiled compiled;

	(void)state;
	bench_link(&facts, 1, "em01", "", false);
	compiled = compile_on(&facts, objects);
	assert_int_equal(count(&compiled, "fdb"), 0);
	assert_int_equal(count(&compiled, "neighbour"), 0);
	rests(&compiled, "vx", "no link has the VTEP's address 192.168.29.21");
	assert_null(notes_find(&compiled.notes, "g2"));
	compiled_clear(&compiled);
}

static void count_one(void *data, struct object *object)
{
	(void)object;
	++*(size_t *)data;
}

/* However many others there are. */
static void an_entry_is_seen_in_itself_alone(void **state)
{
	static const char *const sections[] = { SECTION_VTEPS, SECTION_L2_REMOTES,
						SECTION_GROUP_MEMBERS };
	struct compiled compiled = compile(objects);
	struct object *object;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		section_for_each (compiled.document, sections[i], object) {
			struct item_set items = ITEM_SET_NONE;
			struct notes notes = NOTES_NONE;
			size_t visited = 0;

			assert_true(host_compile_local(object->section));
			host_affected(compiled.document, object, count_one, &visited);
			assert_int_equal(visited, 1);
			host_compile_object(compiled.document, &compiled.facts, object, &items,
					    &notes);
			assert_in_range(item_set_count(&items), 0, 3);
			item_set_clear(&items);
			notes_clear(&notes);
		}
	compiled_clear(&compiled);
}

/* From lists to objects within one patch. */
static void a_patch_leads_from_one_to_the_other(void **state)
{
	struct compiled compiled = compile(lists), wanted = compile(objects);
	AUTO(free_ptr) char *text = mem_format("{%s}", objects);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document_delta delta;
	json_t *upsert = bench_json(text);

	(void)state;
	if (document_patch(compiled.document, upsert, NULL, &delta, &err) < 0)
		fail_msg("%s: %s", err.path, err_text(&err));
	document_keep(&delta);
	assert_string_equal(document_hash(compiled.document).s, document_hash(wanted.document).s);
	json_decref(upsert);
	compiled_clear(&compiled);
	compiled_clear(&wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_mean_what_lists_mean),
		cmocka_unit_test(a_host_that_rests_has_none),
		cmocka_unit_test(an_entry_is_seen_in_itself_alone),
		cmocka_unit_test(a_patch_leads_from_one_to_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
