/* SPDX-License-Identifier: GPL-2.0-or-later */
/* field.c - records out of JSON and back, by a table that has every type. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/field.h"

struct part {
	char *uuid, *word;
	int64_t count;
};

struct whole {
	char *text, *lines, *uuid, *reference, *secret;
	bool flag, on;
	int64_t number, optional;
	struct ip ip;
	struct prefix prefix;
	struct mac mac;
	struct port_range ports, port;
	int choice;
	struct field_bytes bytes;
	struct part part;
	struct field_list parts, ips, ranges, choices;
};

#define AT(member) offsetof(struct part, member)
static const struct field part_fields[] = {
	{ "uuid", FIELD_UUID, AT(uuid), .required = true },
	{ "word", FIELD_TEXT, AT(word), .secret = true },
	{ "count", FIELD_NUMBER, AT(count), .min = 1, .max = 9, .fallback = 3 },
	{ 0 },
};
#undef AT

static const struct field loose_fields[] = {
	{ "word", FIELD_TEXT, offsetof(struct part, word), .secret = true },
	{ "count", FIELD_NUMBER, offsetof(struct part, count), .min = 1, .max = 9, .fallback = 4 },
	{ 0 },
};

static const char *const colours[] = { "red", "green", "3des", NULL };
static const struct field ip_element[] = { { .type = FIELD_IP } };
static const struct field ports_element[] = { { .type = FIELD_PORTS } };
static const struct field choice_element[] = { { .type = FIELD_CHOICE, .choices = colours } };

#define AT(member) offsetof(struct whole, member)
static const struct field fields[] = {
	{ "text", FIELD_TEXT, AT(text), .min = 2, .max = 8, .doc = "A text." },
	{ "lines", FIELD_TEXT, AT(lines), .lines = true },
	{ "uuid", FIELD_UUID, AT(uuid), .required = false },
	{ "reference", FIELD_REFERENCE, AT(reference), .target = "things" },
	{ "secret", FIELD_TEXT, AT(secret), .secret = true, .nullable = true },
	{ "flag", FIELD_BOOL, AT(flag), .required = false },
	{ "on", FIELD_BOOL, AT(on), .fallback = true },
	{ "number", FIELD_NUMBER, AT(number), .min = 10, .max = 20, .fallback = 15 },
	{ "optional", FIELD_NUMBER, AT(optional), .min = 10, .max = 20, .unit = "s" },
	{ "ip", FIELD_IP, AT(ip), .nullable = true },
	{ "prefix", FIELD_PREFIX, AT(prefix), .required = false },
	{ "mac", FIELD_MAC, AT(mac), .required = false },
	{ "ports", FIELD_PORTS, AT(ports), .required = false },
	{ "port", FIELD_PORTS, AT(port), .max = 1 },
	{ "choice", FIELD_CHOICE, AT(choice), .choices = colours, .fallback = 1 },
	{ "bytes", FIELD_BASE64, AT(bytes), .max = 4 },
	{ "part", FIELD_RECORD, AT(part), .fields = loose_fields, .size = sizeof(struct part) },
	{ "parts", FIELD_LIST, AT(parts), .fields = part_fields, .size = sizeof(struct part) },
	{ "ips", FIELD_LIST, AT(ips), .element = ip_element },
	{ "ranges", FIELD_LIST, AT(ranges), .element = ports_element },
	{ "choices", FIELD_LIST, AT(choices), .element = choice_element },
	{ 0 },
};

static json_t *json_of(const char *text)
{
	AUTO(free_ptr) char *quoted = mem_text(text);
	json_error_t error;
	json_t *json;

	for (char *at = quoted; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(quoted, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!json)
		fail_msg("%s in %s", error.text, text);
	return json;
}

static void refused(const char *text, const char *path, const char *sentence)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	static const struct whole none;
	struct whole whole = { 0 };
	json_t *json = json_of(text);

	assert_int_equal(field_decode(fields, json, &whole, &err), -EINVAL);
	if ((path && strcmp(err.path, path)) || strncmp(err_text(&err), sentence, strlen(sentence)))
		fail_msg("wanted %s: %s, got %s: %s", path, sentence, err.path, err_text(&err));
	assert_null(whole.text);
	assert_null(whole.parts.items);
	assert_int_equal(whole.parts.n, none.parts.n);
	json_decref(json);
}

static void what_is_wrong_is_named_by_its_path(void **data)
{
	(void)data;
	refused("[]", NULL, "expected object");
	refused("{'nothing': 1}", "nothing", "unknown field");
	refused("{'text': 1}", "text", "expected string");
	refused("{'text': null}", "text", "expected string");
	refused("{'text': 'a'}", "text", "a text of 2 to 8 bytes");
	refused("{'text': 'a long one'}", "text", "a text of 2 to 8 bytes");
	refused("{'text': 'a\\u0000b'}", "text", "a text holds no zero byte");
	refused("{'text': 'a\\nb'}", "text", "has control characters");
	refused("{'uuid': ''}", "uuid", "a uuid is");
	refused("{'uuid': 'a/b'}", "uuid", "a uuid is");
	refused("{'uuid': '\xc3\xa4'}", "uuid", "a uuid is");
	refused("{'reference': 'a b'}", "reference", "a uuid is");
	refused("{'flag': 1}", "flag", "expected boolean");
	refused("{'number': 9}", "number", "9 is outside 10-20");
	refused("{'number': 15.0}", "number", "expected integer");
	refused("{'number': '15'}", "number", "expected integer");
	refused("{'optional': 0}", "optional", "0 is outside 10-20");
	refused("{'ip': '10.0.0'}", "ip", "\"10.0.0\" is not an IP address");
	refused("{'prefix': '10.0.0.0/33'}", "prefix", "\"10.0.0.0/33\"");
	refused("{'mac': 'ff:ff:ff:ff:ff:ff'}", "mac", "ff:ff:ff:ff:ff:ff is no");
	refused("{'mac': '00:00:00:00:00:00'}", "mac", "00:00:00:00:00:00 is no");
	refused("{'ports': 65536}", "ports", "65536 is not a port");
	refused("{'ports': true}", "ports", "expected a port");
	refused("{'port': '1-2'}", "port", "1-2 is more than one port");
	refused("{'choice': 'blue'}", "choice", "\"blue\" is none of red, green, 3des");
	refused("{'bytes': 'A'}", "bytes", "");
	refused("{'bytes': 'AAAAAAAAAAAA'}", "bytes", "is more than 4 bytes");
	refused("{'part': {'count': 0}}", "part.count", "0 is outside 1-9");
	refused("{'text': 'abc', 'parts': [{'uuid': 'a'}, {'uuid': 'b', 'count': 10}]}",
		"parts[1].count", "10 is outside 1-9");
	refused("{'parts': [{}]}", "parts[0].uuid", "is required");
	refused("{'parts': {}}", "parts", "expected array");
	refused("{'ips': ['10.0.0.1', 5]}", "ips[1]", "expected string");
	refused("{'ranges': '22,,23'}", "ranges[1]", "\"\" is not a port");
	refused("{'choices': ['red', 'x']}", "choices[1]", "\"x\" is none of");
}

static void what_is_left_out_has_its_fallback(void **data)
{
	struct whole whole = { 0 };
	json_t *json = json_of("{'ip': null, 'secret': null}"), *again;

	(void)data;
	assert_int_equal(field_decode(fields, json, &whole, NULL), 0);
	assert_int_equal(whole.number, 15);
	assert_int_equal(whole.optional, 0);
	assert_int_equal(whole.choice, 1);
	assert_int_equal(whole.part.count, 4);
	assert_true(whole.on);
	assert_false(whole.flag);
	again = field_encode(fields, &whole, true);
	json_decref(json);
	json = json_of("{'flag': false, 'on': true, 'number': 15, 'choice': 'green',"
		       "'part': {'count': 4}}");
	assert_true(json_equal(json, again));
	field_clear(fields, &whole);
	json_decref(json);
	json_decref(again);
}

static void what_is_decoded_is_encoded_as_it_was(void **data)
{
	static const char text[] =
		"{'text': '\xe7\xbd\x91\xe7\xbb\x9c', 'lines': 'a\\nb', 'uuid': 'A.b_c:d-1',"
		"'reference': 'r', 'secret': 's', 'flag': true, 'on': false, 'number': 20,"
		"'optional': 10, 'ip': 'fd00::1', 'prefix': '10.1.2.3/8',"
		"'mac': 'fa:00:00:00:00:01', 'ports': '20-30', 'port': 22, 'choice': '3des',"
		"'bytes': 'AAEC', 'part': {'word': 'w', 'count': 1},"
		"'parts': [{'uuid': 'a', 'count': 9}], 'ips': ['10.0.0.1'],"
		"'ranges': '22,8000-8080', 'choices': ['red', 'green']}";
	AUTO(err_clear) struct err err = ERR_NONE;
	struct whole whole = { 0 };
	json_t *json = json_of(text), *again;

	(void)data;
	if (field_decode(fields, json, &whole, &err) < 0)
		fail_msg("%s: %s", err.path, err_text(&err));
	again = field_encode(fields, &whole, true);
	assert_true(json_equal(json, again));
	json_decref(again);
	again = field_encode(fields, &whole, false);
	assert_string_equal(json_string_value(json_object_get(again, "secret")), FIELD_MASK);
	json_decref(again);
	field_clear(fields, &whole);
	json_decref(json);
}

static void ports_come_in_several_forms(void **data)
{
	static const char *const forms[] = { "{'ranges': '22,80-90'}", "{'ranges': [22, '80-90']}",
					     "{'ranges': ['22', '80-90']}" };

	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct whole whole = { 0 };
		json_t *json = json_of(forms[i]);
		const struct port_range *ranges;

		assert_int_equal(field_decode(fields, json, &whole, NULL), 0);
		assert_int_equal(whole.ranges.n, 2);
		ranges = whole.ranges.items;
		assert_int_equal(ranges[0].last, 22);
		assert_int_equal(ranges[1].first, 80);
		field_clear(fields, &whole);
		json_decref(json);
	}
}

static void the_mask_means_what_is_held(void **data)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct whole held = { 0 }, given = { 0 };
	json_t *one = json_of("{'secret': 's', 'part': {'word': 'p'}, 'parts': ["
			      "{'uuid': 'a', 'word': 'wa'}, {'uuid': 'b', 'word': 'wb'}]}");
	json_t *other = json_of("{'secret': '********', 'part': {'word': '********'},"
				"'parts': [{'uuid': 'b', 'word': '********'},"
				"{'uuid': 'a', 'word': 'new'}, {'uuid': 'c'}]}");
	const struct part *parts;

	(void)data;
	assert_int_equal(field_decode(fields, one, &held, NULL), 0);
	assert_int_equal(field_decode(fields, other, &given, NULL), 0);
	assert_int_equal(field_unmask(fields, &given, NULL, &err), -EINVAL);
	assert_string_equal(err.path, "secret");
	assert_int_equal(field_unmask(fields, &given, &held, NULL), 0);
	assert_string_equal(given.secret, "s");
	assert_string_equal(given.part.word, "p");
	parts = given.parts.items;
	assert_string_equal(parts[0].word, "wb");
	assert_string_equal(parts[1].word, "new");
	field_clear(fields, &held);
	field_clear(fields, &given);
	json_decref(one);
	json_decref(other);
}

static void a_table_is_a_varlink_type(void **data)
{
	AUTO(free_ptr) char *text = field_interface(part_fields);

	(void)data;
	assert_string_equal(text, "(\n  uuid: string,\n  word: ?string,\n  count: ?int\n)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_named_by_its_path),
		cmocka_unit_test(what_is_left_out_has_its_fallback),
		cmocka_unit_test(what_is_decoded_is_encoded_as_it_was),
		cmocka_unit_test(ports_come_in_several_forms),
		cmocka_unit_test(the_mask_means_what_is_held),
		cmocka_unit_test(a_table_is_a_varlink_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
