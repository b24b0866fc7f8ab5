/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audience.h - what a change of the model is to somebody who looks at some of its types.
 *
 * What comes into one's sight is created for him, what goes out of it is deleted: because it was
 * made or is gone, was given to another account, shared or recalled. Parts go with their whole, and
 * what shows a reference to it is changed. */
#ifndef WEFT_MODEL_AUDIENCE_H
#define WEFT_MODEL_AUDIENCE_H

#include "controller/model/changes.h"

enum sight { SIGHT_CREATED, SIGHT_CHANGED, SIGHT_DELETED };
extern const char *const sight_names[];

/* 'object' is borrowed, as Get shows it; NULL of what is deleted. */
typedef void sight_fn(enum sight sight, const struct model_type *type, const char *uuid,
		      json_t *object, void *data);

struct audience {
	struct model *model;
	const struct model_caller *caller;
	const struct model_type *const *types; /* NULL ends them. */
	sight_fn *tell;
	void *data;
};

/* From within a model_changed_fn. Less than 0: the model could not be read, and not everything was
 * told. */
int audience_tell(const struct audience *audience, const struct model_event *events, size_t n,
		  struct err *err);

/* Tells up to 'n' objects of a type that are there, in the order of their uuids, from the one
 * after 'after' (NULL: the first), as SIGHT_CREATED. Returns how many. */
int audience_show(const struct audience *audience, const struct model_type *type, const char *after,
		  int n, struct err *err);

#endif
