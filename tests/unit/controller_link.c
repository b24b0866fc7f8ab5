/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_link.c - what agents are sent: a document as patches is the document, whatever way led
 * there; tokens work once, and certificates hold as long as their generation. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/link/authority.h"
#include "controller/link/held.h"
#include "controller/model/agent.h"
#include "controller/project/project.h"

/* ---- held ----------------------------------------------------------------------------------- */

static json_t *json_of(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static void change(struct held *held, const char *document, const char *upsert, const char *remove)
{
	struct held_patch patch = { 0 };
	json_t *to = json_of(document), *wanted_upsert = upsert ? json_of(upsert) : NULL,
	       *wanted_remove = remove ? json_of(remove) : NULL;

	held_change(held, to, &patch);
	assert_true(upsert ? json_equal(patch.upsert, wanted_upsert) : !patch.upsert);
	assert_true(remove ? json_equal(patch.remove, wanted_remove) : !patch.remove);
	held_patch_clear(&patch);
	json_decref(to);
	json_decref(wanted_upsert);
	json_decref(wanted_remove);
}

static void a_patch_says_what_is_another(void **data)
{
	struct held held = HELD_NONE;

	(void)data;
	change(&held, "{\"router\": {\"uuid\": \"r\"}, \"eips\": [{\"uuid\": \"a\", \"n\": 1}]}",
	       "{\"router\": {\"uuid\": \"r\"}, \"eips\": [{\"uuid\": \"a\", \"n\": 1}]}", NULL);
	change(&held, "{\"router\": {\"uuid\": \"r\"}, \"eips\": [{\"uuid\": \"a\", \"n\": 1}]}",
	       NULL, NULL);
	change(&held,
	       "{\"router\": {\"uuid\": \"r\"}, \"eips\": [{\"uuid\": \"b\"}, {\"uuid\": \"a\", "
	       "\"n\": 2}]}",
	       "{\"eips\": [{\"uuid\": \"b\"}, {\"uuid\": \"a\", \"n\": 2}]}", NULL);
	/* One went and another came: as many as before. */
	change(&held,
	       "{\"router\": {\"uuid\": \"r\"}, \"eips\": [{\"uuid\": \"c\"}, {\"uuid\": \"b\"}]}",
	       "{\"eips\": [{\"uuid\": \"c\"}]}", "{\"eips\": [\"a\"]}");
	change(&held, "{\"router\": {\"uuid\": \"r\", \"name\": \"n\"}}",
	       "{\"router\": {\"uuid\": \"r\", \"name\": \"n\"}}", "{\"eips\": [\"b\", \"c\"]}");
	held_clear(&held);
}

static void a_digest_names_the_document_not_the_way(void **data)
{
	static const char two[] = "{\"router\": {\"uuid\": \"r\"}, \"eips\": [{\"uuid\": \"a\"}, "
				  "{\"uuid\": \"b\"}], \"vips\": []}";
	static const char other[] =
		"{\"eips\": [{\"uuid\": \"b\"}, {\"uuid\": \"a\"}], \"router\": {\"uuid\": \"r\"}}";
	struct held one = HELD_NONE, way = HELD_NONE;
	struct held_patch patch = { 0 };
	json_t *json = json_of(two);

	(void)data;
	assert_string_equal(held_digest(&one).s, "");
	held_set(&one, json);
	json_decref(json);
	json = json_of("{\"router\": {\"uuid\": \"r\", \"name\": \"x\"}, \"eips\": [{\"uuid\": "
		       "\"z\"}]}");
	held_set(&way, json);
	json_decref(json);
	assert_string_not_equal(held_digest(&one).s, held_digest(&way).s);
	json = json_of(other);
	held_change(&way, json, &patch);
	json_decref(json);
	held_patch_clear(&patch);
	assert_string_equal(held_digest(&one).s, held_digest(&way).s);
	held_clear(&one);
	held_clear(&way);
}

/* ---- tokens and certificates ---------------------------------------------------------------- */

struct bench {
	char directory[40];
	struct model *model;
	struct authority *authority;
};

static void create(struct bench *bench, const struct model_type *type, const char *text)
{
	struct err err = ERR_NONE;
	json_t *spec = json_of(text), *object = NULL;

	if (model_create(bench->model, type, spec, &object, &err) < 0)
		fail_msg("%s", err_text(&err));
	json_decref(spec);
	json_decref(object);
}

static int bench_open(void **data)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct err err = ERR_NONE;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/weft-link-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	if (model_open(bench->directory, all_types, &bench->model, &err) < 0 ||
	    authority_open(bench->directory, &bench->authority, &err) < 0)
		fail_msg("%s", err_text(&err));
	create(bench, &zone_type, "{\"uuid\": \"z\", \"name\": \"z\"}");
	create(bench, &cluster_type, "{\"uuid\": \"c\", \"name\": \"c\", \"zone\": \"z\"}");
	create(bench, &host_type,
	       "{\"uuid\": \"h\", \"name\": \"h\", \"cluster\": \"c\", \"address\": \"10.0.0.1\"}");
	*data = bench;
	return 0;
}

