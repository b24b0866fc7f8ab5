/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.c - names in order, however much they have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/mem.h"
#include "lib/base/sort.h"

static int compare(const void *one, const void *other)
{
	const struct sort_entry *a = one, *b = other;

	return strcmp(a->text, b->text);
}

static void as_the_library_sorts(struct sort_entry *entries, size_t n)
{
	AUTO(free_ptr) struct sort_entry *wanted = mem_array(n + 1, sizeof(*wanted));

	memcpy(wanted, entries, n * sizeof(*wanted));
	qsort(wanted, n, sizeof(*wanted), compare);
	sort_by_text(entries, n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(entries[i].text, wanted[i].text);
		assert_ptr_equal(entries[i].of, entries[i].text); /* They stay together. */
	}
}

static void names_of_elements(void **state)
{
	enum { N = 5000 };
	static char names[N][64];
	struct sort_entry *entries = mem_array(N, sizeof(*entries));

	(void)state;
	for (int n = 0; n < 40; n++) {
		int count = n < 20 ? n : N - n;

		for (int i = 0; i < count; i++) {
			/* Some twice, some the beginning of others, bytes beyond ASCII. */
			snprintf(names[i], sizeof(names[i]), "inet weft %s 10.%d.%d%s",
				 i % 3 ? "pf" : "pf_range", rand() % 4, rand() % 300,
				 i % 7 ? "" : "\xc3\xa4");
			entries[i] = (struct sort_entry){ names[i], names[i] };
		}
		as_the_library_sorts(entries, (size_t)count);
	}
	free(entries);
}

static void those_that_are_sorted(void **state)
{
	static char names[1000][16];
	struct sort_entry entries[1000];

	(void)state;
	for (int way = 0; way < 3; way++) {
		for (int i = 0; i < 1000; i++) {
			snprintf(names[i], sizeof(names[i]), "%04d",
				 way == 0   ? i
				 : way == 1 ? 999 - i
					    : 7);
			entries[i] = (struct sort_entry){ names[i], names[i] };
		}
		as_the_library_sorts(entries, 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_of_elements),
					    cmocka_unit_test(those_that_are_sorted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
