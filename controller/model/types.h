/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types.h - every type of resource, and its record. Each type is told of in its own file. */
#ifndef WEFT_MODEL_TYPES_H
#define WEFT_MODEL_TYPES_H

#include "controller/model/model.h"

/* All of them, ended by NULL. */
extern const struct model_type *const all_types[];

extern const struct model_type zone_type, cluster_type, host_type, l2_network_type, vxlan_pool_type,
	vxlan_pool_cluster_type, vni_range_type, l3_network_type, ip_range_type, used_address_type,
	vip_type;

struct zone {
	struct resource resource;
	int state;
};

struct cluster {
	struct resource resource;
	char *zone;
	struct prefix vdi_network, migration_network;
	char *cpu_model;
	int hypervisor, state;
};

/* A link of a host, with what addresses it has. */
struct host_device {
	char *name;
	struct field_list addresses; /* Of struct prefix. */
};

struct host {
	struct resource resource;
	char *cluster;
	struct ip address;
	struct field_list devices; /* Of struct host_device. */
	int state, connection;
};

enum l2_kind { L2_NOVLAN, L2_VLAN, L2_VXLAN };

struct l2_network {
	struct resource resource;
	char *zone;
	int kind;
	char *device;
	int64_t vlan; /* 0: none. */
	char *vxlan_pool;
	int64_t vni;                /* 0: none. */
	struct field_list clusters; /* Of uuids. */
};

struct vxlan_pool {
	struct resource resource;
	char *zone;
	int64_t start_vni, end_vni; /* Of its first range; not kept. */
};

struct vni_range {
	struct resource resource;
	char *vxlan_pool;
	int64_t start_vni, end_vni;
};

struct vxlan_pool_cluster {
	struct resource resource;
	char *vxlan_pool, *cluster;
	struct prefix vtep_cidr;
};

enum l3_category { L3_PUBLIC, L3_SYSTEM, L3_PRIVATE };
enum l3_architecture { L3_NONE = -1, L3_FLAT, L3_VROUTER, L3_VPC };

/* How a range of addresses may be given: by its CIDR, or by the other four. */
struct range_given {
	struct prefix cidr;
	struct ip start, end, netmask, gateway;
};

struct l3_network {
	struct resource resource;
	char *l2_network;
	int category, architecture;
	bool dhcp;
	struct field_list dns; /* Of struct ip. */
	int64_t mtu;
	struct range_given first; /* Of its first range; not kept. */
	int64_t total_addresses, used_addresses;
};

struct ip_range {
	struct resource resource;
	char *l3_network;
	struct range_given given; /* All but 'cidr' are filled in. */
	int64_t prefix_length, total_addresses;
};

enum address_use { ADDRESS_OF_VIP };

struct used_address {
	struct resource resource;
	char *l3_network, *ip_range;
	struct ip address;
	int used_for;
	char *vip;
};

struct vip {
	struct resource resource;
	char *network;
	struct ip address;
	bool system;
};

#endif
