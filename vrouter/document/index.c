/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *router_index_new(void)
{
	struct router_index *index = mem_alloc(sizeof(*index));

	index->claims = claims_new();
	return index;
}

/* A guest that ports are forwarded to. */
struct target {
	struct map_node by_ip;
	struct ip ip;
	size_t n; /* How many port forwards. */
	char vip[];
};

void router_index_free(void *data)
{
	struct router_index *index = data;
	struct map_node *node, *after;

	claims_free(index->claims);
	map_clear(&index->vips);
	map_clear(&index->eips);
	vip_ports_clear(&index->ports);
	qos_index_clear(&index->qos);
	map_for_each (&index->targets, node, after)
		free(CONTAINER_OF(node, struct target, by_ip));
	map_clear(&index->targets);
	free(index);
}

static uint64_t ip_hash(const struct ip *ip)
{
	return map_hash(ip->bytes, ip_size(ip));
}

static bool is_vip(const struct map_node *node, const void *key)
{
	return ip_equal(&CONTAINER_OF(node, struct vip, by_address)->address, key);
}

static int add_vip(struct router_index *index, const struct object *object, struct err *err)
{
	struct vip *vip = CONTAINER_OF((struct object *)(uintptr_t)object, struct vip, object);
	uint64_t hash = ip_hash(&vip->address);
	struct map_node *node = map_find(&index->vips, hash, is_vip, &vip->address);

	if (node) {
		err_set(err, -EINVAL, "%s has this address already",
			object_text(&CONTAINER_OF(node, struct vip, by_address)->object).s);
		return err_at(err, "address");
	}
	if (qos_index_add(&index->qos, vip, err) < 0)
		return err->code;
	map_add(&index->vips, &vip->by_address, hash);
	return 0;
}

static void remove_vip(struct router_index *index, const struct object *object)
{
	struct vip *vip = CONTAINER_OF((struct object *)(uintptr_t)object, struct vip, object);

	map_remove(&index->vips, &vip->by_address);
	qos_index_remove(&index->qos, vip);
}

static bool is_eip(const struct map_node *node, const void *key)
{
	return ip_equal(&CONTAINER_OF(node, struct eip, by_target)->target, key);
}

/* The first of a target, or NULL. */
static struct eip *find_eips(const struct router_index *index, const struct ip *target)
{
	struct map_node *node = map_find(&index->eips, ip_hash(target), is_eip, target);

	return node ? CONTAINER_OF(node, struct eip, by_target) : NULL;
}

/* 'was' is the first until now. */
static void put_first(struct router_index *index, struct eip *was, struct eip *is)
{
	if (was)
		map_remove(&index->eips, &was->by_target);
	if (is)
		map_add(&index->eips, &is->by_target, ip_hash(&is->target));
}

static int add_eip(struct router_index *index, const struct object *object, struct err *err)
{
	struct eip *eip = CONTAINER_OF((struct object *)(uintptr_t)object, struct eip, object);
	struct eip *first = find_eips(index, &eip->target), **at = &first;

	(void)err;
	while (*at && strcmp((*at)->object.uuid, eip->object.uuid) < 0)
		at = &(*at)->next;
	eip->next = *at;
	*at = eip;
	if (first == eip)
		put_first(index, eip->next, eip);
	return 0;
}

static void remove_eip(struct router_index *index, const struct object *object)
{
	struct eip *eip = CONTAINER_OF((struct object *)(uintptr_t)object, struct eip, object);
	struct eip *first = find_eips(index, &eip->target), **at = &first;

	while (*at && *at != eip)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = eip->next;
	if (first == eip->next)
		put_first(index, eip, first);
	eip->next = NULL;
}

static bool is_target(const struct map_node *node, const void *key)
{
	return ip_equal(&CONTAINER_OF(node, struct target, by_ip)->ip, key);
}

static struct target *find_target(const struct router_index *index, const struct ip *ip)
{
	struct map_node *node = map_find(&index->targets, ip_hash(ip), is_target, ip);

	return node ? CONTAINER_OF(node, struct target, by_ip) : NULL;
}

static int take_target(struct router_index *index, const struct port_forward *forward,
		       struct err *err)
{
	struct target *target = find_target(index, &forward->target);
	size_t size = strlen(forward->vip) + 1;

	if (target && strcmp(target->vip, forward->vip) != 0) {
		err_set(err, -EINVAL, "ports of vip %s are forwarded to %s, and of one VIP only",
			target->vip, ip_text(&forward->target).s);
		return err_at(err, "target");
	}
	if (!target) {
		target = mem_alloc(sizeof(*target) + size);
		memcpy(target->vip, forward->vip, size);
		target->ip = forward->target;
		map_add(&index->targets, &target->by_ip, ip_hash(&target->ip));
	}
	target->n++;
	return 0;
}

static void give_target(struct router_index *index, const struct port_forward *forward)
{
	struct target *target = find_target(index, &forward->target);

	if (!target || --target->n)
		return;
	map_remove(&index->targets, &target->by_ip);
	free(target);
}

static int port_taken(const struct object *holder, const struct port_range *range, const char *path,
		      struct err *err)
{
	if (!holder)
		return 0;
	err_set(err, -EINVAL, "port %s is taken by %s", port_range_text(range).s,
		object_text(holder).s);
	return err_at(err, "%s", path);
}

