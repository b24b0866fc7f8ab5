/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts.h - what several types have in common. */
#ifndef WEFT_MODEL_PARTS_H
#define WEFT_MODEL_PARTS_H

#include "controller/model/types.h"

/* state.c: the actions enable and disable, of a type with a field "state". */
#define STATE_FIELD(type)                                                                    \
	{                                                                                    \
		"state", FIELD_CHOICE, offsetof(type, state),                                \
			.choices = resource_states, .computed = true,                        \
			.fallback = RESOURCE_ENABLED,                                        \
			.doc = "Whether it is used for what is new; see enable and disable." \
	}
int state_enable(const struct model_change *change, const void *parameters, struct err *err);
int state_disable(const struct model_change *change, const void *parameters, struct err *err);
#define STATE_ENABLE                                                 \
	{                                                            \
		"enable", "It is used again.", NULL, 0, state_enable \
	}

/* Disables every resource of 'type' whose 'field' is 'uuid', and what is below it. */
int state_disable_all(struct model *model, const struct model_type *type, const char *field,
		      const char *uuid, struct err *err);

/* uuids.c: a list of references. */
bool uuids_have(const struct field_list *list, const char *uuid);
void uuids_add(struct field_list *list, const char *uuid);
bool uuids_remove(struct field_list *list, const char *uuid); /* Whether it was there. */

/* The parameters of attach_cluster and detach_cluster. */
struct cluster_parameters {
	char *cluster;
	struct prefix vtep_cidr;
};

/* host.c: a host of 'cluster' that lacks the device, or has no address within 'cidr'; -EPERM names
 * it. */
int hosts_have_device(struct model *model, const char *cluster, const char *device,
		      struct err *err);
int hosts_have_address(struct model *model, const char *cluster, const struct prefix *cidr,
		       struct err *err);

/* cluster.c: -EPERM unless the cluster is in the zone. */
int cluster_in_zone(struct model *model, const char *cluster, const char *zone, struct err *err);

/* vxlan_pool.c: fills '*vni' with a free one of the pool, or holds what it is against the pool. */
int vni_take(struct model *model, const char *pool, int64_t *vni, struct err *err);

/* The same file: -EPERM if a cluster that carries the pool carries the VNI of another one. */
int vni_apart(struct model *model, const char *pool, int64_t vni, struct err *err);

/* address.c: fills '*address' with a free one of the network, or holds what it is against it. The
 * name of the field is for the error. */
int address_take(struct model *model, const char *network, struct ip *address, const char *field,
		 struct err *err);
/* Writes down that it is used; 'use' is complete but for its range. */
int address_use(struct model *model, struct used_address *use, struct err *err);

/* l3_network.c: counts addresses that came and went. */
int l3_count(struct model *model, const char *network, int64_t total, int64_t used,
	     struct err *err);

/* ip_range.c: 1: the subnets of two networks overlap or have the same gateway, 0: they do not. */
int networks_overlap(struct model *model, const char *a, const char *b, struct err *err);
/* -EPERM if the network's subnet overlaps that of another network that the router, of either type,
 * has a NIC on; the second one: of its VPC router. */
int network_apart_of(struct model *model, const struct model_type *type, const char *router,
		     const char *network, struct err *err);
int network_apart_on_router(struct model *model, const struct l3_network *network, struct err *err);

/* router_nic.c: its router, of either type, from the network and role that are given; of the device
 * -1: the next one. What is given stays the caller's. */
int router_nic_add(struct model *model, const struct model_type *type, const char *router,
		   struct router_nic *nic, struct err *err);
int router_nic_remove(struct model *model, const struct model_type *type, const char *router,
		      const char *network, struct err *err);
/* A MAC address that nobody has: begins with fa, ends with the device's number. */
int mac_take(struct model *model, int64_t device_id, struct mac *mac, struct err *err);
/* -EPERM while the network has no range. */
int network_gateway(struct model *model, const char *network, struct ip *gateway,
		    int64_t *prefix_length, struct err *err);

/* nic.c: of a struct nic that is given with its guest, and what makes it. */
extern const struct field given_nic_fields[];
int nic_add_given(struct model *model, const char *vm, const struct nic *given, struct err *err);

/* security_group_rule.c: of a struct security_group_rule that is given with its group. */
extern const struct field given_rule_fields[];

/* security_group.c: the parameter of bind_nic and unbind_nic, and what they do with a list. */
extern const struct field nic_parameters[];
int bind_to_list(struct field_list *nics, const void *parameters);
int unbind_from_list(struct field_list *nics, const void *parameters, struct err *err);

/* ip_range.c: the fields of a range that is given, at 'at' of their struct. */
#define RANGE_FIELDS(type, at, ...)                                                               \
	{ "cidr", FIELD_PREFIX, offsetof(type, at.cidr), __VA_ARGS__,                             \
	  .doc = "The whole subnet; its first address is the gateway." },                         \
		{ "start", FIELD_IP, offsetof(type, at.start), __VA_ARGS__,                       \
		  .doc = "First address, where there is no cidr." },                              \
		{ "end", FIELD_IP, offsetof(type, at.end), __VA_ARGS__, .doc = "Last address." }, \
		{ "netmask", FIELD_IP, offsetof(type, at.netmask), __VA_ARGS__,                   \
		  .doc = "Of the subnet." },                                                      \
	{                                                                                         \
		"gateway", FIELD_IP, offsetof(type, at.gateway), __VA_ARGS__,                     \
			.doc = "In the subnet; may be outside of the range."                      \
	}

/* IPv4 addresses as numbers. */
uint32_t ip_number(const struct ip *ip);
struct ip ip_of_number(uint32_t number);

#endif
