/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_state.h - the model's inside, for its own files. */
#ifndef WEFT_MODEL_MODEL_STATE_H
#define WEFT_MODEL_MODEL_STATE_H

#include "controller/model/model.h"

struct changes;

struct model {
	const struct model_type *const *types;
	const struct db_table **tables; /* Of the same. */
	struct db *db;
	struct model_failure failure;
	char *failed_uuid;                 /* Owned, of 'failure'. */
	const struct model_caller *caller; /* NULL: the controller itself. */
	model_ending_fn *ending;
	void *ending_data;
	struct changes *changes;
	char *authority; /* NULL: none. */
};

/* What is given, held against the table: computed and immutable fields. 'held' is the resource as
 * JSON, NULL for a new one. */
int model_check_given(const struct model_type *type, json_t *spec, const json_t *held,
		      struct err *err);

/* The rules for 'when', and that what is referred to exists. */
int model_check(const struct model_change *change, enum model_when when, struct err *err);

/* model_end(), after those who hear of the end have heard of 'answer'. */
int model_end_call(struct model *model, int ret, json_t *answer, struct err *err);

/* As the caller may see it. */
int model_shown(struct model *model, const struct model_type *type, const void *record,
		json_t **shown, struct err *err);

/* Takes back what a transaction did, without an error. */
void model_abort(struct model *model);

/* changes.c: a resource is about to be written for the first time in this transaction. */
struct changes *changes_new(void);
void changes_free(struct changes *changes);
int changes_touch(struct model *model, const struct model_type *type, const char *uuid,
		  struct err *err);
/* The transaction is about to be committed; it is; or it came to nothing. */
int changes_read(struct model *model, struct err *err);
void changes_tell(struct model *model);
void changes_forget(struct changes *changes);

/* door.c: what the caller may see, and make. -ENOENT: he does not see it. */
struct db_view model_view(const struct model *model);
int door_see(struct model *model, const struct model_type *type, const char *uuid, struct err *err);
int door_create(const struct model *model, const struct model_type *type, struct err *err);
/* Whether it is the caller's. 1: yes, 0: no. */
int door_own(struct model *model, const struct model_type *type, const char *uuid, struct err *err);
/* -EACCES if a new record is part of what is another's. */
int door_part(struct model *model, const struct model_type *type, const void *record,
	      struct err *err);
/* -EINVAL at the first reference of the record that leads to what the caller does not see; those
 * that 'was' (may be NULL) has too may stay. */
int door_named(struct model *model, const struct field *fields, const void *record, const void *was,
	       struct err *err);

/* owner.c: the actions of whatever has an owner. */
extern const struct model_action owner_actions[], share_actions[];
/* Takes the caller as owner where there is none. */
void owner_take(struct model *model, const struct model_type *type, struct resource *resource);
/* The first reference of part_of that leads somewhere; NULL: it is no part. */
const struct field *owner_part(const struct db_table *table, const void *record);
/* Whose a record is, also as part of another; the caller's, NULL: nobody's. */
int owner_of(struct model *model, const struct model_type *type, const void *record, char **owner,
	     struct err *err);

/* quota.c: -EPERM if one more of the type would be too many for the owner. */
int quota_check(struct model *model, const struct model_type *type, const void *record,
		struct err *err);

/* seed.c: what there always is: the account admin, the settings; what has no owner is admin's. */
int model_seed(struct model *model, struct err *err);

#endif
