/* SPDX-License-Identifier: GPL-2.0-or-later */
/* manual_file.h - a page in docs/man against what its tables say; with WEFT_UPDATE in the
 * environment the page is written instead. */
#ifndef WEFT_TESTS_UNIT_MANUAL_FILE_H
#define WEFT_TESTS_UNIT_MANUAL_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/document/manual.h"

static inline char *manual_path(const char *name)
{
	return mem_format(SOURCE_FOLDER "/docs/man/%s.5", name);
}

static inline void manual_check(const struct manual *manual, const struct document_type *type)
{
	AUTO(free_ptr) char *path = manual_path(manual->name);
	AUTO(free_ptr) char *wanted = manual_text(manual, type);
	AUTO(text_clear) struct text held = TEXT_NONE;
	bool update = getenv("WEFT_UPDATE") != NULL;
	FILE *file = fopen(path, update ? "w" : "r");
	char bytes[4096];
	size_t n;

	if (!file)
		fail_msg("%s cannot be opened", path);
	if (update)
		fputs(wanted, file);
	else
		while ((n = fread(bytes, 1, sizeof(bytes), file)))
			text_add_n(&held, bytes, n);
	fclose(file);
	if (!update && strcmp(text_view(&held), wanted))
		fail_msg("%s is not what the tables say: run this test with WEFT_UPDATE=1", path);
}

static inline void manual_check_example(const struct manual *manual,
					const struct document_type *type)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document = NULL;
	json_error_t error;
	json_t *state = json_loads(manual->example, JSON_REJECT_DUPLICATES, &error);

	if (!state)
		fail_msg("line %d: %s", error.line, error.text);
	if (document_parse(type, state, &document, &err) < 0)
		fail_msg("%s: %s", err.path, err_text(&err));
	document_free(document);
	json_decref(state);
}

/* A field without a sentence would be an empty line in the page. */
static inline void manual_check_fields(const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++) {
		if (!field->doc || !*field->doc || field->doc[strlen(field->doc) - 1] != '.')
			fail_msg("\"%s\" has no sentence", field->name);
		if (field->fields)
			manual_check_fields(field->fields);
	}
}

#endif
