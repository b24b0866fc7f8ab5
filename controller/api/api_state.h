/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api_state.h - the methods, for their own files. */
#ifndef WEFT_API_API_STATE_H
#define WEFT_API_API_STATE_H

#include "controller/api/api.h"

struct request {
	struct model *model;
	json_t *parameters; /* Borrowed, an object. */
	json_t *reply;      /* What the method makes. */
};

struct api_method {
	const char *name;       /* NULL ends a table. */
	const char *parameters; /* Their names, each between bars: "|type|spec|". */
	int (*run)(struct request *request, struct err *err);
};

extern const struct api_method api_methods[];

/* request.c: -EINVAL with the name of one that is none of 'names' ("|type|spec|"). */
int request_known(const struct request *request, const char *names, struct err *err);

/* Parameters, checked; an optional one that is not given is NULL, false or 0. -EINVAL
 * with the path. */
int request_text(const struct request *request, const char *name, bool required, const char **ret,
		 struct err *err);
int request_flag(const struct request *request, const char *name, bool *ret, struct err *err);
int request_number(const struct request *request, const char *name, int64_t min, int64_t max,
		   int64_t fallback, int64_t *ret, struct err *err);
/* Borrowed. */
int request_object(const struct request *request, const char *name, bool required, json_t **ret,
		   struct err *err);
int request_array(const struct request *request, const char *name, json_t **ret, struct err *err);
int request_type(const struct request *request, const struct model_type **ret, struct err *err);

/* query.c */
int query_run(struct request *request, struct err *err);

#endif
