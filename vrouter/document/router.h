/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router.h - what is wanted of a router: the objects of its document, as structs.
 *
 * Fields, defaults and ranges are in the tables (vrouter/document/fields_*.c); the document that
 * users write is described in vrouter-document(5). */
#ifndef WEFT_VROUTER_DOCUMENT_ROUTER_H
#define WEFT_VROUTER_DOCUMENT_ROUTER_H

#include "lib/document/document.h"

extern const struct document_type router_document;

#define SECTION_ROUTER         "router"
#define SECTION_INTERFACES     "interfaces"
#define SECTION_DNS            "dns"
#define SECTION_DHCP           "dhcp"
#define SECTION_VIPS           "vips"
#define SECTION_EIPS           "eips"
#define SECTION_PORT_FORWARDS  "port_forwards"
#define SECTION_LOAD_BALANCERS "load_balancers"
#define SECTION_CERTIFICATES   "certificates"
#define SECTION_IPSEC          "ipsec"
#define SECTION_ROUTES         "routes"
#define SECTION_FIREWALL       "firewall"
#define SECTION_HA             "ha"

enum private_default { PRIVATE_REJECT, PRIVATE_ACCEPT };

struct router {
	struct object object;
	char *name;
	bool distributed_routing;
	int private_default; /* Whether private clients may use services on the router's VIPs. */
};

enum interface_role { ROLE_PUBLIC, ROLE_MANAGEMENT, ROLE_PRIVATE };

struct interface {
	struct object object;
	struct mac mac;
	int role;
	char *network;               /* Uuid of the L3 network; vips and dhcp name it. */
	char *name;                  /* The link is renamed to this; NULL: it keeps its name. */
	struct field_list addresses; /* struct prefix, host bits set. */
	struct ip gateway;
	bool default_route; /* One public interface at most. */
	int64_t mtu;        /* 0: left as it is. */
	bool snat;          /* Private: sources are translated on their way out. */
};

struct dns {
	struct object object;
	struct field_list forwarders; /* struct ip, asked in this order. */
};

struct dhcp_host {
	struct mac mac;
	struct ip address;
	char *hostname;
};

struct dhcp {
	struct object object;
	char *network;           /* Of a private interface. */
	struct field_list hosts; /* struct dhcp_host. */
	int64_t lease_s;         /* 86400. */
	struct field_list dns;   /* struct ip; none: the router's own address. */
	char *domain;
};

struct vip_qos {
	char *uuid;
	struct port_range port;     /* First 0: all that has no rule of its own. */
	int64_t up_mbps, down_mbps; /* 0: no limit. */
};

struct vip {
	struct object object;
	struct ip address;
	char *network;              /* Of a public interface. */
	bool system;                /* The router's own public address. */
	struct field_list qos;      /* struct vip_qos. */
	struct map_node by_address; /* The document's own. */
};

struct eip {
	struct object object;
	char *vip;
	struct ip target;
	struct map_node by_target; /* The document's own: the first of a target is in a map, */
	struct eip *next;          /* the others behind it, in the order of their uuids. */
};

enum protocol { PROTOCOL_TCP, PROTOCOL_UDP };

struct port_forward {
	struct object object;
	char *vip;
	int protocol;
	struct port_range vip_ports;
	struct ip target;
	struct port_range target_ports; /* As long as vip_ports; not given: the same. */
	struct prefix allowed_cidr;     /* Family 0: everyone. */
};

enum listener_protocol { LISTENER_TCP, LISTENER_HTTP, LISTENER_HTTPS };
enum listener_algorithm { ALGORITHM_ROUNDROBIN, ALGORITHM_LEASTCONN, ALGORITHM_SOURCE };

struct member {
	char *uuid;
	struct ip address;
	int64_t weight; /* 0-256, 100. */
};

struct listener {
	char *uuid;
	int protocol;
	int64_t port, target_port;
	int algorithm;
	int64_t idle_timeout_s, healthy_threshold, unhealthy_threshold, health_interval_s;
	int64_t max_connections;
	char *certificate;              /* HTTPS: of section certificates; NULL: inactive. */
	struct field_list certificates; /* char *: more, chosen by server name (SNI). */
	struct field_list members;      /* struct member. */
};

struct load_balancer {
	struct object object;
	char *vip;
	struct field_list listeners; /* struct listener. */
};

struct certificate {
	struct object object;
	char *certificate_pem, *chain_pem;
	char *private_key_pem; /* Secret. */
};

/* The certificates as a server sends them, PEM: the key's own first, then each one's issuer, in
 * whatever order they were given; what belongs to no chain comes last. The caller's. */
char *certificate_ordered(const struct certificate *certificate);

enum ipsec_hash { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512 };
enum ipsec_cipher { CIPHER_3DES, CIPHER_AES128, CIPHER_AES192, CIPHER_AES256 };
enum ipsec_mode { IPSEC_PSK };

struct ipsec {
	struct object object;
	char *vip;
	struct field_list local_cidrs; /* struct prefix. */
	struct ip remote_address;
	struct field_list remote_cidrs; /* struct prefix. */
	struct {
		int mode;
		char *psk; /* Secret. */
	} auth;
	int64_t ike_version; /* 1 (main mode) or 2. */
	struct {
		int auth, encryption;
		int64_t dh_group; /* 2, 5, 14-21. */
	} ike;
	struct {
		int auth, encryption;
		int pfs; /* Index into ipsec_pfs_choices: "disabled", "dh-group2", ... */
	} esp;
};

extern const char *const ipsec_pfs_choices[];
int ipsec_pfs_group(int choice); /* 0: disabled. */

enum route_type { ROUTE_STATIC, ROUTE_BLACKHOLE };

struct route {
	struct object object;
	struct prefix destination;
	int type;
	struct ip next_hop;
	int64_t priority; /* 1-254, 128; larger is less preferred. */
};

enum firewall_direction { FIREWALL_IN, FIREWALL_OUT };
enum firewall_action { FIREWALL_ACCEPT, FIREWALL_DROP, FIREWALL_REJECT };
enum firewall_protocol { FIREWALL_ALL, FIREWALL_TCP, FIREWALL_UDP, FIREWALL_ICMP };

struct firewall_rule {
	struct object object;
	char *interface; /* Reference. */
	int direction;
	int64_t priority; /* 1-9999; rules of one interface and direction in this order. */
	int action, protocol;
	struct prefix source, destination; /* Family 0: any. */
	struct field_list source_ports,
		destination_ports; /* struct port_range, of "22,8000-8080". */
	struct field_list states;  /* int: new, established, related, invalid; none: any. */
};

/* Typed ways into the document. All return NULL where there is none. */
const struct router *router_of(const struct document *document);
const struct dns *router_dns(const struct document *document);
const struct vip *router_vip(const struct document *document, const char *uuid);
/* The interface of a network; of several, the first in the document. */
const struct interface *router_network(const struct document *document, const char *network);
/* The private interface on whose network 'ip' is. */
const struct interface *router_interface_of(const struct document *document, const struct ip *ip);
const struct prefix *interface_address(const struct interface *interface, size_t i);
/* The interface that has the default route: marked, or the first public one with a gateway. */
const struct interface *router_default_interface(const struct document *document);
/* The interface of any role that has this address itself. */
const struct interface *router_own_address(const struct document *document, const struct ip *ip);
/* The VIP with this address, or NULL. */
const struct vip *router_vip_at(const struct document *document, const struct ip *address);
/* The n-th elastic IP of a target in the order of their uuids, or NULL. */
const struct eip *router_eip_of(const struct document *document, const struct ip *target, size_t n);

#endif
