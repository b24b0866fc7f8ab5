/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err.c - errors grow from the inside out, and can always be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <jansson.h>

#include "lib/base/err.h"

static void callers_put_in_front_what_they_know(void **state)
{
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(err_set(&err, -EINVAL, "%d is too much", 9), -EINVAL);
	assert_int_equal(err_in(&err, "eip %s", "e-1"), -EINVAL);
	err_at(&err, "vip");
	err_at(&err, "eips[%d]", 3);
	assert_string_equal(err_text(&err), "eip e-1: 9 is too much");
	assert_string_equal(err.path, "eips[3].vip");
	err_clear(&err);
	assert_int_equal(err_errno(&err, -ENOENT, "file"), -ENOENT);
	assert_string_equal(err_text(&err), "file: No such file or directory");
	err_clear(&err);
	assert_int_equal(err_set(NULL, -EBUSY, "nobody asks"), -EBUSY);
}

static void a_sentence_is_utf8_whatever_was_put_into_it(void **state)
{
	static const struct {
		const char *given, *told;
	} values[] = {
		{ "gr\xc3\xbc\xc3\x9f\x65", "gr\xc3\xbc\xc3\x9f\x65" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "cut\xc3", "cut?" },
		{ "cut\xe2\x82", "cut??" },
		{ "\xff\xfe", "??" },
		{ "\xc0\xaf", "??" },
		{ "\xe0\x80\xaf", "???" },
		{ "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" },
		{ "\xf5\x80\x80\x80", "????" },
		{ "\x80", "?" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct err err = ERR_NONE;
		json_t *json;

		err_set(&err, -EINVAL, "%s", values[i].given);
		assert_string_equal(err_text(&err), values[i].told);
		json = json_string(err_text(&err));
		assert_non_null(json);
		json_decref(json);
		err_clear(&err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callers_put_in_front_what_they_know),
		cmocka_unit_test(a_sentence_is_utf8_whatever_was_put_into_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
