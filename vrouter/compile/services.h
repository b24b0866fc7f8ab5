/* SPDX-License-Identifier: GPL-2.0-or-later */
/* services.h - what dnsmasq and HAProxy are to do, from the document. Pure.
 *
 * The kinds are described with those who read them: lib/backend/dnsmasq/dnsmasq.h, haproxy.h. */
#ifndef WEFT_VROUTER_COMPILE_SERVICES_H
#define WEFT_VROUTER_COMPILE_SERVICES_H

#include "lib/item/facts.h"
#include "lib/item/note.h"
#include "vrouter/document/router.h"

/* Of section dns and all private interfaces: changes with any of them. */
void compile_dns(const struct document *document, const struct facts *facts, struct item_set *items,
		 struct notes *notes);

/* Of one object of section dhcp, the interface of its network, and whether there is a section dns
 * with forwarders. */
void compile_dhcp(const struct document *document, const struct facts *facts,
		  const struct object *object, struct item_set *items, struct notes *notes);

/* Of one object of section load_balancers and its VIP: what HAProxy listens for and whom it asks,
 * the input filter's pass ("inet weft services"), and the connections that end with a listener. */
void compile_load_balancer(const struct document *document, const struct facts *facts,
			   const struct object *object, struct item_set *items,
			   struct notes *notes);

/* Of one object of section certificates. The item holds a digest only. */
void compile_certificate(const struct document *document, const struct facts *facts,
			 const struct object *object, struct item_set *items, struct notes *notes);

/* What that digest is of: certificate, chain and key as one PEM text. Holds the key: the caller
 * wipes it (explicit_bzero) before it frees it. */
char *certificate_bundle(const struct certificate *certificate);

#endif
