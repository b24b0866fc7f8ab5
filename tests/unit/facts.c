/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links of a machine, found by name, and what is another since. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "lib/item/facts.h"

static void add(struct facts *facts, int index, const char *name)
{
	const struct mac mac = { .bytes = { 2, 0, 0, 0, 0, (uint8_t)index } };

	facts_add_link(facts, index, name, &mac, false);
}

/* NAME- was, NAME+ is, NAME= is the same and was told of. */
static bool tell(void *data, const struct facts *facts, const struct facts_link *link, bool same)
{
	struct text *said = data;

	text_format(said, "%s%c ", link->name, same ? '=' : facts->n_capabilities ? '+' : '-');
	return link->index != 99;
}

static void each_link_that_is_another_is_told(void **state)
{
	struct facts before = FACTS_NONE, after = FACTS_NONE;
	struct text said = TEXT_NONE;

	(void)state;
	facts_add_capability(&after, "which", true, "after");
	add(&before, 1, "lo");
	add(&before, 2, "v2");
	add(&before, 3, "v3");
	add(&before, 5, "v5");
	add(&after, 1, "lo");
	add(&after, 3, "w3");
	facts_add_link(&after, 4, "v4", &after.links[0].mac, false);
	add(&after, 5, "v5");
	after.links[3].told = true;
	assert_true(facts_compare_links(&before, &after, tell, &said));
	assert_string_equal(text_view(&said), "v2- v3- w3+ v4+ v5= ");
	text_clear(&said);
	add(&after, 99, "last");
	add(&after, 100, "never");
	assert_false(facts_compare_links(&before, &after, tell, &said));
	assert_string_equal(text_view(&said), "v2- v3- w3+ v4+ v5= last+ ");
	text_clear(&said);
	facts_clear(&before);
	facts_clear(&after);
}

static void an_address_is_a_change_of_all(void **state)
{
	struct facts facts = FACTS_NONE, from = FACTS_NONE;
	const struct prefix address = { .ip = { .family = 4, .bytes = { 10, 0, 0, 1 } },
					.length = 24 };

	(void)state;
	add(&from, 1, "lo");
	assert_true(facts_take_links(&facts, &from));
	add(&from, 1, "lo");
	assert_false(facts_take_links(&facts, &from));
	add(&from, 1, "lo");
	facts_add_address(&from, 1, &address);
	assert_true(facts_take_links(&facts, &from));
	facts_clear(&facts);
	facts_clear(&from);
}

static void links_are_found_by_name(void **state)
{
	struct facts facts = FACTS_NONE, from = FACTS_NONE;

	(void)state;
	assert_null(facts_link_by_name(&facts, "v1"));
	for (int i = 1; i <= 1000; i++) {
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "v%d", i);
		add(&from, i, name);
	}
	facts_take_links(&facts, &from);
	for (int i = 1; i <= 1000; i++) {
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "v%d", i);
		assert_int_equal(facts_link_by_name(&facts, name)->index, i);
	}
	assert_null(facts_link_by_name(&facts, "v1001"));
	/* One more: they are gone through until they are taken together. */
	add(&facts, 1001, "v1001");
	assert_int_equal(facts_link_by_name(&facts, "v1001")->index, 1001);
	assert_int_equal(facts_link_by_name(&facts, "v1")->index, 1);
	facts_clear(&facts);
	facts_clear(&from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_link_that_is_another_is_told),
		cmocka_unit_test(an_address_is_a_change_of_all),
		cmocka_unit_test(links_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
