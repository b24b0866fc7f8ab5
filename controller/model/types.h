/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types.h - every type of resource, and its record. Each type is told of in its own file. */
#ifndef WEFT_MODEL_TYPES_H
#define WEFT_MODEL_TYPES_H

#include "controller/model/model.h"

/* All of them, ended by NULL. */
extern const struct model_type *const all_types[];

extern const struct model_type zone_type, cluster_type, host_type, l2_network_type, vxlan_pool_type,
	vxlan_pool_cluster_type, vni_range_type, l3_network_type, ip_range_type, used_address_type,
	vip_type, vip_qos_type, router_image_type, router_offering_type, router_type,
	vpc_router_type, router_nic_type, route_table_type, route_entry_type, vm_type, nic_type,
	security_group_type, security_group_rule_type, eip_type, port_forward_type,
	load_balancer_type, listener_type, certificate_type, ipsec_connection_type, account_type,
	user_type, session_type, global_setting_type, audit_type, agent_type;

enum account_kind { ACCOUNT_ADMIN, ACCOUNT_NORMAL };

/* The uuid, and the name, of the one that there always is. */
#define ADMIN_ACCOUNT "admin"

struct account {
	struct resource resource;
	int kind;
	char *password; /* Its hash. NULL: nobody logs in by it. */
	int64_t quota_vm, quota_l2_network, quota_l3_network, quota_security_group, quota_vip,
		quota_eip, quota_port_forward, quota_load_balancer, quota_listener,
		quota_vpc_router, quota_route_table, quota_certificate, quota_ipsec_connection;
};

struct user {
	struct resource resource;
	char *account;
	char *password; /* Its hash. */
};

/* Its uuid is the hash of the token. */
struct session {
	struct resource resource;
	char *account, *user;
	char *address;
};

struct global_setting {
	struct resource resource;
	char *category, *value, *fallback;
	bool basic;
};

/* Who it was, and what it was about, are texts: it outlives them. */
struct audit {
	struct resource resource;
	int64_t started_ms, finished_ms, elapsed_ms;
	char *account, *account_name, *user, *user_name, *session, *address;
	char *method, *action, *resource_type, *resource_uuid;
	char *parameters, *result, *reason, *answer;
};

/* What an agent says of an object. */
struct health {
	int state;
	char *reason;
};

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
	char *router_offering, *vpc_router;
	struct range_given first; /* Of its first range; not kept. */
	struct ip dhcp_address;
	int64_t total_addresses, used_addresses;
};

struct ip_range {
	struct resource resource;
	char *l3_network;
	struct range_given given; /* All but 'cidr' are filled in. */
	int64_t prefix_length, total_addresses;
};

enum address_use { ADDRESS_OF_VIP, ADDRESS_OF_NIC, ADDRESS_OF_ROUTER, ADDRESS_OF_DHCP };

struct used_address {
	struct resource resource;
	char *l3_network, *ip_range;
	struct ip address;
	int used_for;
	char *vip, *nic, *router_nic;
};

struct vip {
	struct resource resource;
	struct health health;
	char *network;
	struct ip address;
	bool system;
	char *own_router, *own_vpc_router; /* Of a system VIP. */
};

struct vip_qos {
	struct resource resource;
	struct health health;
	char *vip;
	int64_t port, up_mbps, down_mbps; /* 0: not given. */
};

enum router_generation { GENERATION_VROUTER, GENERATION_LEGACY };

struct router_image {
	struct resource resource;
	char *url;
	int generation, state;
};

struct router_offering {
	struct resource resource;
	char *zone;
	int64_t cpus, memory_mib;
	char *image, *management_network, *public_network;
	int state;
};

/* Of both types of router. */
struct router {
	struct resource resource;
	char *offering;
	int64_t cpus, memory_mib;
	char *l3_network; /* Of a plain one. */
	char *management_network, *public_network;
	struct field_list public_networks; /* Further ones, of uuids. */
	struct field_list dns;             /* Of struct ip; of a VPC router. */
	bool distributed_routing;
	int connection;
};

