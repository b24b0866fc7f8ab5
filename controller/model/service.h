/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h - what stands on a VIP, and which router does its work. */
#ifndef WEFT_MODEL_SERVICE_H
#define WEFT_MODEL_SERVICE_H

#include "controller/model/parts.h"

enum { SERVICE_EIP = 1, SERVICE_FORWARD = 2, SERVICE_BALANCE = 4, SERVICE_IPSEC = 8 };

/* The fields of a struct service_vip at 'on' of the type's struct. */
#define SERVICE_VIP_FIELDS(type, is_unique)                                                  \
	{ "vip",                                                                             \
	  FIELD_REFERENCE,                                                                   \
	  offsetof(type, on.vip),                                                            \
	  .target = "vip",                                                                   \
	  .immutable = true,                                                                 \
	  .unique = is_unique,                                                               \
	  .at_end = FIELD_FOLLOWS,                                                           \
	  .doc = "What it stands on; a new one of 'network' when it is not given." },        \
		{ "network",                                                                 \
		  FIELD_REFERENCE,                                                           \
		  offsetof(type, on.network),                                                \
		  .target = "l3_network",                                                    \
		  .transient = true,                                                         \
		  .doc = "Of a new VIP: the public network." },                              \
	{                                                                                    \
		"address", FIELD_IP, offsetof(type, on.address),                             \
			.transient = true,                                                   \
			.doc = "Of a new VIP: its address; a free one when it is not given." \
	}

/* Makes the VIP if a new one is wanted. */
int service_complete(const struct model_change *change, struct service_vip *on, struct err *err);

/* Which kinds of services but 'except' stand on the VIP. Negative: an error. */
int vip_services(struct model *model, const char *vip, const char *except, struct err *err);

/* A router of either type; 'type' NULL: none. */
struct router_place {
	const struct model_type *type;
	char uuid[65];
};

/* Who routes the network, and who the VIP is served by already. */
int network_router(struct model *model, const char *network, struct router_place *place,
		   struct err *err);
int vip_router(struct model *model, const char *vip, const char *except, struct router_place *place,
	       struct err *err);

/* 1: guests of both networks may stand behind one service, as they are one network or on one VPC
 * router. 0: they may not. Negative: an error. */
int networks_together(struct model *model, const char *one, const char *other, struct err *err);

/* -EPERM unless the service 'uuid' on 'vip', with a NIC or subnet on 'network', is on one router
 * with all others on the VIP, and the router has the VIP's network. */
int service_on_router(struct model *model, const char *vip, const char *uuid, const char *network,
		      struct err *err);

/* -EPERM if a port of the VIP is another service's: of a forward, or of a listener. */
enum { VIP_TCP, VIP_UDP, VIP_LISTENS };
int vip_ports_free(struct model *model, const char *vip, const char *except, int protocol,
		   const struct port_range *ports, struct err *err);

/* -EPERM if TCP 22 is among the ports of a VIP by which its router is managed: one that has no NIC
 * on a management network. */
int vip_management(struct model *model, const char *vip, const struct port_range *ports,
		   struct err *err);
#define VIP_MANAGEMENT_DOC \
	"TCP 22 of a router's own VIP is for management, where that has no network of its own."

/* -EPERM if an EIP stands on it: it shares with nothing. */
int vip_shared(struct model *model, const char *vip, const char *except, struct err *err);

#endif
