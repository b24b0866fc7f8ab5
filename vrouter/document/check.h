/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - what an object's own fields contradict, and what it contradicts in others. */
#ifndef WEFT_VROUTER_DOCUMENT_CHECK_H
#define WEFT_VROUTER_DOCUMENT_CHECK_H

#include "vrouter/document/index.h"

int router_check(void *index, const struct document *document, const struct object *object,
		 struct err *err);

int check_interface(const struct document *document, const struct object *object, struct err *err);
int check_dhcp(const struct document *document, const struct object *object, struct err *err);
int check_route(const struct document *document, const struct object *object, struct err *err);
int check_firewall(const struct document *document, const struct object *object, struct err *err);
int check_vip(const struct document *document, const struct object *object, struct err *err);
int check_eip(const struct document *document, const struct object *object, struct err *err);
int check_port_forward(const struct document *document, const struct object *object,
		       struct err *err);
int check_load_balancer(const struct document *document, const struct object *object,
			struct err *err);
int check_certificate(const struct document *document, const struct object *object,
		      struct err *err);
int check_ipsec(const struct document *document, const struct object *object, struct err *err);

/* -EINVAL with a path within the object. */
int check_failed(struct err *err, const char *path, const char *format, ...) PRINTF(3, 4);

/* A VIP is outside: no gateway's address, nor in a network that is not public. Without a path. */
int check_vip_beside(const struct vip *vip, const struct interface *interface, struct err *err);

/* An elastic IP has its VIP for itself: is another service's VIP one's? */
int check_shared(const struct document *document, const char *vip, struct err *err);
int check_family(const struct vip *vip, const struct ip *ip, const char *path, struct err *err);

/* A guest is on a private network of the router's, and is not the router. */
int check_guest(const struct document *document, const struct ip *ip, const char *path,
		struct err *err);
bool interface_has_subnet_of(const struct interface *interface, const struct ip *ip);
bool interface_overlaps(const struct interface *interface, const struct prefix *prefix);

#endif
