/* SPDX-License-Identifier: GPL-2.0-or-later */
/* services.h - what dnsmasq and HAProxy are to do, from the document. Pure.
 *
 * The kinds are described with those who read them: vrouter/service/dnsmasq.h, haproxy.h. */
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

#endif
