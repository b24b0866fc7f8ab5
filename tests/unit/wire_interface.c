/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire_interface.c - what is an interface's text, and what is an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/wire/address.h"
#include "lib/wire/interface.h"

static void note(enum wire_member member, const char *name, void *data)
{
	static const char *const kinds[] = { "type", "method", "error" };

	text_format(data, "%s %s;", kinds[member], name);
}

static void the_members_are_found_in_their_order(void **state)
{
	static const char text[] =
		"# A comment\ninterface io.weft.Test-1 # more\n\n"
		"type Mode (one, two, three_3)\n"
		"type Item (name: string, size: ?int, parts: []Item, more: [string]?Mode,\n"
		"  inner: (a: bool, b: ?[]float), free: object)\n"
		"method Get(names: ?[]string) -> (items: []Item)\n"
		"method Nothing() -> ()\n"
		"error Wrong (mode: Mode)\n";
	struct text found = TEXT_NONE;
	struct err err = ERR_NONE;
	char *name = NULL;

	(void)state;
	assert_int_equal(wire_interface_read(text, &name, note, &found, &err), 0);
	assert_string_equal(name, "io.weft.Test-1");
	assert_string_equal(text_view(&found), "type Mode;type Item;method Get;method Nothing;"
					       "error Wrong;");
	text_clear(&found);
	free(name);
}

static void a_wrong_text_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *reason;
	} wrong[] = {
		{ "", "line 1: interface NAME is expected" },
		{ "interface weft", "line 1: the interface's name is expected" },
		{ "interface io.", "line 1: the interface's name is expected" },
		{ "interface .io.weft", "line 1: the interface's name is expected" },
		{ "interface io..weft", "line 1: the interface's name is expected" },
		{ "interface io.-weft", "line 1: the interface's name is expected" },
		{ "interface 1o.weft", "line 1: the interface's name is expected" },
		{ "interface io.weft-", "line 1: the interface's name is expected" },
		{ "interface a.b\nmethod a() -> ()",
		  "line 2: a member's name, which begins with a capital letter is expected" },
		{ "interface a.b\nmethod A()", "line 2: -> is expected" },
		{ "interface a.b\nmethod A() -> (", "line 2: a field's name is expected" },
		{ "interface a.b\nmethod A(a int) -> ()", "line 2: : is expected" },
		{ "interface a.b\nmethod A(a: integer) -> ()", "line 2: a type is expected" },
		{ "interface a.b\nmethod A(a: ??int) -> ()", "line 2: one ? is expected" },
		{ "interface a.b\nmethod A(a, b) -> ()", "line 2: : is expected" },
		{ "interface a.b\ntype A (a: int, b)", "line 2: : is expected" },
		{ "interface a.b\ntype A (a__b: int)", "line 2: a field's name is expected" },
		{ "interface a.b\ntype A (a_: int)", "line 2: a field's name is expected" },
		{ "interface a.b\ntype A (_a: int)", "line 2: a field's name is expected" },
		{ "interface a.b\ntype A ()\ntype A ()",
		  "line 3: a name that is not declared already is expected" },
		{ "interface a.b\n\ntype A (b: B)", "line 3: B is not declared" },
		{ "interface a.b\nthing A ()", "line 2: type, method or error is expected" },
		{ "interface a.b\ntype A (a: int", "line 2: ) is expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct err err = ERR_NONE;

		assert_int_equal(wire_interface_read(wrong[i].text, NULL, NULL, NULL, &err),
				 -EINVAL);
		assert_string_equal(err_text(&err), wrong[i].reason);
		err_clear(&err);
	}
}

static void a_text_that_nests_without_end_is_refused(void **state)
{
	struct text text = TEXT_NONE;

	(void)state;
	text_add(&text, "interface a.b\ntype A ");
	for (int i = 0; i < 100000; i++)
		text_add(&text, "(a:");
	assert_int_equal(wire_interface_read(text_view(&text), NULL, NULL, NULL, NULL), -EINVAL);
	text_clear(&text);
}

static void an_address_reads_back_as_it_was_written(void **state)
{
	static const char *const good[] = { "unix:/run/weft/vrouter.sock", "tcp:127.0.0.1:8443",
					    "tcp:[::1]:1", "tcp:[fe80::1]:65535" };
	static const char *const bad[] = { "",
					   "unix:",
					   "unix:relative",
					   "unix:/",
					   "/run/x",
					   "tcp:",
					   "tcp:1.2.3.4",
					   "tcp:1.2.3.4:",
					   "tcp:1.2.3.4:0",
					   "tcp::80",
					   "tcp:::1:80",
					   "tcp:[1.2.3.4]:80",
					   "tcp:[::1]",
					   "tcp:host:80",
					   "tcp:1.2.3.4:80-90",
					   "tcp:[]:80",
					   "http://x",
					   "tcp:1.2.3.4:70000" };
	struct wire_address address;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(wire_address_parse(good[i], &address, NULL), 0);
		assert_string_equal(wire_address_text(&address).s, good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err err = ERR_NONE;

		assert_int_equal(wire_address_parse(bad[i], &address, &err), -EINVAL);
		assert_non_null(err.text);
		err_clear(&err);
	}
}

static void a_path_of_a_socket_has_its_longest(void **state)
{
	char text[128] = "unix:/";
	struct wire_address address;

	(void)state;
	memset(text + 6, 'x', 106);
	assert_int_equal(wire_address_parse(text, &address, NULL), 0);
	text[112] = 'x';
	assert_int_equal(wire_address_parse(text, &address, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_members_are_found_in_their_order),
		cmocka_unit_test(a_wrong_text_is_refused_with_its_line),
		cmocka_unit_test(a_text_that_nests_without_end_is_refused),
		cmocka_unit_test(an_address_reads_back_as_it_was_written),
		cmocka_unit_test(a_path_of_a_socket_has_its_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
