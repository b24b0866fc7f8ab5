/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document.c - patches of a document: whatever way led to a state, it is the same state. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vrouter/document/router.h"

static uint64_t seed;

static unsigned int pick(unsigned int n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % n;
}

static json_t *interfaces_new(void)
{
	return json_pack("[{s:s,s:s,s:s,s:s,s:[s]},{s:s,s:s,s:s,s:s,s:[s]}]", "uuid", "if-pub",
			 "mac", "fa:00:00:00:00:01", "role", "public", "network", "l3-pub",
			 "addresses", "10.0.0.2/8", "uuid", "if-web", "mac", "fa:00:00:00:00:02",
			 "role", "private", "network", "l3-web", "addresses", "172.16.0.1/12");
}

static json_t *vip_new(unsigned int i)
{
	AUTO(free_ptr) char *uuid = mem_format("vip-%u", i);
	AUTO(free_ptr) char *ip = mem_format("10.1.%u.%u", i / 250, i % 250 + 1);

	return json_pack("{s:s,s:s,s:s}", "uuid", uuid, "address", ip, "network", "l3-pub");
}

static json_t *eip_new(unsigned int i, unsigned int vip, unsigned int target)
{
	AUTO(free_ptr) char *uuid = mem_format("eip-%u", i);
	AUTO(free_ptr) char *on = mem_format("vip-%u", vip);
	AUTO(free_ptr) char *ip = mem_format("172.16.%u.%u", target / 250, target % 250 + 2);

	return json_pack("{s:s,s:s,s:s}", "uuid", uuid, "vip", on, "target", ip);
}

static json_t *forward_new(unsigned int i, unsigned int vip, unsigned int port)
{
	AUTO(free_ptr) char *uuid = mem_format("pf-%u", i);
	AUTO(free_ptr) char *on = mem_format("vip-%u", vip);
	AUTO(free_ptr) char *ip = mem_format("172.17.0.%u", i % 4 + 2);

	return json_pack("{s:s,s:s,s:s,s:i,s:s}", "uuid", uuid, "vip", on, "protocol", "tcp",
			 "vip_ports", port, "target", ip);
}

static struct document *parse(json_t *state)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document = NULL;

	if (document_parse(&router_document, state, &document, &err) < 0)
		fail_msg("%s: %s", err.path, err_text(&err));
	return document;
}

/* A patch that may or may not be refused. */
static void random_patch(json_t *upsert, json_t *remove)
{
	for (unsigned int n = pick(3) + 1; n; n--) {
		unsigned int i = pick(8);
		json_t *object = NULL;
		const char *section = "vips", *kind = "vip";

		if (pick(3) == 0) {
			section = "eips";
			kind = "eip";
			object = eip_new(i, pick(8), pick(6));
		} else if (pick(2)) {
			section = "port_forwards";
			kind = "pf";
			object = forward_new(i, pick(8), pick(4) + 1);
		} else {
			object = vip_new(pick(12));
		}
		if (pick(3)) {
			if (!json_object_get(upsert, section))
				json_object_set_new(upsert, section, json_array());
			json_array_append_new(json_object_get(upsert, section), object);
			continue;
		}
		json_decref(object);
		if (!json_object_get(remove, section))
			json_object_set_new(remove, section, json_array());
		json_array_append_new(json_object_get(remove, section),
				      json_sprintf("%s-%u", kind, i));
	}
}

/* Lists by uuid: patches and a parse may leave objects in another order. */
static int by_uuid(const void *a, const void *b)
{
	return strcmp(json_string_value(json_object_get(*(json_t *const *)a, "uuid")),
		      json_string_value(json_object_get(*(json_t *const *)b, "uuid")));
}

static json_t *sorted(json_t *state)
{
	const char *name;
	json_t *list;

	json_object_foreach (state, name, list) {
		size_t n = json_array_size(list);
		json_t **order = mem_array(n, sizeof(*order));

		for (size_t i = 0; i < n; i++)
			order[i] = json_incref(json_array_get(list, i));
		qsort(order, n, sizeof(*order), by_uuid);
		for (size_t i = 0; i < n; i++)
			json_array_set_new(list, i, order[i]);
		free(order);
	}
	return state;
}

