/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_service.c - VIPs, elastic IPs, port forwarding and load balancing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/check.h"

static int check_qos(const struct vip *vip, struct err *err)
{
	const struct vip_qos *rules = vip->qos.items;

	for (size_t i = 0; i < vip->qos.n; i++) {
		AUTO(free_ptr) char *path = mem_format("qos[%zu]", i);

		if (!rules[i].up_mbps && !rules[i].down_mbps)
			return check_failed(err, path, "a rule limits at least one direction");
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(rules[i].uuid, rules[j].uuid))
				return check_failed(err, path, "qos[%zu] has this uuid too", j);
			if (rules[i].port.first != rules[j].port.first)
				continue;
			if (!rules[i].port.first)
				return check_failed(err, path,
						    "%s is the rule without port already",
						    rules[j].uuid);
			return check_failed(err, path, "%s limits port %u already", rules[j].uuid,
					    rules[i].port.first);
		}
	}
	return 0;
}

static bool is_public_network(const struct document *document, const char *network)
{
	const struct object *object;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->role == ROLE_PUBLIC && strcmp(interface->network, network) == 0)
			return true;
	}
	return false;
}

int check_vip_beside(const struct vip *vip, const struct interface *interface, struct err *err)
{
	if (ip_equal(&vip->address, &interface->gateway))
		return err_set(err, -EINVAL, "%s is the gateway of %s", ip_text(&vip->address).s,
			       object_text(&interface->object).s);
	if (interface->role != ROLE_PUBLIC && interface_has_subnet_of(interface, &vip->address))
		return err_set(err, -EINVAL, "%s is on the network of %s, which is not public",
			       ip_text(&vip->address).s, object_text(&interface->object).s);
	return 0;
}

int check_vip(const struct document *document, const struct object *object, struct err *err)
{
	const struct vip *vip = (const void *)object;
	const struct object *interface;
	const struct interface *own = router_own_address(document, &vip->address);

	if (!is_public_network(document, vip->network))
		return check_failed(err, "network", "no public interface is on network \"%s\"",
				    vip->network);
	if (!vip->system && own)
		return check_failed(err, "address", "%s is the router's own, of %s: a system VIP",
				    ip_text(&vip->address).s, object_text(&own->object).s);
	if (vip->system && (!own || own->role != ROLE_PUBLIC))
		return check_failed(err, "address", "%s is not an address of a public interface",
				    ip_text(&vip->address).s);
	section_for_each (document, SECTION_INTERFACES, interface)
		if (check_vip_beside(vip, (const void *)interface, err) < 0) {
			err_at(err, "address");
			return -EINVAL;
		}
	return check_qos(vip, err);
}

/* An elastic IP has its VIP for itself. One that is there already joined before anything new could,
 * so it is the first of the VIP's users; one that is new is checked itself. */
int check_shared(const struct document *document, const char *vip, struct err *err)
{
	const struct object *object = document_find(document, SECTION_VIPS, vip);
	const struct object *first = document_user(object, 0);

	if (strcmp(first->section->name, SECTION_EIPS) == 0)
		return check_failed(err, "vip", "vip %s serves %s and nothing else", vip,
				    object_text(first).s);
	return 0;
}

int check_family(const struct vip *vip, const struct ip *ip, const char *path, struct err *err)
{
	if (vip->address.family == ip->family)
		return 0;
	return check_failed(err, path, "vip %s has an address of another family than %s",
			    vip->object.uuid, ip_text(ip).s);
}

int check_eip(const struct document *document, const struct object *object, struct err *err)
{
	const struct eip *eip = (const void *)object;
	const struct vip *vip = router_vip(document, eip->vip);

	if (vip->system)
		return check_failed(err, "vip",
				    "vip %s is the router's own address: no elastic IP has it",
				    eip->vip);
	for (size_t i = 0; i < document_user_count(&vip->object); i++) {
		const struct object *user = document_user(&vip->object, i);

		if (user != object)
			return check_failed(err, "vip", "vip %s serves %s already", eip->vip,
					    object_text(user).s);
	}
	if (check_family(vip, &eip->target, "target", err) < 0)
		return -EINVAL;
	return check_guest(document, &eip->target, "target", err);
}

static bool has_tunnel(const struct object *vip)
{
	for (size_t i = 0; i < document_user_count(vip); i++)
		if (strcmp(document_user(vip, i)->section->name, SECTION_IPSEC) == 0)
			return true;
	return false;
}

static bool takes_ike_port(const struct port_forward *forward)
{
	static const struct port_range ike = { 500, 500 }, nat = { 4500, 4500 };

	return forward->protocol == PROTOCOL_UDP &&
	       (port_range_overlaps(&forward->vip_ports, &ike) ||
		port_range_overlaps(&forward->vip_ports, &nat));
}

