/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cannot be: an object that contradicts itself or others. Checks of two objects are made from
 * both sides, so that the order in which they come does not matter. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/index.h"

static int wrong(struct err *err, const char *path, const char *format, ...) PRINTF(3, 4);

static int wrong(struct err *err, const char *path, const char *format, ...)
{
	AUTO(free_ptr) char *text = NULL;
	va_list args;

	va_start(args, format);
	text = mem_vformat(format, args);
	va_end(args);
	err_set(err, -EINVAL, "%s", text);
	return err_at(err, "%s", path);
}

/* Two interfaces of one public network may share its subnet; everything else is apart. */
static int check_apart(const struct interface *interface, const struct interface *other,
		       struct err *err)
{
	const struct prefix *a, *b;

	if (strcmp(interface->network, other->network) == 0 && interface->role == ROLE_PUBLIC)
		return 0;
	if (interface->gateway.family && ip_equal(&interface->gateway, &other->gateway))
		return wrong(err, "gateway", "%s is the gateway of %s too",
			     ip_text(&interface->gateway).s, other->object.uuid);
	for (size_t i = 0; (a = interface_address(interface, i)); i++)
		for (size_t j = 0; (b = interface_address(other, j)); j++)
			if (prefix_overlaps(a, b))
				return wrong(err, "addresses", "%s overlaps %s of %s",
					     prefix_text(a).s, prefix_text(b).s,
					     other->object.uuid);
	return 0;
}

static bool has_subnet(const struct interface *interface, const struct ip *ip)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (prefix_contains(address, ip))
			return true;
	return false;
}

static bool overlaps_interface(const struct interface *interface, const struct prefix *prefix)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (prefix_overlaps(address, prefix))
			return true;
	return false;
}

/* What is behind a peer cannot be here as well. */
static int check_remote(const struct ipsec *ipsec, const struct interface *interface,
			struct err *err)
{
	const struct prefix *remote = ipsec->remote_cidrs.items;

	for (size_t i = 0; interface->role != ROLE_PUBLIC && i < ipsec->remote_cidrs.n; i++)
		if (overlaps_interface(interface, &remote[i]))
			return err_set(err, -EINVAL,
				       "%s behind the peer of %s overlaps a network of %s",
				       prefix_text(&remote[i]).s, ipsec->object.uuid,
				       interface->object.uuid);
	return 0;
}

static int check_interface(const struct document *document, const void *object, struct err *err)
{
	const struct interface *interface = object;
	const struct object *other;

	if (!interface->addresses.n)
		return wrong(err, "addresses", "an interface has an address at least");
	if (interface->gateway.family && !has_subnet(interface, &interface->gateway))
		return wrong(err, "gateway", "%s is in no subnet of the interface",
			     ip_text(&interface->gateway).s);
	if (interface->default_route && interface->role != ROLE_PUBLIC)
		return wrong(err, "default_route", "only a public interface has the default route");
	if (interface->default_route && !interface->gateway.family)
		return wrong(err, "gateway", "the default route needs a gateway");
	if (interface->snat && interface->role != ROLE_PRIVATE)
		return wrong(err, "snat", "only the sources of a private interface are translated");
	section_for_each (document, SECTION_INTERFACES, other)
		if (other != object && check_apart(interface, (const void *)other, err) < 0)
			return err->code;
	section_for_each (document, SECTION_IPSEC, other)
		if (check_remote((const void *)other, interface, err) < 0)
			return err_at(err, "addresses");
	return 0;
}

static int check_vip(const struct document *document, const void *object, struct err *err)
{
	const struct vip *vip = object;
	const struct vip_qos *rules = vip->qos.items;

	(void)document;
	for (size_t i = 0; i < vip->qos.n; i++) {
		AUTO(free_ptr) char *path = mem_format("qos[%zu]", i);

		if (!rules[i].up_mbps && !rules[i].down_mbps)
			return wrong(err, path, "a rule limits at least one direction");
		for (size_t j = 0; j < i; j++) {
			if (!rules[i].port.first && !rules[j].port.first)
				return wrong(err, path, "%s is the rule without port already",
					     rules[j].uuid);
			if (rules[i].port.first && rules[j].port.first &&
			    port_range_overlaps(&rules[i].port, &rules[j].port))
				return wrong(err, path, "%s limits this port already",
					     rules[j].uuid);
		}
	}
	return 0;
}