/* Users by both ways, and the typed indexes, agree with a document that was read whole. */
static void same(const struct document *patched)
{
	json_t *state = document_json(patched, true), *again;
	struct document *parsed = parse(state);
	const struct object *object;

	assert_string_equal(document_hash(patched).s, document_hash(parsed).s);
	section_for_each (parsed, SECTION_VIPS, object) {
		const struct object *other = document_find(patched, SECTION_VIPS, object->uuid);
		const struct vip *vip = (const void *)object;

		assert_non_null(other);
		assert_int_equal(document_user_count(object), document_user_count(other));
		assert_ptr_equal(router_vip_at(patched, &vip->address), other);
	}
	section_for_each (parsed, SECTION_EIPS, object) {
		const struct ip *target = &((const struct eip *)(const void *)object)->target;
		const struct eip *a, *b;

		for (size_t n = 0; (a = router_eip_of(parsed, target, n)); n++) {
			b = router_eip_of(patched, target, n);
			assert_non_null(b);
			assert_string_equal(a->object.uuid, b->object.uuid);
			assert_null(router_eip_of(patched, target, n + 100));
		}
	}
	again = document_json(parsed, true);
	assert_true(json_equal(sorted(state), sorted(again)));
	json_decref(state);
	json_decref(again);
	document_free(parsed);
}

static void patches_lead_where_a_parse_leads(void **data)
{
	unsigned int accepted = 0, refused = 0;

	(void)data;
	for (unsigned int walk = 1; walk <= 30; walk++) {
		json_t *state = json_pack("{s:o}", "interfaces", interfaces_new());
		struct document *document = parse(state);

		seed = walk;
		json_decref(state);
		for (int i = 0; i < 120; i++) {
			json_t *upsert = json_object(), *remove = json_object();
			json_t *before = document_json(document, true), *after;
			struct document_hash hash = document_hash(document);
			struct document_delta delta;
			int ret;

			random_patch(upsert, remove);
			ret = document_patch(document, upsert, remove, &delta, NULL);
			if (ret == 0 && pick(3)) {
				document_keep(&delta);
				accepted++;
				same(document);
			} else {
				if (ret == 0) {
					same(document);
					document_take_back(&delta);
				}
				refused++;
				after = document_json(document, true);
				assert_true(json_equal(before, after));
				assert_string_equal(hash.s, document_hash(document).s);
				same(document);
				json_decref(after);
			}
			json_decref(before);
			json_decref(upsert);
			json_decref(remove);
		}
		document_free(document);
	}
	assert_in_range(accepted, 300, 3600);
	assert_in_range(refused, 300, 3600);
}

static json_t *large_state(unsigned int n)
{
	json_t *vips = json_array(), *eips = json_array();

	for (unsigned int i = 0; i < n; i++) {
		json_array_append_new(vips, vip_new(i));
		json_array_append_new(eips, eip_new(i, i, i));
	}
	return json_pack("{s:i,s:o,s:o,s:o}", "revision", 1, "interfaces", interfaces_new(), "vips",
			 vips, "eips", eips);
}

static size_t looked_at;

static int count_check(void *index, const struct document *document, const struct object *object,
		       struct err *err)
{
	looked_at++;
	return router_document.check(index, document, object, err);
}

static int count_add(void *index, const struct document *document, const struct object *object,
		     struct err *err)
{
	looked_at++;
	return router_document.add(index, document, object, err);
}

static void count_remove(void *index, const struct document *document, const struct object *object)
{
	looked_at++;
	router_document.remove(index, document, object);
}

/* How many objects a patch of one elastic IP looks at, beside 'n' others. */
static size_t cost_of_one(unsigned int n)
{
	struct document_type type = router_document;
	json_t *state = large_state(n), *upsert = json_object(), *remove = json_object();
	struct document_delta delta;
	struct document *document;

	type.check = count_check;
	type.add = count_add;
	type.remove = count_remove;
	assert_int_equal(document_parse(&type, state, &document, NULL), 0);
	json_object_set_new(upsert, "eips", json_pack("[o]", eip_new(5, 5, 7)));
	json_object_set_new(remove, "eips", json_pack("[s]", "eip-6"));
	looked_at = 0;
	assert_int_equal(document_patch(document, upsert, remove, &delta, NULL), 0);
	document_take_back(&delta);
	assert_int_equal(document_patch(document, upsert, remove, &delta, NULL), 0);
	document_keep(&delta);
	document_free(document);
	json_decref(state);
	json_decref(upsert);
	json_decref(remove);
	return looked_at;
}

static void a_patch_costs_the_same_beside_50000_objects(void **data)
{
	size_t few = cost_of_one(10), many = cost_of_one(50000);

	(void)data;
	assert_int_equal(few, many);
	assert_true(few < 30);
}