static int bench_close(void **data)
{
	static const char *const files[] = { "controller.db",           "controller.db-wal",
					     "controller.db-shm",       "lock",
					     "authority/authority.pem", "authority/authority.key" };
	struct bench *bench = *data;
	AUTO(free_ptr) char *folder = mem_format("%s/authority", bench->directory);

	authority_close(bench->authority);
	model_close(bench->model);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", bench->directory, files[i]);

		unlink(path);
	}
	rmdir(folder);
	rmdir(bench->directory);
	free(bench);
	return 0;
}

static char *grant(struct bench *bench, int64_t seconds)
{
	struct err err = ERR_NONE;
	int64_t expires_ms;
	char *token;

	if (model_begin(bench->model, &err) < 0 ||
	    model_end(bench->model,
		      agent_grant(bench->model, &host_type, "h", seconds, &token, &expires_ms,
				  &err),
		      &err) < 0)
		fail_msg("%s", err_text(&err));
	return token;
}

static int redeem(struct bench *bench, const char *token, char *serial)
{
	uint8_t generation[AGENT_GENERATION_BYTES];
	struct agent_name name;
	struct err err = ERR_NONE;
	int ret = model_begin(bench->model, &err);

	assert_int_equal(ret, 0);
	ret = model_end(bench->model, agent_redeem(bench->model, token, &name, generation, &err),
			&err);
	if (ret == 0) {
		assert_string_equal(name.s, "host:h");
		for (size_t i = 0; i < sizeof(generation); i++)
			snprintf(serial + 2 * i, 3, "%02X", generation[i]);
		strcat(serial, "0123456789ABCDEF");
	}
	err_clear(&err);
	return ret;
}

static int holds(struct bench *bench, const char *name, const char *serial)
{
	struct agent agent = { 0 };
	struct err err = ERR_NONE;
	int ret = agent_of(bench->model, name, serial, &agent, &err);

	model_clear(&agent_type, &agent);
	err_clear(&err);
	return ret;
}

static void a_token_works_once(void **data)
{
	struct bench *bench = *data;
	AUTO(free_ptr) char *token = grant(bench, 60);
	char serial[64], again[64];

	assert_int_equal(redeem(bench, "", serial), -EACCES);
	assert_int_equal(redeem(bench, ".", serial), -EACCES);
	assert_int_equal(redeem(bench, token, serial), 0);
	assert_int_equal(redeem(bench, token, again), -EACCES);
	assert_int_equal(holds(bench, "host:h", serial), 0);
}

