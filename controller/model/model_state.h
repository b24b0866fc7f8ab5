/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_state.h - the model's inside, for its own files. */
#ifndef WEFT_MODEL_MODEL_STATE_H
#define WEFT_MODEL_MODEL_STATE_H

#include "controller/model/model.h"

struct model {
	const struct model_type *const *types;
	const struct db_table **tables; /* Of the same. */
	struct db *db;
	struct model_failure failure;
	char *failed_uuid; /* Owned, of 'failure'. */
};

/* What is given, held against the table: computed and immutable fields. 'held' is the resource as
 * JSON, NULL for a new one. */
int model_check_given(const struct model_type *type, json_t *spec, const json_t *held,
		      struct err *err);

/* The rules for 'when', and that what is referred to exists. */
int model_check(const struct model_change *change, enum model_when when, struct err *err);

int model_begin(struct model *model, struct err *err);

/* Ends the transaction by 'ret': commits at 0, else takes everything back. */
int model_end(struct model *model, int ret, struct err *err);

json_t *model_shown(const struct model_type *type, const void *record);

#endif
