/* SPDX-License-Identifier: GPL-2.0-or-later */
/* type.c - the host's document as a type, with its index. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostnet/document/fields.h"
#include "hostnet/document/index.h"

static void *index_new(void)
{
	struct host_index *index = mem_alloc(sizeof(*index));

	index->claims = claims_new();
	return index;
}

static void index_free(void *data)
{
	struct host_index *index = data;

	claims_free(index->claims);
	map_clear(&index->devices);
	combinations_clear(&index->combinations);
	free(index->limits.taken);
	free(index);
}

static struct port *as_port(const struct object *object)
{
	if (strcmp(object->section->name, SECTION_PORTS) != 0)
		return NULL;
	return CONTAINER_OF((struct object *)(uintptr_t)object, struct port, object);
}

static const struct host_eip *as_eip(const struct object *object)
{
	return strcmp(object->section->name, SECTION_EIPS) == 0 ? (const void *)object : NULL;
}

static struct l2_network *as_l2(const struct object *object)
{
	if (strcmp(object->section->name, SECTION_L2_NETWORKS) != 0)
		return NULL;
	return CONTAINER_OF((struct object *)(uintptr_t)object, struct l2_network, object);
}

/* Of the host itself: VXLAN networks do not refer to it, but cannot be without its VTEP. */
static void note_host(struct host_index *index, const struct object *object)
{
	if (strcmp(object->section->name, SECTION_HOST) == 0)
		index->vtep_changed = true;
}

static int index_add(void *data, const struct document *document, const struct object *object,
		     struct err *err)
{
	struct host_index *index = data;
	struct port *port = as_port(object);
	struct l2_network *l2 = as_l2(object);

	(void)document;
	if (claims_take(index->claims, host_claims, object, err) < 0)
		return -EINVAL;
	if (as_eip(object) && limits_take(&index->limits, as_eip(object), err) < 0) {
		claims_give(index->claims, host_claims, object);
		return -EINVAL;
	}
	if (l2)
		l2->zone = zones_take(&index->zones, object->uuid);
	if (port) {
		map_add(&index->devices, &port->by_device, map_hash_text(port->device));
		combinations_take(&index->combinations, port);
	}
	note_host(index, object);
	return 0;
}

static void index_remove(void *data, const struct document *document, const struct object *object)
{
	struct host_index *index = data;
	struct port *port = as_port(object);
	const struct l2_network *l2 = as_l2(object);

	(void)document;
	claims_give(index->claims, host_claims, object);
	if (as_eip(object))
		limits_give(&index->limits, as_eip(object));
	if (l2)
		zones_give(&index->zones, l2->zone);
	if (port) {
		map_remove(&index->devices, &port->by_device);
		combinations_give(&index->combinations, port);
	}
	note_host(index, object);
}

static bool concerns_all(void *data)
{
	struct host_index *index = data;
	bool changed = index->vtep_changed;

	index->vtep_changed = false;
	return changed;
}

static struct object *find_derived(void *data, const char *section, const char *name)
{
	const struct host_index *index = data;
	struct combination *combination = strcmp(section, SECTION_COMBINATIONS) == 0
						  ? combinations_find(&index->combinations, name)
						  : NULL;

	return combination ? &combination->object : NULL;
}

static bool has_device(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct port, by_device)->device, key) == 0;
}

const struct port *host_port_of_device(const struct document *document, const char *device)
{
	const struct host_index *index = document_index(document);
	struct map_node *node =
		map_find(&index->devices, map_hash_text(device), has_device, device);

	return node ? CONTAINER_OF(node, struct port, by_device) : NULL;
}

/* An elastic IP claims an address of its network in the same words. */
const struct port *host_port_of_address(const struct document *document, const char *l3,
					const struct ip *address)
{
	const struct host_index *index = document_index(document);
	const char *who = claims_holder(index->claims, "address %s %s", l3, ip_text(address).s);

	if (!who || strncmp(who, "port ", strlen("port ")) != 0)
		return NULL;
	return host_port(document, who + strlen("port "));
}

#define SECTION(name, fields, type, ...)                       \
	{                                                      \
		name, fields, sizeof(struct type), __VA_ARGS__ \
	}

static const struct section_type sections[] = {
	SECTION(SECTION_HOST, host_fields, host, .single = true, .doc = "The host itself."),
	SECTION(SECTION_L2_NETWORKS, l2_fields, l2_network, .single = false,
		.doc = "Broadcast domains that reach this host: a device as it is, one of its "
		       "VLANs, or a VXLAN."),
	SECTION(SECTION_L3_NETWORKS, l3_fields, l3_network, .single = false,
		.doc = "Subnets on them, and what guests are told by the responder on this host."),
	SECTION(SECTION_VMS, vm_fields, vm, .single = false,
		.doc = "Guests, as far as their user data is concerned."),
	SECTION(SECTION_SECURITY_GROUPS, group_fields, security_group, .single = false,
		.doc = "What may reach the ports that are in them, and what these may reach."),
	SECTION(SECTION_PORTS, port_fields, port, .single = false,
		.doc = "NICs of guests. The device may come later: the port is armed before its "
		       "first packet is forwarded."),
	SECTION(SECTION_EIPS, host_eip_fields, host_eip, .single = false,
		.doc = "Public addresses that stand for a guest of a flat network, translated on "
		       "this host."),
	SECTION(SECTION_ROUTERS, host_router_fields, host_router, .single = false,
		.doc = "VPC routers whose distributed routing is on: this host routes between "
		       "their networks itself."),
	SECTION(SECTION_VTEPS, vtep_fields, vtep, .entries = true,
		.doc = "Where the hosts of a pool of VXLANs are. This host's own VTEP may be among "
		       "them: nothing is sent there."),
	SECTION(SECTION_L2_REMOTES, l2_guest_fields, l2_guest, .entries = true,
		.doc = "Guests of VXLAN networks, one by one: what comes or goes costs its own "
		       "length, not that of a list. Those at this host's own VTEP are passed over. "
		       "A network has them here or in remote, not both."),
	SECTION(SECTION_GROUP_MEMBERS, group_member_fields, group_member, .entries = true,
		.doc = "Members of security groups, likewise. A group has them here or in members, "
		       "not both."),
	{ .name = NULL },
};

const struct document_type host_document = {
	.name = "host",
	.sections = sections,
	.index_new = index_new,
	.index_free = index_free,
	.add = index_add,
	.remove = index_remove,
	.check = host_check,
	.concerns_all = concerns_all,
	.derived = find_derived,
};