static void a_token_ends_and_gives_way(void **data)
{
	struct bench *bench = *data;
	AUTO(free_ptr) char *late = grant(bench, -1);
	AUTO(free_ptr) char *first = NULL, *second = NULL;
	char serial[64];

	assert_int_equal(redeem(bench, late, serial), -EACCES);
	first = grant(bench, 60);
	second = grant(bench, 60);
	assert_int_equal(redeem(bench, first, serial), -EACCES);
	assert_int_equal(redeem(bench, second, serial), 0);
}

static void a_certificate_holds_with_its_generation(void **data)
{
	struct bench *bench = *data;
	AUTO(free_ptr) char *first = grant(bench, 60), *second = NULL;
	char old[64], new[64];
	json_t *deleted;

	assert_int_equal(redeem(bench, first, old), 0);
	second = grant(bench, 60);
	assert_int_equal(holds(bench, "host:h", old), 0); /* Until it is used. */
	assert_int_equal(redeem(bench, second, new), 0);
	assert_int_equal(holds(bench, "host:h", old), -EACCES);
	assert_int_equal(holds(bench, "host:h", new), 0);
	assert_int_equal(holds(bench, "host:h", NULL), -EACCES);
	assert_int_equal(holds(bench, "host:other", new), -EACCES);
	assert_int_equal(holds(bench, "router:h", new), -EACCES);
	assert_int_equal(holds(bench, "zone:z", new), -EACCES);
	assert_int_equal(holds(bench, "h", new), -EACCES);
	assert_int_equal(holds(bench, NULL, new), -EACCES);
	assert_int_equal(model_delete(bench->model, &host_type, "h", false, &deleted, NULL), 0);
	json_decref(deleted);
	assert_int_equal(holds(bench, "host:h", new), -EACCES);
}

static void an_authority_signs_what_is_whole(void **data)
{
	static const uint8_t generation[AGENT_GENERATION_BYTES] = { 0x41, 2, 3, 4, 5, 6, 7, 8 };
	struct bench *bench = *data;
	AUTO(free_ptr) char *request = NULL, *certificate = NULL, *none = NULL;
	AUTO(pki_forget) char *key = NULL;
	int64_t end_ms, length_ms;
	struct err err = ERR_NONE;

	assert_int_equal(pki_key_new(&key, &err), 0);
	assert_int_equal(pki_request(key, "anything", &request, &err), 0);
	assert_int_equal(authority_sign(bench->authority, request, "host:h", generation,
					sizeof(generation), 600, &certificate, &err),
			 0);
	assert_int_equal(pki_validity(certificate, &end_ms, &length_ms, &err), 0);
	assert_int_equal(length_ms, 600000);
	/* One byte of the key is another: its signature is not of that key. */
	request[strlen(request) / 2] = request[strlen(request) / 2] == 'A' ? 'B' : 'A';
	assert_int_equal(authority_sign(bench->authority, request, "host:h", generation,
					sizeof(generation), 600, &none, &err),
			 -EINVAL);
	assert_int_equal(authority_sign(bench->authority, "nothing", "host:h", generation,
					sizeof(generation), 600, &none, &err),
			 -EINVAL);
	err_clear(&err);
}

static void an_authority_is_the_same_again(void **data)
{
	struct bench *bench = *data;
	struct authority *again;
	struct err err = ERR_NONE;
	AUTO(free_ptr) char *key = mem_format("%s/authority/authority.key", bench->directory);

	assert_int_equal(authority_open(bench->directory, &again, &err), 0);
	assert_string_equal(again->fingerprint.s, bench->authority->fingerprint.s);
	authority_close(again);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(authority_open(bench->directory, &again, &err), -EBADMSG);
	err_clear(&err);
}

#define BENCH_TEST(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_patch_says_what_is_another),
		cmocka_unit_test(a_digest_names_the_document_not_the_way),
		BENCH_TEST(a_token_works_once),
		BENCH_TEST(a_token_ends_and_gives_way),
		BENCH_TEST(a_certificate_holds_with_its_generation),
		BENCH_TEST(an_authority_signs_what_is_whole),
		BENCH_TEST(an_authority_is_the_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
