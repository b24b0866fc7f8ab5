/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.h - types of resources as tables, and what can be done with a resource of any type.
 *
 * A type is one file that says its fields, rules and actions; everything here reads that. A call is
 * one transaction: it is done as a whole and on the disk when it returns 0, or changes nothing.
 *
 * Errors:
 *   -EINVAL  what was given is wrong; with the path ("spec.vlan")
 *   -ENOENT  there is no such resource; model_failure() names it
 *   -EPERM   a rule refuses; model_failure() tells which, and whose
 *   -EACCES  it is not for the caller to do
 *   others   the database cannot read or write now */
#ifndef WEFT_MODEL_MODEL_H
#define WEFT_MODEL_MODEL_H

#include <jansson.h>

#include "controller/store/db.h"

struct model;

/* First member of every type's struct. */
struct resource {
	char *uuid;
	char *name, *description; /* NULL where the type has none. */
	int64_t created_ms, changed_ms;
	char *owner; /* An account; NULL where the type has none. */
	bool shared_with_all;
	struct field_list shared_with; /* Accounts. */
};

/* Of a text that is kept as it was said, whoever said it: what is kept can be read again, from a
 * backup as well. */
#define MODEL_SAID_MAX (1 << 20)

/* The first fields of every table. */
#define RESOURCE_UUID                                                             \
	{                                                                         \
		"uuid", FIELD_UUID, offsetof(struct resource, uuid),              \
			.immutable = true,                                        \
			.doc = "Names it for ever; made up when it is not given." \
	}
#define RESOURCE_TIMES                                                              \
	{ "created_ms",     FIELD_NUMBER, offsetof(struct resource, created_ms),    \
	  .computed = true, .unit = "ms", .doc = "When it was made, since 1970." }, \
	{                                                                           \
		"changed_ms", FIELD_NUMBER, offsetof(struct resource, changed_ms),  \
			.computed = true, .unit = "ms",                             \
			.doc = "When it was changed last, since 1970."              \
	}
#define RESOURCE_DESCRIPTION                                                       \
	{                                                                          \
		"description", FIELD_TEXT, offsetof(struct resource, description), \
			.nullable = true, .max = 2048, .lines = true,              \
			.doc = "Whatever there is to say."                         \
	}
#define RESOURCE_FIELDS                                                \
	RESOURCE_UUID,                                                 \
		{ "name",                                              \
		  FIELD_TEXT,                                          \
		  offsetof(struct resource, name),                     \
		  .required = true,                                    \
		  .min = 1,                                            \
		  .max = 255,                                          \
		  .indexed = true,                                     \
		  .doc = "What people call it; need not be unique." }, \
		RESOURCE_DESCRIPTION, RESOURCE_TIMES

/* Of those types that an account can own. */
#define OWNER_FIELD                                                                      \
	{                                                                                \
		"owner", FIELD_REFERENCE, offsetof(struct resource, owner),              \
			.target = "account", .computed = true, .at_end = FIELD_FOLLOWS,  \
			.doc = "Whose it is: of whom it was made for; see change_owner." \
	}

/* Of those that its owner can lend to others as well. */
#define SHARED_FIELDS                                                                        \
	OWNER_FIELD,                                                                         \
		{ "shared_with_all", FIELD_BOOL, offsetof(struct resource, shared_with_all), \
		  .computed = true, .doc = "Whether every account may use it; see share." }, \
	{                                                                                    \
		"shared_with", FIELD_LIST, offsetof(struct resource, shared_with),           \
			.element = &account_element, .computed = true,                       \
			.doc = "The accounts that may use it; see share and recall."         \
	}
extern const struct field account_element;

/* Of those types that can be taken out of use by hand. */
enum resource_state { RESOURCE_ENABLED, RESOURCE_DISABLED };
extern const char *const resource_states[];

/* One resource as it was and as it is to be, within a transaction. */
struct model_change {
	struct model *model;
	const struct model_type *type;
	const void *was; /* NULL: it is being made. */
	void *is;        /* NULL: it is being deleted. */
};

enum model_when {
	MODEL_CREATE = 1,
	MODEL_UPDATE = 2, /* By Update or an action. */
	MODEL_DELETE = 4, /* By itself, not because of another that it follows. */
	MODEL_WRITE = MODEL_CREATE | MODEL_UPDATE,
};

/* What must hold. 'check' returns 0, -EPERM by model_refuse(), -EINVAL by model_wrong(). */
struct model_rule {
	const char *name; /* NULL ends a table. */
	const char *doc;  /* One sentence, of what holds. */
	unsigned int when;
	int (*check)(const struct model_change *change, struct err *err);
};

struct model_action {
	const char *name; /* NULL ends a table. */
	const char *doc;
	const struct field *fields; /* Its parameters; NULL: none. */
	size_t size;                /* Of their struct. */

	/* Changes 'is', and what else there is to change; rules are looked at afterwards. */
	int (*run)(const struct model_change *change, const void *parameters, struct err *err);
};

struct model_type {
	struct db_table table;
	const char *doc;                    /* One sentence: what it is. */
	bool internal;                      /* Made and changed by the controller alone. */
	bool automatic;                     /* Made by the controller alone. */
	bool by_admin;                      /* Made by admin alone. */
	bool counted;                       /* Agents count what it carries. */
	const struct model_rule *rules;     /* May be NULL. */
	const struct model_action *actions; /* May be NULL. */

	/* Fills in what is computed of a new one, before the rules; may be NULL. */
	int (*complete)(const struct model_change *change, struct err *err);
	/* It is written, or deleted: what follows for others; may be NULL. */
	int (*written)(const struct model_change *change, struct err *err);
};