/* A VIP with an elastic IP serves nothing else. */
static int check_not_eip(struct claims *claims, const char *vip, struct err *err)
{
	AUTO(free_ptr) char *what = mem_format("eip %s", vip);
	const char *eip = claim_holder(claims, what);

	if (!eip)
		return 0;
	return wrong(err, "vip", "%s serves the elastic IP %s and nothing else", vip, eip);
}

static int check_eip(struct claims *claims, const struct document *document, const void *object,
		     struct err *err)
{
	const struct eip *eip = object;
	const struct object *vip = document_find(document, SECTION_VIPS, eip->vip);

	(void)claims;
	if (((const struct vip *)(const void *)vip)->system)
		return wrong(err, "vip", "%s is the router's own address: no elastic IP has it",
			     eip->vip);
	for (size_t i = 0; i < vip->n_users; i++)
		if (vip->users[i] != object)
			return wrong(err, "vip", "%s serves %s of %s already", eip->vip,
				     vip->users[i]->uuid, vip->users[i]->section->name);
	if (((const struct vip *)(const void *)vip)->address.family != eip->target.family)
		return wrong(err, "target", "VIP and target are of two address families");
	return 0;
}

static int check_listened(struct claims *claims, const struct port_forward *forward,
			  struct err *err)
{
	for (unsigned int port = forward->vip_ports.first; port <= forward->vip_ports.last;
	     port++) {
		AUTO(free_ptr) char *what = mem_format("listen %s %u", forward->vip, port);
		const char *lb = claim_holder(claims, what);

		if (lb)
			return wrong(err, "vip_ports", "%s listens on port %u of %s already", lb,
				     port, forward->vip);
	}
	return 0;
}

