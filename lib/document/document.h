/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document.h - a desired state: sections of objects, found by uuid, changed by patches.
 *
 * The document knows its type only as tables: which sections, which fields, which checks. Objects
 * are typed structs that begin with struct object. What refers to an object is known (every field
 * of type FIELD_REFERENCE is an edge), so that a change finds what it touches. A document is always
 * whole and checked: what would break it is refused and changes nothing. */
#ifndef WEFT_DOCUMENT_DOCUMENT_H
#define WEFT_DOCUMENT_DOCUMENT_H

#include "lib/base/field.h"
#include "lib/base/map.h"

struct document;

/* First member of each section's struct. */
struct object {
	char *uuid; /* Field "uuid"; a single section's object has the section's name. */
	const struct section_type *section;
	struct map_node by_uuid;
	struct object *next, *previous; /* In the section, in the order of the document. */
	void *users;                    /* lib/document's own; see document_user(). */
};

struct section_type {
	const char *name;           /* "eips". */
	const struct field *fields; /* Offsets count from the struct's begin. */
	size_t size;
	bool single; /* An object instead of a list: "router", "dns". */
	bool required;
	bool entries;    /* Each object is an entry of another one: Status tells of that one. */
	bool derived;    /* Of no document: see document_type. */
	const char *doc; /* What it is, for the manual: a sentence or two. */
};

struct document_type {
	const char *name;                    /* "router". */
	const struct section_type *sections; /* Ended by a NULL name. */

	/* Indexes of the type's own, kept in step with the objects; all may be NULL.
	 * 'add' finds what is wrong with the object beside the others (a port twice) and says so
	 * without path ("port 80 is taken by listener ls-1"); the document puts the path. */
	void *(*index_new)(void);
	void (*index_free)(void *index);
	int (*add)(void *index, const struct document *document, const struct object *object,
		   struct err *err);
	void (*remove)(void *index, const struct document *document, const struct object *object);

	/* After all additions of a document or patch: what can only be seen then. Called for each
	 * object that was added or changed, and for every user of one that was changed. */
	int (*check)(void *index, const struct document *document, const struct object *object,
		     struct err *err);

	/* Whether what was added and removed since this was last asked may concern objects that
	 * do not refer to it: all are checked then. */
	bool (*concerns_all)(void *index);

	/* What the index makes of objects that need the same thing together, as an object that no
	 * document has: never another as long as it is there. document_find() finds it by the name
	 * of its section, which is none of 'sections'. */
	struct object *(*derived)(void *index, const char *section, const char *uuid);
};

/* A document's JSON (the "state") into a checked document. -EINVAL with path "state...." . */
int document_parse(const struct document_type *type, json_t *state, struct document **ret,
		   struct err *err);

/* The same where a secret's mask means what 'held' (may be NULL) has. */
int document_parse_over(const struct document_type *type, json_t *state,
			const struct document *held, struct document **ret, struct err *err);
struct document *document_empty(const struct document_type *type);
void document_free(struct document *document);

json_t *document_json(const struct document *document, bool with_secrets);
int64_t document_revision(const struct document *document);
void document_set_revision(struct document *document, int64_t revision);

/* A digest of the whole state (64 hex digits), kept in step with each change; the same state has
 * the same digest whatever way led there. It covers secrets: who knows all else of a document could
 * try short ones against it, as against a handshake. */
struct document_hash {
	char s[65];
};
struct document_hash document_hash(const struct document *document);

/* By uuid within a section; the sections of one document share no uuids except by accident. Of no
 * section: what the type derives. */
struct object *document_find(const struct document *document, const char *section,
			     const char *uuid);
/* The object of a single section, or NULL. */
struct object *document_single(const struct document *document, const char *section);
struct object *document_first(const struct document *document, const char *section);
size_t document_count(const struct document *document, const char *section);
void *document_index(const struct document *document);

#define section_for_each(document, section, object) \
	for ((object) = document_first(document, section); (object); (object) = (object)->next)

/* An object in a sentence: "vip vip-1". */
struct object_text {
	char s[112];
};
struct object_text object_text(const struct object *object);

/* Every object that refers to 'object' directly, in the order of their joining, each once. */
size_t document_user_count(const struct object *object);
struct object *document_user(const struct object *object, size_t i);
typedef void document_visit_fn(void *data, struct object *object);
void document_users(const struct document *document, const struct object *object,
		    document_visit_fn *visit, void *data);

/* One step of a patch. 'was' is NULL for an addition, 'is' for a removal. */
struct document_step {
	struct object *was, *is;
	size_t at; /* Its place in the list that named it. */
};

/* What a patch did, until it is kept or taken back. */
struct document_delta {
	struct document *document;
	struct document_step *steps;
	size_t n, room;
	bool whole;                     /* All of a document, not a patch. */
	size_t linked, joined, indexed; /* How far it got, for taking it back. */
	bool left;
};

#define DOCUMENT_DELTA_NONE \
	{                   \
		0           \
	}

/* Changes the document: 'upsert' maps section names to lists of objects (of a single section: the
 * object), 'remove' maps them to lists of uuids; both may be NULL. A removal of what is not there
 * is -ENOENT with its uuid in the sentence. On success the delta must be given to one of the two
 * functions below; on failure nothing is changed. An object that is upserted keeps its place. */
int document_patch(struct document *document, json_t *upsert, json_t *remove,
		   struct document_delta *delta, struct err *err);
void document_keep(struct document_delta *delta);
void document_take_back(struct document_delta *delta);

/* The uuids that a patch names and the document holds: visited before it is applied, so that what
 * they and their users meant until now can be looked at. Unknown names are passed over. */
void document_patch_names(const struct document *document, json_t *upsert, json_t *remove,
			  document_visit_fn *visit, void *data);

#endif
