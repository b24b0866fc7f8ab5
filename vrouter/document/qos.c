/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/qos.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/index.h"

#define MINOR_RESERVED 0x5af7 /* The root's own handle, which no queue of a class can have. */
#define SLOTS          (0xfffe - 1)

struct qos_network {
	char *uuid;
	size_t up, down; /* How many rules limit it. */
};

/* A limit's name: the VIP's address, and the port or 0. */
static uint64_t name_of(const struct vip *vip, const struct vip_qos *rule)
{
	uint64_t name = 0;

	for (size_t i = 0; i < ip_size(&vip->address); i++)
		name = name << 8 | vip->address.bytes[i];
	return name << 16 | rule->port.first;
}

/* The same in every process, other than the hashes of maps. */
static size_t home_of(uint64_t name)
{
	return (name * 0x9e3779b97f4a7c15ULL >> 32) % SLOTS;
}

static size_t next(size_t slot)
{
	return slot + 1 < SLOTS ? slot + 1 : 0;
}

/* Where the name stands, or would. */
static size_t find(const struct qos_index *index, uint64_t name)
{
	size_t at = home_of(name);

	while (index->slots[at] && index->slots[at] < name)
		at = next(at);
	return at;
}

/* A smaller name keeps its slot, a larger one makes room and goes on. */
static void put(struct qos_index *index, uint64_t name)
{
	size_t at = find(index, name);

	while (index->slots[at]) {
		uint64_t larger = index->slots[at];

		if (larger == name)
			return;
		index->slots[at] = name;
		name = larger;
		while (index->slots[at = next(at)] && index->slots[at] < name)
			;
	}
	index->slots[at] = name;
	index->n++;
}

/* What stands behind it in its cluster is put again. */
static void take(struct qos_index *index, uint64_t name)
{
	size_t at = index->slots ? find(index, name) : 0;

	if (!index->slots || index->slots[at] != name)
		return;
	index->slots[at] = 0;
	index->n--;
	while (index->slots[at = next(at)]) {
		uint64_t moved = index->slots[at];

		index->slots[at] = 0;
		index->n--;
		put(index, moved);
	}
}

static struct qos_network *network_of(const struct qos_index *index, const char *uuid)
{
	for (size_t i = 0; i < index->n_networks; i++)
		if (strcmp(index->networks[i].uuid, uuid) == 0)
			return &index->networks[i];
	return NULL;
}

/* 'way' is 1 or -1. */
static void count(struct qos_index *index, const struct vip *vip, int way)
{
	struct qos_network *network = network_of(index, vip->network);
	const struct vip_qos *rules = vip->qos.items;

	if (!network) {
		mem_grow(&index->networks, &index->networks_room, index->n_networks + 1,
			 sizeof(*index->networks));
		network = &index->networks[index->n_networks++];
		*network = (struct qos_network){ .uuid = mem_text(vip->network) };
	}
	for (size_t i = 0; i < vip->qos.n; i++) {
		network->up += (size_t)(rules[i].up_mbps ? way : 0);
		network->down += (size_t)(rules[i].down_mbps ? way : 0);
	}
}

/* IPv6 VIPs rest. */
static bool has_limits(const struct vip *vip)
{
	return vip->qos.n > 0 && vip->address.family == 4;
}

int qos_index_add(struct qos_index *index, const struct vip *vip, struct err *err)
{
	const struct vip_qos *rules = vip->qos.items;

	if (!has_limits(vip))
		return 0;
	if (index->n + vip->qos.n > QOS_LIMITS_MAX) {
		err_set(err, -EINVAL, "a router has %d limits at most", QOS_LIMITS_MAX);
		return err_at(err, "qos");
	}
	if (!index->slots)
		index->slots = mem_array(SLOTS, sizeof(*index->slots));
	for (size_t i = 0; i < vip->qos.n; i++)
		put(index, name_of(vip, &rules[i]));
	count(index, vip, 1);
	return 0;
}

void qos_index_remove(struct qos_index *index, const struct vip *vip)
{
	const struct vip_qos *rules = vip->qos.items;

	if (!has_limits(vip))
		return;
	for (size_t i = 0; i < vip->qos.n; i++)
		take(index, name_of(vip, &rules[i]));
	count(index, vip, -1);
}

void qos_index_clear(struct qos_index *index)
{
	for (size_t i = 0; i < index->n_networks; i++)
		free(index->networks[i].uuid);
	free(index->networks);
	free(index->slots);
	*index = (struct qos_index){ 0 };
}

static const struct qos_index *index_of(const struct document *document)
{
	return &((const struct router_index *)document_index(document))->qos;
}

uint16_t vip_qos_minor(const struct document *document, const struct vip *vip,
		       const struct vip_qos *rule)
{
	size_t minor = find(index_of(document), name_of(vip, rule)) + 1;

	return (uint16_t)(minor < MINOR_RESERVED ? minor : minor + 1);
}

struct qos_use vip_qos_use(const struct document *document, const char *network)
{
	const struct qos_network *found = network_of(index_of(document), network);

	return (struct qos_use){ found && found->up, found && found->down };
}

static void visit_name(const struct document *document, uint64_t name, document_visit_fn *visit,
		       void *data)
{
	struct ip ip = { .family = 4 };
	const struct vip *vip;

	name >>= 16;
	for (size_t i = 0; i < ip_size(&ip); i++)
		ip.bytes[i] = (uint8_t)(name >> (8 * (ip_size(&ip) - 1 - i)));
	vip = router_vip_at(document, &ip);
	if (vip)
		visit(data, document_find(document, SECTION_VIPS, vip->object.uuid));
}

void vip_qos_cluster(const struct document *document, const struct vip *vip,
		     document_visit_fn *visit, void *data)
{
	const struct qos_index *index = index_of(document);
	const struct vip_qos *rules = vip->qos.items;

	for (size_t i = 0; has_limits(vip) && i < vip->qos.n; i++)
		for (size_t at = find(index, name_of(vip, &rules[i])); index->slots[at];
		     at = next(at))
			visit_name(document, index->slots[at], visit, data);
}
