/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document_state.h - the document's inside, for its own files. */
#ifndef WEFT_DOCUMENT_DOCUMENT_STATE_H
#define WEFT_DOCUMENT_DOCUMENT_STATE_H

#include "lib/document/document.h"

struct section {
	const struct section_type *type;
	struct map by_uuid;
	struct object *first, *last;
	size_t n;
};

struct document {
	const struct document_type *type;
	int64_t revision;
	struct section *sections; /* As the type has them. */
	size_t n_sections;
	void *index;
	uint64_t sum[4]; /* Of the digests of all objects. */
};

struct section *document_section(const struct document *document, const char *name);

/* "vip" of "vips", in a buffer of the caller's. */
struct section_kind {
	char s[40];
};
struct section_kind section_kind(const char *section);

/* Keeps document_hash() in step. */
void digest_add(struct document *document, const struct object *object);
void digest_remove(struct document *document, const struct object *object);

void users_add(struct object *object, struct object *user);
void users_remove(struct object *object, const struct object *user);
void users_free(struct object *object);

/* A new object; 'held' (may be NULL) is what its masked secrets stand for. NULL: 'err' says why. */
struct object *object_decode(const struct section_type *type, json_t *json,
			     const struct object *held, struct err *err);
void object_free(struct object *object);

/* Makes the steps that are noted in 'delta' happen; takes them back by itself on failure. */
int delta_make(struct document_delta *delta, struct err *err);
void delta_free(struct document_delta *delta, bool keep);

/* Visits the place of each reference of an object: 'where' is its path within the object. */
typedef int reference_fn(void *data, const char *section, const char *uuid, const char *where,
			 struct err *err);
int object_references(const struct object *object, reference_fn *visit, void *data,
		      struct err *err);

#endif