enum router_role { ROLE_MANAGEMENT, ROLE_PUBLIC, ROLE_PRIVATE };

struct router_nic {
	struct resource resource;
	char *router, *vpc_router, *l3_network;
	int role;
	int64_t device_id;
	struct mac mac;
	struct ip address;
	bool merged; /* Management as well. */
};

struct route_table {
	struct resource resource;
	struct field_list routers, vpc_routers; /* Of uuids. */
};

enum route_kind { ROUTE_STATIC, ROUTE_BLACKHOLE };

struct route_entry {
	struct resource resource;
	struct health health;
	char *route_table;
	struct prefix destination;
	int kind;
	struct ip next_hop;
	int64_t priority;
};

struct vm {
	struct resource resource;
	char *cluster, *host;
	int64_t number;             /* Of its NICs' links: vnicNUMBER.DEVICE. */
	struct field_list networks; /* Of uuids: its first NICs; not kept. */
	struct field_list nics;     /* Of struct nic, behind those; not kept. */
	int64_t count;              /* So many alike; not kept. */
	struct field_bytes user_data;
	struct field_list ssh_keys; /* Of texts. */
};

struct nic {
	struct resource resource;
	struct health health;
	char *vm, *l3_network;
	struct ip address;
	struct mac mac;
	char *hostname;
	bool is_default;
	int64_t device_id;
};

struct security_group {
	struct resource resource;
	struct field_list l3_networks, nics; /* Of uuids. */
	struct field_list rules;             /* Of struct security_group_rule; not kept. */
};

enum rule_direction { RULE_INGRESS, RULE_EGRESS };
enum rule_protocol { RULE_ALL, RULE_TCP, RULE_UDP, RULE_ICMP };
#define RULE_PORT_NONE (-2)

struct security_group_rule {
	struct resource resource;
	char *security_group;
	int direction, protocol;
	int64_t start_port, end_port;
	struct prefix cidr;
	char *source_group;
};

/* What a service stands on: a VIP that there is, or a new one. */
struct service_vip {
	char *vip;
	char *network; /* Not kept. */
	struct ip address;
};

struct eip {
	struct resource resource;
	struct health health;
	struct service_vip on;
	char *nic;
};

enum forward_protocol { FORWARD_TCP, FORWARD_UDP };

struct port_forward {
	struct resource resource;
	struct health health;
	struct service_vip on;
	int protocol;
	struct port_range vip_ports, target_ports;
	struct prefix allowed_cidr;
	char *nic;
	char *l3_network; /* Of the NIC that it was bound to last. */
};

struct load_balancer {
	struct resource resource;
	struct health health;
	struct service_vip on;
};

enum listener_protocol { LISTENER_TCP, LISTENER_HTTP, LISTENER_HTTPS };

struct listener {
	struct resource resource;
	struct health health;
	char *load_balancer;
	int protocol;
	int64_t port, target_port;
	int algorithm;
	int64_t idle_timeout_s, healthy_threshold, unhealthy_threshold, health_interval_s,
		max_connections;
	char *certificate;
	struct field_list nics; /* Of uuids. */
};

struct certificate {
	struct resource resource;
	char *certificate_pem, *chain_pem, *private_key_pem;
};

struct ipsec_connection {
	struct resource resource;
	struct health health;
	struct service_vip on;
	struct field_list local_networks; /* Of uuids. */
	struct ip remote_address;
	struct field_list remote_cidrs; /* Of struct prefix. */
	char *psk;
	int auth_mode, working_mode, transform, state;
	int64_t ike_version;
	int ike_auth, ike_encryption;
	int64_t ike_dh_group;
	int esp_auth, esp_encryption, pfs;
};

/* Of a host or a router of either type. */
struct agent {
	struct resource resource;
	char *host, *router, *vpc_router;
	char *token_digest;       /* Of the token that waits; NULL: none. */
	int64_t token_expires_ms; /* 0: none. */
	char *generation;         /* Of its certificates; NULL: it never enrolled. */
	int64_t revision;
	char *version, *failure;
};

#endif
