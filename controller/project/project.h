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

/* Parts of a host's document, by what they are made from. */
enum {
	HOST_GUESTS = 1,   /* vms, ports, eips: asked of the model for each host alone. */
	HOST_L2 = 2,       /* host, l2_networks. */
	HOST_ROUTERS = 4,  /* routers; of those that guests' networks and l2_networks are of. */
	HOST_NETWORKS = 8, /* l3_networks; of ports, eips and routers. */
	HOST_GROUPS = 16,  /* security_groups; of ports. */
	HOST_ALL = 31,
};

/* The sections of a part, ended by NULL. */
const char *const *project_host_sections(unsigned int part);

/* The parts that have to be made anew with these, because they follow from them. */
unsigned int project_host_following(unsigned int parts);

/* What hosts have in common is made once for all; it holds until the model changes. */
struct shared;
struct shared *shared_new(struct model *model);
void shared_free(struct shared *shared);

/* Makes 'parts' of a host's document anew; the other sections stand in 'document', and stay. With
 * 'l2_networks' (a set of uuids; NULL: all) only these are made anew, where the document has the
 * others. */
int project_host_parts(struct shared *shared, const char *uuid, unsigned int parts,
		       const json_t *l2_networks, json_t *document, struct err *err);

#endif
