/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_taken.h - whatever the model accepts, the agents take: after each change that was
 * accepted the documents are made, and decoded by what the agent of that kind decodes them with. A
 * document that is refused stops every change of its router or host. */
#ifndef WEFT_TESTS_UNIT_CONTROLLER_TAKEN_H
#define WEFT_TESTS_UNIT_CONTROLLER_TAKEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/project/project.h"
#include "lib/document/document.h"

struct bench {
	char directory[40];
	struct model *model;
};

/* One call. */
struct attempt {
	const char *method; /* "create", "update", "delete", or the name of an action. */
	const char *type, *uuid, *json; /* JSON with ' for ". */
	const char *where; /* The rule or path that refuses it; NULL: it is done, and taken. */
	const char *text;  /* In the sentence. */
};

static inline json_t *bench_json(const char *text)
{
	AUTO(free_ptr) char *quoted = mem_text(text ? text : "{}");
	json_t *json;

	for (char *at = quoted; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(quoted, 0, NULL);
	if (!json)
		fail_msg("%s", text);
	return json;
}

static inline const struct model_type *bench_type(const char *name)
{
	for (size_t i = 0; all_types[i]; i++)
		if (strcmp(all_types[i]->table.name, name) == 0)
			return all_types[i];
	fail_msg("there is no type %s", name);
	return NULL;
}

static inline int bench_call(struct bench *bench, const struct attempt *attempt, struct err *err)
{
	const struct model_type *type = bench_type(attempt->type);
	json_t *given = bench_json(attempt->json), *answer = NULL;
	int ret;

	if (strcmp(attempt->method, "create") == 0)
		ret = model_create(bench->model, type, given, &answer, err);
	else if (strcmp(attempt->method, "update") == 0)
		ret = model_update(bench->model, type, attempt->uuid, given, &answer, err);
	else if (strcmp(attempt->method, "delete") == 0)
		ret = model_delete(bench->model, type, attempt->uuid, false, &answer, err);
	else
		ret = model_act(bench->model, type, attempt->uuid, attempt->method, given, &answer,
				err);
	json_decref(given);
	json_decref(answer);
	return ret;
}

static inline void bench_made(struct bench *bench, const char *type, const char *json)
{
	struct attempt attempt = { "create", type, NULL, json, NULL, NULL };
	struct err err = ERR_NONE;

	if (bench_call(bench, &attempt, &err) < 0)
		fail_msg("%s %s: %s: %s", type, json, err.path ? err.path : "", err_text(&err));
}

static inline void bench_done(struct bench *bench, const char *action, const char *type,
			      const char *uuid, const char *json)
{
	struct attempt attempt = { action, type, uuid, json, NULL, NULL };
	struct err err = ERR_NONE;

	if (bench_call(bench, &attempt, &err) < 0)
		fail_msg("%s %s: %s", action, uuid, err_text(&err));
}

/* Two clusters of a host each; a VPC router with networks "web" 192.168.10.0/24 and "app"
 * 192.168.11.0/24, another one "m" that is managed by its public network, a flat network; guests of
 * the same names on the first host. */
static inline int bench_open(void **data)
{
	static const char *const networks[] = { "web", "app", "flat" };
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct err err = ERR_NONE;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/weft-taken-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	if (model_open(bench->directory, all_types, &bench->model, &err) < 0)
		fail_msg("%s", err_text(&err));
	bench_made(bench, "zone", "{'name': 'z', 'uuid': 'z'}");
	for (int n = 1; n <= 2; n++) {
		AUTO(free_ptr)
		char *cluster = mem_format("{'name': 'c', 'uuid': 'c%d', 'zone': 'z'}", n);
		AUTO(free_ptr)
		char *host = mem_format("{'name': 'h', 'uuid': 'h%d', 'cluster': 'c%d', 'address': "
					"'10.12.0.%d', 'devices': [{'name': 'em01', 'addresses': "
					"['10.12.0.%d/8', 'fd00::%d/64']}, {'name': 'em02'}]}",
					n, n, n, n, n);

		bench_made(bench, "cluster", cluster);
		bench_made(bench, "host", host);
	}
	bench_made(bench, "l2_network",
		   "{'name': 'l2', 'uuid': 'l2-public', 'zone': 'z', 'type': 'novlan', 'device': "
		   "'em01', 'clusters': ['c1', 'c2']}");
	bench_made(bench, "l3_network",
		   "{'name': 'public', 'uuid': 'public', 'l2_network': 'l2-public', 'category': "
		   "'public', 'start': '10.108.10.0', 'end': '10.108.255.255', 'netmask': "
		   "'255.0.0.0', 'gateway': '10.0.0.1'}");
	bench_made(bench, "l2_network",
		   "{'name': 'l2', 'uuid': 'l2-mgt', 'zone': 'z', 'type': 'vlan', 'device': "
		   "'em01', 'vlan': 29, 'clusters': ['c1', 'c2']}");
	bench_made(bench, "l3_network",
		   "{'name': 'mgt', 'uuid': 'mgt', 'l2_network': 'l2-mgt', 'category': 'system', "
		   "'cidr': '192.168.29.0/24'}");
	bench_made(bench, "router_image", "{'name': 'i', 'uuid': 'i', 'url': 'http://i'}");
	bench_made(bench, "router_offering",
		   "{'name': 'o', 'uuid': 'o', 'zone': 'z', 'cpus': 1, 'memory_mib': 512, 'image': "
		   "'i', 'management_network': 'mgt', 'public_network': 'public'}");
	bench_made(bench, "router_offering",
		   "{'name': 'm', 'uuid': 'o-m', 'zone': 'z', 'cpus': 1, 'memory_mib': 512, "
		   "'image': 'i', 'management_network': 'public', 'public_network': 'public'}");
	bench_made(bench, "vpc_router", "{'name': 'vpc', 'uuid': 'vpc', 'offering': 'o'}");
	bench_made(bench, "vpc_router", "{'name': 'm', 'uuid': 'm', 'offering': 'o-m'}");
	for (int n = 0; n < 3; n++) {
		const char *name = networks[n];
		const char *kind = n < 2 ? "'architecture': 'vpc', 'vpc_router': 'vpc'"
					 : "'architecture': 'flat'";
		AUTO(free_ptr)
		char *l2 = mem_format("{'name': 'l2', 'uuid': 'l2-%s', 'zone': 'z', 'type': "
				      "'vlan', 'device': 'em01', 'vlan': %d, 'clusters': ['c1']}",
				      name, 100 + n);
		AUTO(free_ptr)
		char *l3 = mem_format("{'name': '%s', 'uuid': '%s', 'l2_network': 'l2-%s', "
				      "'category': 'private', 'cidr': '192.168.%d.0/24', %s}",
				      name, name, name, 10 + n, kind);
		AUTO(free_ptr)
		char *vm = mem_format("{'name': '%s', 'uuid': 'vm-%s', 'cluster': 'c1', 'host': "
				      "'h1'}",
				      name, name);
		AUTO(free_ptr)
		char *nic = mem_format("{'uuid': 'nic-%s', 'vm': 'vm-%s', 'l3_network': '%s'}",
				       name, name, name);

		bench_made(bench, "l2_network", l2);
		bench_made(bench, "l3_network", l3);
		bench_made(bench, "vm", vm);
		bench_made(bench, "nic", nic);
	}
	*data = bench;
	return 0;
}

static inline int bench_close(void **data)
{
	static const char *const files[] = { "controller.db", "controller.db-wal",
					     "controller.db-shm", "lock" };
	struct bench *bench = *data;

	model_close(bench->model);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", bench->directory, files[i]);

		unlink(path);
	}
	rmdir(bench->directory);
	free(bench);
	return 0;
}

