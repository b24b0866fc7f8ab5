/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.h - what is wanted of a host: the objects of its document, as structs.
 *
 * Fields, defaults and ranges are in the tables (hostnet/document/fields_*.c); the document that
 * users write is described in hostnet-document(5). */
#ifndef WEFT_HOSTNET_DOCUMENT_HOST_H
#define WEFT_HOSTNET_DOCUMENT_HOST_H

#include "lib/document/document.h"

extern const struct document_type host_document;

#define SECTION_HOST            "host"
#define SECTION_L2_NETWORKS     "l2_networks"
#define SECTION_L3_NETWORKS     "l3_networks"
#define SECTION_PORTS           "ports"
#define SECTION_VMS             "vms"
#define SECTION_SECURITY_GROUPS "security_groups"
#define SECTION_EIPS            "eips"
#define SECTION_ROUTERS         "routers"
#define SECTION_VTEPS           "vteps"
#define SECTION_L2_REMOTES      "l2_remotes"
#define SECTION_GROUP_MEMBERS   "security_group_members"
/* Of no document: struct combination. */
#define SECTION_COMBINATIONS "security_group_combinations"

struct host {
	struct object object;
	char *name;
	struct ip vtep; /* Family 0: this host has no VXLAN network. */
};

enum l2_type { L2_NOVLAN, L2_VLAN, L2_VXLAN };

/* A guest elsewhere on a VXLAN network. */
struct l2_remote {
	struct mac mac;
	struct ip address; /* Family 0: only its MAC is known. */
	struct ip vtep;    /* Of the host that it is on. */
};

struct l2_network {
	struct object object;
	int type;
	char *device;             /* The host's link below; NULL for VXLAN. */
	int64_t vlan;             /* 1-4094; 0: none. */
	int64_t vni;              /* 1-16777214; 0: none. */
	int64_t mtu;              /* 0: as the device has it; VXLAN: the device's less 50. */
	char *pool;               /* Whose VTEPs flooded frames are sent to; NULL: peers'. */
	struct field_list peers;  /* struct ip: VTEPs that flooded frames are sent to. */
	struct field_list remote; /* struct l2_remote. */
	uint16_t zone;            /* Of its tracked connections; the document's own. */
};

/* One of the VTEPs of a pool, this host's own among them. */
struct vtep {
	struct object object;
	char *pool;
	struct ip address;
};

/* A guest of a VXLAN network, wherever it is: struct l2_remote as an object of its own. */
struct l2_guest {
	struct object object;
	char *l2; /* Reference. */
	struct l2_remote at;
};

struct l3_network {
	struct object object;
	char *l2;              /* Reference. */
	struct prefix cidr;    /* Host bits as they were given. */
	struct ip gateway;     /* Family 0: none. */
	int64_t mtu;           /* Told to guests; 0: nothing is told. */
	struct field_list dns; /* struct ip: told to guests on their default port. */
	char *domain;
	struct {
		bool enabled;
		struct ip server; /* The responder's address, the same on every host. */
		int64_t lease_s;
	} dhcp;
	bool user_data;
};

struct port_address {
	char *l3; /* Reference. */
	struct ip address;
};

/* Groups that one port or several are in together; the document makes it of these. */
struct combination {
	struct object object; /* Named by its groups, with commas. */
	char **groups;        /* In the order of their names, each once. */
	size_t n;
	uint32_t number; /* No other's; 0 is nobody's. */
	size_t ports;
	struct map_node by_number;
};

/* A guest's NIC. */
struct port {
	struct object object;
	char *device; /* The host's end; may not be there yet. */
	char *l2;     /* Reference. */
	struct mac mac;
	char *vm; /* Reference; NULL: of no VM that is known. */
	char *hostname;
	struct field_list addresses; /* struct port_address. */
	bool is_default;             /* Its gateway and DNS are the guest's. */
	bool anti_spoofing;
	struct field_list security_groups; /* char *: references. */
	struct combination *combination;   /* The document's own, of these; NULL: there are none. */
	struct {
		int64_t up_kbps, down_kbps; /* 0: no limit. Up: away from the guest. */
	} qos;
	struct map_node by_device; /* The document's own. */
};

struct vm {
	struct object object;
	char *name;
	struct field_bytes user_data;
	struct field_list ssh_keys; /* char *. */
};

enum rule_direction { RULE_INGRESS, RULE_EGRESS }; /* As the guest sees it. */
enum rule_protocol { RULE_ALL, RULE_TCP, RULE_UDP, RULE_ICMP };

struct group_rule {
	char *uuid;
	int direction, protocol;
	struct port_range ports; /* First 0: all. TCP and UDP only. */
	char *peer_group;        /* Reference; NULL: any. */
	struct prefix peer_cidr; /* Family 0: any. With peer_group: those that are in both. */
};

struct security_group {
	struct object object;
	struct field_list members; /* struct ip: of the whole cloud. */
	struct field_list rules;   /* struct group_rule. */
};

/* A member of a group, as an object of its own. */
struct group_member {
	struct object object;
	char *group; /* Reference. */
	struct ip address;
};

/* Whether it has egress rules of its own: only what they, or those of its ports' other groups,
 * allow goes out. */
bool group_is_strict(const struct security_group *group);
/* The first of its groups that is, or NULL: all goes out. */
const struct security_group *combination_strict(const struct document *document,
						const struct combination *combination);

struct host_eip_qos {
	struct port_range port;     /* First 0: all that has no rule of its own. One port. */
	int64_t up_mbps, down_mbps; /* 0: no limit. */
	uint16_t minor;             /* The document's own: of its classes, on any link. */
};

struct host_eip {
	struct object object;
	struct ip address;
	char *l3;              /* Reference: the public network. */
	char *port;            /* Reference. */
	struct ip target;      /* One of the port's addresses. */
	struct field_list qos; /* struct host_eip_qos. */
};

struct host_router_interface {
	char *l3; /* Reference. */
	struct ip address;
	struct mac mac; /* The router's own there; all zeroes: the gateway's. */
};

/* A VPC router whose distributed routing is on. */
struct host_router {
	struct object object;
	struct mac gateway_mac;
	struct field_list interfaces; /* struct host_router_interface. */
};

/* Typed ways into the document. All return NULL where there is none. */
const struct host *host_of(const struct document *document);
const struct l2_network *host_l2(const struct document *document, const char *uuid);
const struct l3_network *host_l3(const struct document *document, const char *uuid);
const struct port *host_port(const struct document *document, const char *uuid);
const struct vm *host_vm(const struct document *document, const char *uuid);
const struct security_group *host_group(const struct document *document, const char *uuid);
/* The port with this name of its host's end. */
const struct port *host_port_of_device(const struct document *document, const char *device);
/* The port that has this address in the L3 network. */
const struct port *host_port_of_address(const struct document *document, const char *l3,
					const struct ip *address);
/* Visits all combinations of groups that ports are in. */
void host_combinations(const struct document *document, document_visit_fn *visit, void *data);
const struct port_address *port_address(const struct port *port, size_t i);

/* entry.c: lists that stand within their object, or as objects of their own. */
bool host_has_member(const struct document *document, const struct security_group *group,
		     const struct ip *address);
/* Who has this address in the VXLAN network on another host. */
const struct l2_remote *host_remote(const struct document *document, const struct l2_network *l2,
				    const struct ip *address);
size_t host_peer_count(const struct document *document, const struct l2_network *l2);
/* Whether it is this host's own end of tunnels. */
bool host_is_own_vtep(const struct document *document, const struct ip *vtep);

/* A digest for names of links and the like: the same in every process and on every host. */
uint64_t link_digest(const char *text);

#endif