/* The tables of types whose list ends with NULL, likewise; the caller's. */
const struct db_table **model_tables(const struct model_type *const *types);

/* Opens the database in 'directory' for the types, whose list ends with NULL. */
int model_open(const char *directory, const struct model_type *const *types, struct model **ret,
	       struct err *err);
void model_close(struct model *model);
const struct model_type *const *model_types(const struct model *model);
const struct model_type *model_type(const struct model *model, const char *name);

/* In whose name the next calls are made. */
struct model_caller {
	const char *account; /* Whose what is made becomes; NULL: admin. */
	bool admin;          /* Sees and may do everything. */
};

/* NULL: in the controller's own, as admin. It is borrowed until the next one. */
void model_call_for(struct model *model, const struct model_caller *caller);

/* Is called at the end of each call that changes something, within its transaction; 'answer' is
 * what it will answer with. An error takes everything back. */
typedef int model_ending_fn(void *data, json_t *answer, struct err *err);
void model_on_ending(struct model *model, model_ending_fn *ending, void *data);

/* Each stores a new reference in '*object', as it may be shown. */
int model_create(struct model *model, const struct model_type *type, json_t *spec, json_t **object,
		 struct err *err);
int model_get(struct model *model, const struct model_type *type, const char *uuid, json_t **object,
	      struct err *err);
int model_update(struct model *model, const struct model_type *type, const char *uuid, json_t *spec,
		 json_t **object, struct err *err);
int model_act(struct model *model, const struct model_type *type, const char *uuid,
	      const char *action, json_t *parameters, json_t **object, struct err *err);

/* '*deleted' becomes a list of {type, uuid, name} of all that went; the one that was named is
 * first. A dry run only tells them. */
int model_delete(struct model *model, const struct model_type *type, const char *uuid, bool dry_run,
		 json_t **deleted, struct err *err);

/* '*objects' with the fields of 'fields' alone (a list of names, which may lead through references:
 * "nic.vm.name"; NULL: all); '*total', if it is not
 * NULL, is how many there are beside start and limit. */
int model_query(struct model *model, const struct model_type *type, const struct db_query *query,
		const json_t *fields, json_t **objects, int64_t *total, struct err *err);

/* The type's table for programs: fields, actions, rules. */
json_t *model_describe(const struct model_type *type);

/* NULL: there is none. */
const struct model_action *model_action(const struct model_type *type, const char *name);

/* SHA-256 of the authority that signs agents' certificates: tokens carry it. NULL: none dial. */
void model_set_authority(struct model *model, const char *fingerprint);
const char *model_authority(const struct model *model);

/* Of the last call that failed with -ENOENT or -EPERM. */
struct model_failure {
	const char *type, *uuid; /* Whose. */
	const char *rule;        /* -EPERM alone. */
};
const struct model_failure *model_failure(const struct model *model);

/* ---- for the types' own files ---- */

char *model_uuid(void); /* A new one; the caller's. */

struct db *model_db(const struct model *model);

bool model_by_admin(const struct model *model);
/* -EACCES: it is another account's; -ENOENT: the caller does not even see it. */
int model_may_change(struct model *model, const struct model_type *type, const char *uuid,
		     struct err *err);
const char *
model_account(const struct model *model); /* The caller's; admin's for the controller. */

/* Several calls as one transaction, without a caller's rules: model_end() commits at 0, else takes
 * everything back; it returns 'ret', or the commit's error. */
int model_begin(struct model *model, struct err *err);
int model_end(struct model *model, int ret, struct err *err);

/* -EPERM, -EACCES and -EINVAL; 'field' is one of the spec's. */
int model_refuse(struct err *err, const char *format, ...) PRINTF(2, 3);
int model_forbid(struct err *err, const char *format, ...) PRINTF(2, 3);
int model_wrong(struct err *err, const char *field, const char *format, ...) PRINTF(3, 4);

/* Notes whose rule refuses where that is no row of a type's rules; returns the error's code. */
int model_rule_failed(struct model *model, const struct model_type *type, const char *uuid,
		      const char *rule, const struct err *err);

/* The same for -ENOENT of what is no resource; 'type' is kept as it is. */
int model_missing(struct model *model, const char *type, const char *uuid, const struct err *err);

/* "vip web": for a sentence. */
struct model_text {
	char s[160];
};
struct model_text model_text(const struct model_type *type, const void *record);
/* The same of who is there by this uuid. */
struct model_text model_text_of(struct model *model, const struct model_type *type,
				const char *uuid);

/* Makes, changes, deletes another resource in the same transaction. The record of a new one is
 * complete but for uuid and times; what is given stays the caller's. */
int model_add(struct model *model, const struct model_type *type, void *record, struct err *err);
int model_change(struct model *model, const struct model_type *type, void *record, struct err *err);
int model_remove(struct model *model, const struct model_type *type, const char *uuid,
		 struct err *err);

/* Writes a record as it is, without rules: what the controller itself counts or takes out. */
int model_write(struct model *model, const struct model_type *type, const void *record,
		struct err *err);

/* The resource that a reference names, to be cleared by model_clear(). */
int model_load(struct model *model, const struct model_type *type, const char *uuid, void *record,
	       struct err *err);
void model_clear(const struct model_type *type, void *record);

/* Shortens db_find(): model_find(model, &nic_type, &rows, err, "vm", uuid). */
#define model_find(model, type, rows, err, ...)                                                    \
	db_find(model_db(model), &(type)->table, (const char *const[]){ __VA_ARGS__, NULL }, rows, \
		err)

#endif
