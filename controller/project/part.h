/* SPDX-License-Identifier: GPL-2.0-or-later */
/* part.h - pieces of documents, for the projections' own files. */
#ifndef WEFT_PROJECT_PART_H
#define WEFT_PROJECT_PART_H

#include "controller/model/parts.h"
#include "controller/project/project.h"

/* The record's fields that 'names' lists, as the documents call them: "vip_ports", or "type=kind"
 * for a field "kind" that is "type" there; those without value are left out. A new reference. */
json_t *part_of(const struct model_type *type, const void *record, bool with_secrets,
		const char *const *names);

/* The list of a document's section, made when it is asked for. Borrowed. */
json_t *part_section(json_t *document, const char *section);

/* Whether the set has it already; it has it afterwards. */
bool part_seen(json_t *set, const char *uuid);

/* The limits of a VIP; a router's document names each. A new reference. */
int part_qos(struct model *model, const char *vip, bool named, json_t **ret, struct err *err);

/* The address of a NIC; the caller's. */
int part_nic_address(struct model *model, const char *nic, char **address, struct err *err);

/* A name for what is one of a kind by two texts, of 32 letters. */
json_t *part_name(const char *of, const char *what);

/* "10.0.0.5/8" */
json_t *part_prefix(const struct ip *ip, int64_t length);

/* service.c: what stands on the VIPs of a router. */
int service_project(struct model *model, const struct model_type *type, const char *router,
		    bool with_secrets, json_t *document, struct err *err);

/* guest.c: ports, VMs and flat EIPs of a host, but for those on L2 networks that do not reach it.
 */
int guest_project(struct shared *shared, const struct host *host, json_t *document,
		  struct err *err);

/* group.c: the security groups that ports are in, and those that their rules name. */
int group_project(struct shared *shared, json_t *document, struct err *err);

/* network.c: L3 networks that ports, EIPs and routers are on. */
int network_project(struct shared *shared, json_t *document, struct err *err);

/* distributed.c: routers whose work hosts do themselves. */
int distributed_project(struct shared *shared, json_t *document, struct err *err);

/* l2.c: the host itself, and the L2 networks that reach it. */
int l2_project(struct shared *shared, const struct host *host, json_t *document, struct err *err);
/* The L2 networks that reach the hosts of a cluster, as the names in an object. Borrowed. */
int l2_reached(struct shared *shared, const char *cluster, json_t **reached, struct err *err);
/* Who is in a pool: {host's uuid: VTEP}. Borrowed. */
int l2_pool(struct shared *shared, const char *pool, json_t **hosts, struct err *err);

/* shared.c: each kind of thing by its uuid, so that it is made once. */
enum shared_kind {
	SHARED_GROUPS,   /* Security groups, as they stand in documents. */
	SHARED_NETWORKS, /* L3 networks, likewise. */
	SHARED_ROUTERS,  /* VPC routers, likewise; null: it does its work itself. */
	SHARED_FACTS,    /* Of L3 networks: "l2", "router" and "flat". */
	SHARED_L2,       /* L2 networks, as they stand in documents. */
	SHARED_CLUSTERS, /* Of a cluster: a list of SHARED_L2. */
	SHARED_REACHED,  /* Of a cluster: their names, as those of an object. */
	SHARED_POOLS,    /* Of a VXLAN pool: the VTEPs in it, by the hosts' uuids. */
	N_SHARED,
};

struct shared {
	struct model *model;
	json_t *now[N_SHARED];  /* As the model has them. */
	json_t *kept[N_SHARED]; /* As they were when they were asked for last. */
	size_t n_forgotten;     /* How often, since those were looked through. */
};

/* NULL: it was not made yet. Borrowed. */
json_t *shared_find(const struct shared *shared, enum shared_kind kind, const char *uuid);
/* Takes over what was made, and returns what stands for it from now on: borrowed. */
json_t *shared_put(struct shared *shared, enum shared_kind kind, const char *uuid, json_t *made);
/* The same, made by 'make' when it is asked for. */
typedef int shared_make_fn(struct shared *shared, const char *uuid, json_t **made, struct err *err);
int shared_get(struct shared *shared, enum shared_kind kind, const char *uuid, shared_make_fn *make,
	       json_t **ret, struct err *err);

/* What is there of an L3 network: {"l2", "router" (its VPC router), "flat"}. Borrowed. */
int shared_network(struct shared *shared, const char *uuid, json_t **facts, struct err *err);

#endif
