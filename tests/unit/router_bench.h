/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router_bench.h - a router's document out of a line of text, and the machine that it is for.
 *
 * Texts are JSON with ' for ". The machine has the NICs fa:00:00:00:00:NN as ethNN, index NN. */
#ifndef WEFT_TESTS_UNIT_ROUTER_BENCH_H
#define WEFT_TESTS_UNIT_ROUTER_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/item/facts.h"
#include "vrouter/document/router.h"

/* Spec's first scenario: public 1, management 2, private 3 and 4. */
#define BENCH_INTERFACES                                                                         \
	"{'uuid':'if-pub','mac':'fa:00:00:00:00:01','role':'public','network':'l3-pub',"         \
	"'addresses':['10.108.13.216/8'],'gateway':'10.0.0.1','default_route':true,'mtu':1500}," \
	"{'uuid':'if-mgt','mac':'fa:00:00:00:00:02','role':'management','network':'l3-mgt',"     \
	"'addresses':['192.168.29.10/24'],'gateway':'192.168.29.1'},"                            \
	"{'uuid':'if-web','mac':'fa:00:00:00:00:03','role':'private','network':'l3-web',"        \
	"'addresses':['192.168.10.1/24'],'snat':true},"                                          \
	"{'uuid':'if-app','mac':'fa:00:00:00:00:04','role':'private','network':'l3-app',"        \
	"'addresses':['192.168.11.1/24'],'snat':true}"

/* A second public one. */
#define BENCH_PUBLIC_B                                                                \
	",{'uuid':'if-b','mac':'fa:00:00:00:00:05','role':'public','network':'l3-b'," \
	"'addresses':['203.0.113.16/24'],'gateway':'203.0.113.1'}"

static inline json_t *bench_json(const char *text)
{
	AUTO(free_ptr) char *copy = mem_text(text);
	json_error_t error;
	json_t *json;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s in: %s", error.text, copy);
	return json;
}

/* 'sections' are those beside router and interfaces: "'vips':[...],'eips':[...]", or "". */
static inline struct document *bench_document_of(const char *router, const char *interfaces,
						 const char *sections)
{
	AUTO(free_ptr)
	char *text = mem_format("{'router':{'uuid':'r-1'%s},'interfaces':[%s]%s%s}", router,
				interfaces, *sections ? "," : "", sections);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document = NULL;
	json_t *json = bench_json(text);

	if (document_parse(&router_document, json, &document, &err) < 0)
		fail_msg("%s: %s", err.path ? err.path : "", err_text(&err));
	json_decref(json);
	return document;
}

static inline struct document *bench_document(const char *sections)
{
	return bench_document_of("", BENCH_INTERFACES, sections);
}

/* NICs 1 to 'n'. */
static inline void bench_facts(struct facts *facts, int n)
{
	for (int i = 1; i <= n; i++) {
		struct mac mac = { { 0xfa, 0, 0, 0, 0, (uint8_t)i } };
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "eth%d", i);
		facts_add_link(facts, i, name, &mac, false);
	}
}

static inline void bench_document_free(struct document **document)
{
	document_free(*document);
}

#endif
