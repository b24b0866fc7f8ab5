/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document.c - any bytes as a router's state and as a patch of it.
 *
 * Beside memory: what is accepted is read again from its own JSON with the same digest, and a patch
 * that is taken back leaves no trace. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect(int held)
{
	if (!held)
		abort();
}

static void check_again(const struct document *document)
{
	json_t *state = document_json(document, true);
	struct document *again;

	expect(document_parse(&router_document, state, &again, NULL) == 0);
	expect(strcmp(document_hash(document).s, document_hash(again).s) == 0);
	document_free(again);
	json_decref(state);
}

static void patch(struct document *document, json_t *input)
{
	struct document_hash before = document_hash(document);
	struct document_delta delta;

	for (int keep = 0; keep < 2; keep++) {
		if (document_patch(document, json_object_get(input, "upsert"),
				   json_object_get(input, "remove"), &delta, NULL) < 0)
			break;
		if (keep)
			document_keep(&delta);
		else
			document_take_back(&delta);
		expect(keep || strcmp(before.s, document_hash(document).s) == 0);
	}
	check_again(document);
}

/* The input is a state, or an object of "state", "upsert" and "remove". */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	json_t *input = json_loadb((const char *)bytes, size,
				   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	json_t *state = json_object_get(input, "state");
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document;

	if (!input)
		return 0;
	if (document_parse(&router_document, state ? state : input, &document, &err) == 0) {
		check_again(document);
		patch(document, input);
		document_free(document);
	} else {
		expect(err.path && err.text && err.code < 0);
	}
	json_decref(input);
	return 0;
}
