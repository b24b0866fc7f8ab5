/* SPDX-License-Identifier: GPL-2.0-or-later */
/* project.h - the model as documents: what the agent of a router, or of a host, has to make true.
 *
 * A document is a function of the model alone: the same model gives the same document. Nothing is
 * written. Errors are those of the model; what a document leaves out, because the model does not
 * have it yet (an EIP without NIC), is no error. */
#ifndef WEFT_PROJECT_PROJECT_H
#define WEFT_PROJECT_PROJECT_H

#include "controller/model/types.h"

/* Of a router of either type, for vrouterd; a new reference. Without secrets there are masks in
 * their place, for people to look at. */
int project_router(struct model *model, const struct model_type *type, const char *uuid,
		   bool with_secrets, json_t **document, struct err *err);

/* Of a host, for hostnetd. */
int project_host(struct model *model, const char *uuid, json_t **document, struct err *err);

#endif
