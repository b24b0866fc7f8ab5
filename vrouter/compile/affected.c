/* SPDX-License-Identifier: GPL-2.0-or-later */
/* affected.c - whose items hang on an object beside its own. */
#include <stdlib.h>
#include <string.h>

#include "vrouter/compile/compile.h"
#include "vrouter/document/ipsec_place.h"
#include "vrouter/document/qos.h"

struct affected {
	const struct document *document;
	document_visit_fn *visit;
	void *data;
	struct object **seen;
	size_t n, room;
};

static void add(void *data, struct object *object)
{
	struct affected *affected = data;

	for (size_t i = 0; i < affected->n; i++)
		if (affected->seen[i] == object)
			return;
	mem_grow(&affected->seen, &affected->room, affected->n + 1, sizeof(*affected->seen));
	affected->seen[affected->n++] = object;
	affected->visit(affected->data, object);
}

/* Which of a guest's elastic IPs is its first, changes with any of them. */
static void add_eips(struct affected *affected, const struct object *object)
{
	const struct eip *eip = (const void *)object, *other;

	for (size_t n = 0; (other = router_eip_of(affected->document, &eip->target, n)); n++)
		add(affected, document_find(affected->document, SECTION_EIPS, other->object.uuid));
}

/* What all tunnels share is the router's, the way out of a VIP the VIP's; of remote networks inside
 * one another the outermost stands for all. */
static void add_tunnels(struct affected *affected, const struct object *object)
{
	const struct ipsec *ipsec = (const void *)object;
	struct object *router = document_single(affected->document, SECTION_ROUTER), *other;
	struct object *vip = document_find(affected->document, SECTION_VIPS, ipsec->vip);

	if (router)
		add(affected, router);
	if (vip)
		add(affected, vip);
	section_for_each (affected->document, SECTION_IPSEC, other)
		if (ipsec_remotes_overlap(ipsec, (const void *)other))
			add(affected, other);
}

/* A VIP counts otherwise what an elastic IP carries. */
static void add_eip(struct affected *affected, const struct object *object)
{
	struct object *vip = document_find(affected->document, SECTION_VIPS,
					   ((const struct eip *)(const void *)object)->vip);

	add_eips(affected, object);
	if (vip)
		add(affected, vip);
}

/* What all limits share is the router's; the classes of a few others move with a VIP's. */
static void add_limits(struct affected *affected, const struct vip *vip)
{
	struct object *router = document_single(affected->document, SECTION_ROUTER);

	if (!vip->qos.n)
		return;
	if (router)
		add(affected, router);
	vip_qos_cluster(affected->document, vip, add, affected);
}

/* Who serves on a VIP has its address and interface; no route leads through an own address. */
static void add_vip_users(struct affected *affected, struct object *object)
{
	const struct vip *vip = (const void *)object;
	struct object *route;

	add_limits(affected, vip);
	for (size_t i = 0; i < document_user_count(object); i++) {
		if (strcmp(document_user(object, i)->section->name, SECTION_EIPS) == 0)
			add_eips(affected, document_user(object, i));
		else if (strcmp(document_user(object, i)->section->name, SECTION_IPSEC) == 0)
			add_tunnels(affected, document_user(object, i));
		/* Port forwards and the like are no elastic IP's fellows: each comes once. */
		else
			affected->visit(affected->data, document_user(object, i));
	}
	section_for_each (affected->document, SECTION_ROUTES, route)
		if (ip_equal(&((const struct route *)(const void *)route)->next_hop, &vip->address))
			add(affected, route);
}

/* Of destinations inside one another the outermost opens the filter for all. */
static void add_routes(struct affected *affected, const struct object *object)
{
	const struct route *route = (const void *)object;
	struct object *other;

	section_for_each (affected->document, SECTION_ROUTES, other)
		if (prefix_overlaps(&((const struct route *)(const void *)other)->destination,
				    &route->destination))
			add(affected, other);
}

/* The chain is the interface's, the way there the router's. */
static void add_firewall(struct affected *affected, const struct object *object)
{
	const struct firewall_rule *rule = (const void *)object;
	struct object *interface =
		document_find(affected->document, SECTION_INTERFACES, rule->interface);
	struct object *router = document_single(affected->document, SECTION_ROUTER);

	if (interface)
		add(affected, interface);
	if (router)
		add(affected, router);
}

void router_affected(const struct document *document, struct object *object,
		     document_visit_fn *visit, void *data)
{
	struct affected affected = { document, visit, data, NULL, 0, 0 };
	const char *section = object->section->name;

	add(&affected, object);
	if (strcmp(section, SECTION_VIPS) == 0)
		add_vip_users(&affected, object);
	else if (strcmp(section, SECTION_EIPS) == 0)
		add_eip(&affected, object);
	else if (strcmp(section, SECTION_ROUTES) == 0)
		add_routes(&affected, object);
	else if (strcmp(section, SECTION_FIREWALL) == 0)
		add_firewall(&affected, object);
	else if (strcmp(section, SECTION_IPSEC) == 0)
		add_tunnels(&affected, object);
	else
		document_users(document, object, add, &affected);
	free(affected.seen);
}
