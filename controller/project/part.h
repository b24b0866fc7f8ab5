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

/* "10.0.0.5/8" */
json_t *part_prefix(const struct ip *ip, int64_t length);

/* service.c: what stands on the VIPs of a router. */
int service_project(struct model *model, const struct model_type *type, const char *router,
		    bool with_secrets, json_t *document, struct err *err);

/* guest.c: ports, VMs, security groups and flat EIPs of a host. '*used' gets the L3 networks that
 * they are on. */
int guest_project(struct model *model, const char *host, json_t *used, json_t *document,
		  struct err *err);

#endif