static bool has_tunnel(const struct object *vip)
{
	for (size_t i = 0; i < vip->n_users; i++)
		if (strcmp(vip->users[i]->section->name, SECTION_IPSEC) == 0)
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

static int check_port_forward(struct claims *claims, const struct document *document,
			      const void *object, struct err *err)
{
	const struct port_forward *forward = object;
	const struct object *vip = document_find(document, SECTION_VIPS, forward->vip);
	const struct port_range *to = &forward->target_ports, *from = &forward->vip_ports;

	if (check_not_eip(claims, forward->vip, err) < 0)
		return err->code;
	if (to->first && to->last - to->first != from->last - from->first)
		return wrong(err, "target_ports", "%s is not as long as %s", port_range_text(to).s,
			     port_range_text(from).s);
	if (takes_ike_port(forward) && has_tunnel(vip))
		return wrong(err, "vip_ports", "a tunnel on %s needs UDP 500 and 4500",
			     forward->vip);
	if (((const struct vip *)(const void *)vip)->address.family != forward->target.family)
		return wrong(err, "target", "VIP and target are of two address families");
	return check_listened(claims, forward, err);
}

static int check_listener(struct claims *claims, const struct load_balancer *lb,
			  const struct listener *listener, struct err *err)
{
	bool has_certificate = listener->certificate || listener->certificates.n;

	if (has_certificate && listener->protocol != LISTENER_HTTPS)
		return wrong(err, "certificate", "only an https listener has a certificate");
	for (int protocol = PROTOCOL_TCP; protocol <= PROTOCOL_UDP; protocol++) {
		AUTO(free_ptr)
		char *what = mem_format("forward %s %d %lld", lb->vip, protocol,
					(long long)listener->port);
		const char *forward = claim_holder(claims, what);

		if (forward)
			return wrong(err, "port", "%s forwards this port of %s already", forward,
				     lb->vip);
	}
	return 0;
}

static int check_load_balancer(struct claims *claims, const struct document *document,
			       const void *object, struct err *err)
{
	const struct load_balancer *lb = object;
	const struct listener *listeners = lb->listeners.items;

	(void)document;
	if (check_not_eip(claims, lb->vip, err) < 0)
		return err->code;
	for (size_t i = 0; i < lb->listeners.n; i++)
		if (check_listener(claims, lb, &listeners[i], err) < 0)
			return err_at(err, "listeners[%zu]", i);
	return 0;
}

static int check_ipsec(struct claims *claims, const struct document *document, const void *object,
		       struct err *err)
{
	const struct ipsec *ipsec = object;
	const struct object *vip = document_find(document, SECTION_VIPS, ipsec->vip), *other;
	const struct prefix *local = ipsec->local_cidrs.items;
	const struct prefix *remote = ipsec->remote_cidrs.items;

	if (check_not_eip(claims, ipsec->vip, err) < 0)
		return err->code;
	if (!ipsec->local_cidrs.n)
		return wrong(err, "local_cidrs", "a tunnel joins one network at least");
	if (!ipsec->remote_cidrs.n)
		return wrong(err, "remote_cidrs", "a tunnel joins one network at least");
	if (ipsec->ike.dh_group != 2 && ipsec->ike.dh_group != 5 && ipsec->ike.dh_group < 14)
		return wrong(err, "ike.dh_group", "group %lld is none of 2, 5, 14-21",
			     (long long)ipsec->ike.dh_group);
	for (size_t i = 0; i < ipsec->local_cidrs.n; i++)
		for (size_t j = 0; j < ipsec->remote_cidrs.n; j++)
			if (prefix_overlaps(&local[i], &remote[j]))
				return wrong(err, "remote_cidrs", "%s overlaps %s on this side",
					     prefix_text(&remote[j]).s, prefix_text(&local[i]).s);
	section_for_each (document, SECTION_INTERFACES, other)
		if (check_remote(ipsec, (const void *)other, err) < 0)
			return err_at(err, "remote_cidrs");
	for (size_t i = 0; i < vip->n_users; i++)
		if (strcmp(vip->users[i]->section->name, SECTION_PORT_FORWARDS) == 0 &&
		    takes_ike_port((const void *)vip->users[i]))
			return wrong(err, "vip",
				     "%s forwards UDP 500 or 4500, which a tunnel needs",
				     vip->users[i]->uuid);
	return 0;
}

static int check_route(const struct document *document, const void *object, struct err *err)
{
	const struct route *route = object;

	(void)document;
	if (route->type == ROUTE_STATIC && !route->next_hop.family)
		return wrong(err, "next_hop", "a static route needs a next hop");
	if (route->type == ROUTE_BLACKHOLE && route->next_hop.family)
		return wrong(err, "next_hop", "a blackhole has no next hop");
	if (route->next_hop.family && route->next_hop.family != route->destination.ip.family)
		return wrong(err, "next_hop", "destination and next hop are of two families");
	return 0;
}

static int check_firewall(const struct document *document, const void *object, struct err *err)
{
	const struct firewall_rule *rule = object;

	(void)document;
	if ((rule->source_ports.n || rule->destination_ports.n) && rule->protocol != FIREWALL_TCP &&
	    rule->protocol != FIREWALL_UDP)
		return wrong(err, rule->source_ports.n ? "source_ports" : "destination_ports",
			     "only tcp and udp have ports");
	if (rule->source.ip.family && rule->destination.ip.family &&
	    rule->source.ip.family != rule->destination.ip.family)
		return wrong(err, "destination", "source and destination are of two families");
	return 0;
}

static int check_certificate(const struct document *document, const void *object, struct err *err)
{
	(void)document;
	return certificate_check(object, err);
}

int router_check_object(void *index, const struct document *document, const struct object *object,
			struct err *err)
{
	static const struct {
		const char *section;
		int (*check)(const struct document *document, const void *object, struct err *err);
		int (*check_claims)(struct claims *claims, const struct document *document,
				    const void *object, struct err *err);
	} checks[] = {
		{ SECTION_INTERFACES, check_interface, NULL },
		{ SECTION_VIPS, check_vip, NULL },
		{ SECTION_EIPS, NULL, check_eip },
		{ SECTION_PORT_FORWARDS, NULL, check_port_forward },
		{ SECTION_LOAD_BALANCERS, NULL, check_load_balancer },
		{ SECTION_CERTIFICATES, check_certificate, NULL },
		{ SECTION_IPSEC, NULL, check_ipsec },
		{ SECTION_ROUTES, check_route, NULL },
		{ SECTION_FIREWALL, check_firewall, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		if (strcmp(checks[i].section, object->section->name) != 0)
			continue;
		if (checks[i].check)
			return checks[i].check(document, object, err);
		return checks[i].check_claims(((struct router_index *)index)->claims, document,
					      object, err);
	}
	return 0;
}