static int add_port_forward(struct router_index *index, const struct object *object,
			    struct err *err)
{
	const struct port_forward *forward = (const void *)object;
	const struct port_range *range = &forward->vip_ports;
	enum port_space space = forward->protocol == PROTOCOL_UDP ? SPACE_UDP : SPACE_TCP;
	const struct object *holder = vip_ports_holder(&index->ports, forward->vip, space, range);

	if (!holder)
		holder = vip_ports_holder(&index->ports, forward->vip, SPACE_LISTEN, range);
	if (port_taken(holder, range, "vip_ports", err) < 0)
		return -EINVAL;
	if (take_target(index, forward, err) < 0)
		return -EINVAL;
	vip_ports_take(&index->ports, forward->vip, space, range, object);
	return 0;
}

static void remove_port_forward(struct router_index *index, const struct object *object)
{
	const struct port_forward *forward = (const void *)object;

	vip_ports_give(&index->ports, forward->vip,
		       forward->protocol == PROTOCOL_UDP ? SPACE_UDP : SPACE_TCP,
		       &forward->vip_ports, object);
	give_target(index, forward);
}

static struct port_range listener_range(const struct load_balancer *lb, size_t i)
{
	uint16_t port = (uint16_t)((const struct listener *)lb->listeners.items)[i].port;

	return (struct port_range){ port, port };
}

static void give_listeners(struct router_index *index, const struct load_balancer *lb, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct port_range range = listener_range(lb, i);

		vip_ports_give(&index->ports, lb->vip, SPACE_LISTEN, &range, &lb->object);
	}
}

static int add_load_balancer(struct router_index *index, const struct object *object,
			     struct err *err)
{
	const struct load_balancer *lb = (const void *)object;

	for (size_t i = 0; i < lb->listeners.n; i++) {
		struct port_range range = listener_range(lb, i);

		for (int space = 0; space < SPACES; space++) {
			const struct object *holder =
				vip_ports_holder(&index->ports, lb->vip, space, &range);

			if (!holder)
				continue;
			port_taken(holder, &range, "port", err);
			give_listeners(index, lb, i);
			return err_at(err, "listeners[%zu]", i);
		}
		vip_ports_take(&index->ports, lb->vip, SPACE_LISTEN, &range, object);
	}
	return 0;
}

static void remove_load_balancer(struct router_index *index, const struct object *object)
{
	const struct load_balancer *lb = (const void *)object;

	give_listeners(index, lb, lb->listeners.n);
}

/* What matters of an interface to the objects that do not refer to it. */
static uint64_t interface_hash(const struct object *object)
{
	const struct interface *interface = (const void *)object;
	uint64_t hash = map_hash_text(interface->network);
	const struct prefix *address;

	hash = map_hash_more(hash, &interface->role, sizeof(interface->role));
	for (size_t i = 0; (address = interface_address(interface, i)); i++) {
		hash = map_hash_more(hash, address->ip.bytes, ip_size(&address->ip));
		hash = map_hash_more(hash, &address->length, sizeof(address->length));
	}
	return hash;
}

static int add_interface(struct router_index *index, const struct object *object, struct err *err)
{
	(void)err;
	index->interfaces += interface_hash(object);
	return 0;
}

static void remove_interface(struct router_index *index, const struct object *object)
{
	index->interfaces -= interface_hash(object);
}

static const struct {
	const char *section;
	int (*add)(struct router_index *index, const struct object *object, struct err *err);
	void (*remove)(struct router_index *index, const struct object *object);
} parts[] = {
	{ SECTION_INTERFACES, add_interface, remove_interface },
	{ SECTION_VIPS, add_vip, remove_vip },
	{ SECTION_EIPS, add_eip, remove_eip },
	{ SECTION_PORT_FORWARDS, add_port_forward, remove_port_forward },
	{ SECTION_LOAD_BALANCERS, add_load_balancer, remove_load_balancer },
};

int router_index_add(void *data, const struct document *document, const struct object *object,
		     struct err *err)
{
	struct router_index *index = data;
	int ret = claims_take(index->claims, router_claims, object, err);

	(void)document;
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strcmp(parts[i].section, object->section->name) == 0)
			ret = parts[i].add(index, object, err);
	if (ret < 0)
		claims_give(index->claims, router_claims, object);
	return ret;
}

void router_index_remove(void *data, const struct document *document, const struct object *object)
{
	struct router_index *index = data;

	(void)document;
	claims_give(index->claims, router_claims, object);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strcmp(parts[i].section, object->section->name) == 0)
			parts[i].remove(index, object);
}

bool router_index_concerns_all(void *data)
{
	struct router_index *index = data;
	bool changed = index->interfaces != index->checked;

	index->checked = index->interfaces;
	return changed;
}

const struct vip *router_vip_at(const struct document *document, const struct ip *address)
{
	const struct router_index *index = document_index(document);
	struct map_node *node = map_find(&index->vips, ip_hash(address), is_vip, address);

	return node ? CONTAINER_OF(node, struct vip, by_address) : NULL;
}

const struct eip *router_eip_of(const struct document *document, const struct ip *target, size_t n)
{
	const struct eip *eip = find_eips(document_index(document), target);

	for (; eip && n; n--)
		eip = eip->next;
	return eip;
}
