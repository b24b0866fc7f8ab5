/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qos.h - which class of traffic control each limit of a VIP has.
 *
 * A class has a number of 16 bits, which must be the same after a restart and must not change with
 * other limits that come and go. It is where the limit stands in an ordered hash table (Amble and
 * Knuth, 1974): what stands where depends on what is in the table, not on how it came there, and
 * with one that comes or goes only few others move, those behind it in its cluster. */
#ifndef WEFT_VROUTER_DOCUMENT_QOS_H
#define WEFT_VROUTER_DOCUMENT_QOS_H

#include "vrouter/document/router.h"

#define QOS_LIMITS_MAX 50000

struct qos_network;

struct qos_index {
	uint64_t *slots; /* A limit's name, or 0. NULL until there is one. */
	size_t n;
	struct qos_network *networks;
	size_t n_networks, networks_room;
};

void qos_index_clear(struct qos_index *index);

/* -EINVAL with path "qos" if there are too many. */
int qos_index_add(struct qos_index *index, const struct vip *vip, struct err *err);
void qos_index_remove(struct qos_index *index, const struct vip *vip);

/* The class's minor number: 1 to 0xfffe, never 0x5af7. The rule is the VIP's, and in the document.
 */
uint16_t vip_qos_minor(const struct document *document, const struct vip *vip,
		       const struct vip_qos *rule);

/* Whether VIPs of this network limit the way away from guests, towards them. */
struct qos_use {
	bool up, down;
};
struct qos_use vip_qos_use(const struct document *document, const char *network);

/* Visits the VIPs with limits whose numbers may be others without this VIP, itself among them; a
 * VIP may come twice. */
void vip_qos_cluster(const struct document *document, const struct vip *vip,
		     document_visit_fn *visit, void *data);

#endif
