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

/* Of a host, for hostnetd: all parts and lists. */
int project_host(struct model *model, const char *uuid, json_t **document, struct err *err);

/* Parts of a host's document, by what they are made from. Lists that many hosts have in common are
 * no part of them (enum list_kind). */
enum {
	HOST_GUESTS = 1,   /* vms, ports, eips: asked of the model for each host alone. */
	HOST_L2 = 2,       /* host, l2_networks. */
	HOST_ROUTERS = 4,  /* routers; of those that guests' networks and l2_networks are of. */
	HOST_NETWORKS = 8, /* l3_networks; of ports, eips and routers. */
	HOST_GROUPS = 16,  /* security_groups; of ports. */
	HOST_ALL = 31,
};

/* Lists that are the same in all documents that have them, and grow with the cloud: each is a
 * section's objects that name one uuid. */
enum list_kind {
	LIST_VTEPS,   /* vteps, of a VXLAN pool. */
	LIST_GUESTS,  /* l2_remotes, of a VXLAN network. */
	LIST_MEMBERS, /* security_group_members, of a security group. */
	N_LISTS,
};

/* The section that a list's objects stand in. */
const char *project_list_section(enum list_kind kind);

/* The lists that the document of a host needs beside its parts: those of the pools of its networks,
 * of the networks that a guest or router there is on, and of its groups. */
typedef void project_list_fn(void *data, enum list_kind kind, const char *uuid);
void project_host_lists(const json_t *document, project_list_fn *each, void *data);

/* The objects of a list; a new reference. None if what it is of is gone. */
struct shared;
int project_list(struct shared *shared, enum list_kind kind, const char *uuid, json_t **list,
		 struct err *err);

/* The sections of a part, ended by NULL. */
const char *const *project_host_sections(unsigned int part);

/* The parts that have to be made anew with these, because they follow from them. */
unsigned int project_host_following(unsigned int parts);

/* What hosts have in common is made once for all, and holds until the model changes: then it has to
 * be forgotten. What is as it was is the same object again, so that documents share it. */
struct shared *shared_new(struct model *model);
void shared_forget(struct shared *shared);
void shared_free(struct shared *shared);

/* Makes 'parts' of a host's document anew; the other sections stand in 'document', and stay. */
int project_host_parts(struct shared *shared, const char *uuid, unsigned int parts,
		       json_t *document, struct err *err);

#endif