static void an_upserted_object_keeps_its_place(void **data)
{
	json_t *state = large_state(3);
	json_t *upsert = json_pack("{s:[o]}", "vips", vip_new(1));
	struct document *document = parse(state);
	struct document_delta delta;
	const struct object *vip;

	(void)data;
	assert_int_equal(document_patch(document, upsert, NULL, &delta, NULL), 0);
	document_keep(&delta);
	vip = document_first(document, SECTION_VIPS);
	assert_string_equal(vip->uuid, "vip-0");
	assert_string_equal(vip->next->uuid, "vip-1");
	assert_string_equal(document_user(vip->next, 0)->uuid, "eip-1");
	assert_int_equal(document_count(document, SECTION_VIPS), 3);
	document_free(document);
	json_decref(state);
	json_decref(upsert);
}

static const char *psk_of(const struct document *document)
{
	return ((const struct ipsec *)(const void *)document_first(document, SECTION_IPSEC))
		->auth.psk;
}

static void a_masked_secret_is_what_is_held(void **data)
{
	json_t *state = large_state(2), *shown, *upsert;
	struct document *held, *again;
	struct document_delta delta;

	(void)data;
	json_object_del(state, "eips");
	json_object_set_new(state, "ipsec",
			    json_pack("[{s:s,s:s,s:[s],s:s,s:[s],s:{s:s}}]", "uuid", "ips-1", "vip",
				      "vip-0", "local_cidrs", "172.16.0.0/12", "remote_address",
				      "10.9.9.9", "remote_cidrs", "192.168.1.0/24", "auth", "psk",
				      "test1234"));
	held = parse(state);
	shown = document_json(held, false);
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_array_get(json_object_get(shown, "ipsec"), 0), "auth"),
			"psk")),
		FIELD_MASK);
	assert_int_equal(document_parse(&router_document, shown, &again, NULL), -EINVAL);
	assert_int_equal(document_parse_over(&router_document, shown, held, &again, NULL), 0);
	assert_string_equal(psk_of(again), "test1234");
	assert_string_equal(document_hash(again).s, document_hash(held).s);
	upsert = json_pack("{s:O}", "ipsec", json_object_get(shown, "ipsec"));
	assert_int_equal(document_patch(held, upsert, NULL, &delta, NULL), 0);
	document_keep(&delta);
	assert_string_equal(psk_of(held), "test1234");
	document_free(held);
	document_free(again);
	json_decref(upsert);
	json_decref(shown);
	json_decref(state);
}

static void collect(void *data, struct object *object)
{
	strcat(data, object->uuid);
	strcat(data, " ");
}

static void the_names_of_a_patch_are_those_that_are_held(void **data)
{
	json_t *state = large_state(3);
	struct document *document = parse(state);
	json_t *upsert = json_pack("{s:[o,o,i],s:{},s:i}", "vips", vip_new(1), vip_new(9), 5, "dns",
				   "foo", 1);
	json_t *remove = json_pack("{s:[s,s]}", "eips", "eip-2", "nope");
	char seen[64] = "";

	(void)data;
	document_patch_names(document, upsert, remove, collect, seen);
	assert_string_equal(seen, "vip-1 eip-2 ");
	document_free(document);
	json_decref(upsert);
	json_decref(remove);
	json_decref(state);
}

/* What is written is read again: with its fallbacks, its lists of ports, and what was not given. */
static void a_state_survives_its_own_json(void **data)
{
	json_t *state = large_state(1), *first, *second;
	struct document *document, *again;

	(void)data;
	json_object_set_new(state, "firewall",
			    json_pack("[{s:s,s:s,s:i,s:s,s:s,s:s,s:[s,s]}]", "uuid", "fw-1",
				      "interface", "if-pub", "priority", 1, "action", "drop",
				      "protocol", "tcp", "destination_ports", "22,8000-8080",
				      "states", "new", "invalid"));
	document = parse(state);
	first = document_json(document, true);
	again = parse(first);
	second = document_json(again, true);
	assert_true(json_equal(first, second));
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(first, "firewall"), 0),
				    "destination_ports")),
			    "22,8000-8080");
	assert_int_equal(document_revision(again), 1);
	document_free(document);
	document_free(again);
	json_decref(first);
	json_decref(second);
	json_decref(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patches_lead_where_a_parse_leads),
		cmocka_unit_test(a_patch_costs_the_same_beside_50000_objects),
		cmocka_unit_test(an_upserted_object_keeps_its_place),
		cmocka_unit_test(a_masked_secret_is_what_is_held),
		cmocka_unit_test(the_names_of_a_patch_are_those_that_are_held),
		cmocka_unit_test(a_state_survives_its_own_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