/* Where management has no interface of its own it comes in on the public one: the way in must not
 * be taken by a guest's service. */
static bool takes_management(const struct document *document, const struct vip *vip,
			     const struct port_range *ports)
{
	static const struct port_range ssh = { 22, 22 };
	const struct object *object;

	if (!vip->system || !port_range_overlaps(ports, &ssh))
		return false;
	section_for_each (document, SECTION_INTERFACES, object)
		if (((const struct interface *)(const void *)object)->role == ROLE_MANAGEMENT)
			return false;
	return true;
}

int check_port_forward(const struct document *document, const struct object *object,
		       struct err *err)
{
	const struct port_forward *forward = (const void *)object;
	const struct vip *vip = router_vip(document, forward->vip);
	const struct port_range *to = &forward->target_ports, *from = &forward->vip_ports;

	if (check_shared(document, forward->vip, err) < 0)
		return -EINVAL;
	if (to->first && to->last - to->first != from->last - from->first)
		return check_failed(err, "target_ports", "%s is not as long as %s",
				    port_range_text(to).s, port_range_text(from).s);
	if (takes_ike_port(forward) && has_tunnel(&vip->object))
		return check_failed(err, "vip_ports", "the tunnel on vip %s needs UDP 500 and 4500",
				    forward->vip);
	if (forward->protocol == PROTOCOL_TCP && takes_management(document, vip, from))
		return check_failed(err, "vip_ports", "TCP 22 of vip %s is for management",
				    forward->vip);
	if (check_family(vip, &forward->target, "target", err) < 0)
		return -EINVAL;
	if (forward->allowed_cidr.ip.family &&
	    check_family(vip, &forward->allowed_cidr.ip, "allowed_cidr", err) < 0)
		return -EINVAL;
	return check_guest(document, &forward->target, "target", err);
}

/* Of members in an order in which equal ones are neighbours. */
static int by_uuid(const void *a, const void *b)
{
	const struct member *one = *(const struct member *const *)a;
	const struct member *other = *(const struct member *const *)b;

	return strcmp(one->uuid, other->uuid);
}

static int by_address(const void *a, const void *b)
{
	const struct member *one = *(const struct member *const *)a;
	const struct member *other = *(const struct member *const *)b;

	return ip_compare(&one->address, &other->address);
}

static int check_members_differ(const struct listener *listener, struct err *err)
{
	static int (*const orders[])(const void *a, const void *b) = { by_uuid, by_address };
	static const char *const what[] = { "uuid", "address" };
	const struct member *members = listener->members.items;
	size_t n = listener->members.n;
	AUTO(free_ptr) const struct member **order = mem_array(n, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[i] = &members[i];
	for (size_t k = 0; k < ARRAY_SIZE(orders); k++) {
		qsort(order, n, sizeof(*order), orders[k]);
		for (size_t i = 1; i < n; i++) {
			size_t a = (size_t)(order[i - 1] - members),
			       b = (size_t)(order[i] - members);

			if (orders[k](&order[i - 1], &order[i]))
				continue;
			check_failed(err, what[k], "members[%zu] has this %s too", a < b ? a : b,
				     what[k]);
			err_at(err, "members[%zu]", a < b ? b : a);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_listener(const struct document *document, const struct vip *vip,
			  const struct listener *listener, struct err *err)
{
	const struct member *members = listener->members.items;
	struct port_range port = { (uint16_t)listener->port, (uint16_t)listener->port };

	if (listener->protocol != LISTENER_HTTPS && listener->certificate)
		return check_failed(err, "certificate", "only an https listener has a certificate");
	if (listener->protocol != LISTENER_HTTPS && listener->certificates.n)
		return check_failed(err, "certificates", "only an https listener has certificates");
	if (takes_management(document, vip, &port))
		return check_failed(err, "port", "TCP 22 of vip %s is for management",
				    vip->object.uuid);
	for (size_t i = 0; i < listener->members.n; i++)
		if (check_guest(document, &members[i].address, "address", err) < 0) {
			err_at(err, "members[%zu]", i);
			return -EINVAL;
		}
	return check_members_differ(listener, err);
}

int check_load_balancer(const struct document *document, const struct object *object,
			struct err *err)
{
	const struct load_balancer *lb = (const void *)object;
	const struct listener *listeners = lb->listeners.items;
	const struct vip *vip = router_vip(document, lb->vip);

	if (check_shared(document, lb->vip, err) < 0)
		return -EINVAL;
	for (size_t i = 0; i < lb->listeners.n; i++)
		if (check_listener(document, vip, &listeners[i], err) < 0) {
			err_at(err, "listeners[%zu]", i);
			return -EINVAL;
		}
	return 0;
}