static inline void bench_is_taken(const struct document_type *kind, json_t *state,
				  const struct attempt *attempt)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document;

	if (document_parse(kind, state, &document, &err) < 0)
		fail_msg("accepted, but not taken: %s %s %s: %s: %s", attempt->method,
			 attempt->type, attempt->json, err.path, err_text(&err));
	document_free(document);
	json_decref(state);
}

/* 'taken' decodes all documents. */
static inline void bench_try(struct bench *bench, const struct attempt *attempts, size_t n,
			     void (*taken)(struct bench *bench, const struct attempt *attempt))
{
	for (size_t i = 0; i < n; i++) {
		const struct attempt *attempt = &attempts[i];
		AUTO(err_clear) struct err err = ERR_NONE;
		int ret = bench_call(bench, attempt, &err);
		const char *where = err.path;

		if (ret == -EPERM)
			where = model_failure(bench->model)->rule;
		if (ret < 0 && !attempt->where)
			fail_msg("%s %s %s: %s: %s", attempt->method, attempt->type, attempt->json,
				 where, err_text(&err));
		if (ret == 0)
			taken(bench, attempt);
		if (ret == 0 && attempt->where)
			fail_msg("accepted, and taken: %s %s %s", attempt->method, attempt->type,
				 attempt->json);
		if (!attempt->where)
			continue;
		assert_string_equal(where, attempt->where);
		if (!strstr(err_text(&err), attempt->text))
			fail_msg("no '%s' in: %s", attempt->text, err_text(&err));
	}
}

#endif
