/* SPDX-License-Identifier: GPL-2.0-or-later */
/* affected.c - whose items hang on an object beside its own: those that refer to it, whose own are
 * made of what it says; and what an elastic IP makes of the networks that it joins. */
#include "hostnet/compile/compile.h"

#include <string.h>

#include "hostnet/compile/parts.h"

struct visiting {
	const struct document *document;
	document_visit_fn *visit;
	void *data;
};

static void visit_l2(const struct visiting *visiting, const char *uuid)
{
	struct object *object = document_find(visiting->document, SECTION_L2_NETWORKS, uuid);

	if (object)
		visiting->visit(visiting->data, object);
}

/* Its networks' legs, and the others of its port: which of them is the first. */
static void visit_beside(const struct visiting *visiting, const struct object *object)
{
	const struct host_eip *eip = (const void *)object;
	struct object *port = document_find(visiting->document, SECTION_PORTS, eip->port);
	const struct l3_network *l3 = host_l3(visiting->document, eip->l3);

	if (l3)
		visit_l2(visiting, l3->l2);
	if (!port)
		return;
	visit_l2(visiting, ((const struct port *)(const void *)port)->l2);
	document_users(visiting->document, port, visiting->visit, visiting->data);
}

static void visit_user(void *data, struct object *object)
{
	const struct visiting *visiting = data;

	visiting->visit(visiting->data, object);
	if (strcmp(object->section->name, SECTION_EIPS) == 0)
		visit_beside(visiting, object);
}

static bool makes_rules(const char *section)
{
	return strcmp(section, SECTION_L3_NETWORKS) == 0 || strcmp(section, SECTION_EIPS) == 0 ||
	       strcmp(section, SECTION_ROUTERS) == 0;
}

struct combined {
	const struct visiting *visiting;
	const char *group;
};

static void visit_if_in(void *data, struct object *object)
{
	const struct combined *combined = data;
	const struct combination *combination = (const void *)object;

	for (size_t i = 0; i < combination->n; i++)
		if (strcmp(combination->groups[i], combined->group) == 0)
			combined->visiting->visit(combined->visiting->data, object);
}

/* Ports and other groups name its chains and sets, whatever is in them: a member costs nothing for
 * each that uses the group. Only if it is or was strict, what leads out of ports may be another.
 * The first and the last one make the host track. */
static void visit_beside_group(const struct visiting *visiting, struct object *object)
{
	struct object *host = document_single(visiting->document, SECTION_HOST);
	struct combined combined = { visiting, object->uuid };

	visiting->visit(visiting->data, object);
	if (group_is_strict((const void *)object))
		host_combinations(visiting->document, visit_if_in, &combined);
	if (host)
		visiting->visit(visiting->data, host);
}

void host_affected(const struct document *document, struct object *object, document_visit_fn *visit,
		   void *data)
{
	struct visiting visiting = { document, visit, data };
	struct object *host = document_single(document, SECTION_HOST);

	if (strcmp(object->section->name, SECTION_SECURITY_GROUPS) == 0) {
		visit_beside_group(&visiting, object);
		return;
	}
	visit_user(&visiting, object);
	if (strcmp(object->section->name, SECTION_PORTS) == 0) {
		struct combination *combination = ((struct port *)(void *)object)->combination;

		if (combination)
			visit(data, &combination->object);
	}
	document_users(document, object, visit_user, &visiting);
	/* The first and the last of these make rules of the host's come and go. */
	if (host && makes_rules(object->section->name))
		visit(data, host);
	if (strcmp(object->section->name, SECTION_L3_NETWORKS) == 0)
		visit_l2(&visiting, ((const struct l3_network *)(const void *)object)->l2);
}

/* What is neither named by a network, nor stands between others, nor has an address: a guest's. */
static bool is_end(const struct document *document, const struct facts *facts,
		   const struct facts_link *link)
{
	static const char *const kinds[] = { "", "tun", "veth", "ifb" };
	/* They are not marked as ours from their beginning. */
	static const char *const between[] = { LINK_RESPONDER, LINK_OUTER_LEG, LINK_INNER_LEG };
	const struct object *object;
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		known |= strcmp(link->kind, kinds[i]) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(between); i++)
		known &= strncmp(link->name, between[i], strlen(between[i])) != 0;
	/* Of what is ours, nothing is compiled from queues. */
	if (!known || (link->ours && strcmp(link->kind, "ifb") != 0) ||
	    facts_has_address(facts, link))
		return false;
	section_for_each (document, SECTION_L2_NETWORKS, object) {
		const struct l2_network *l2 = (const void *)object;

		if (l2->device && strcmp(l2->device, link->name) == 0)
			return false;
	}
	return true;
}

bool host_affected_by_link(const struct document *document, const struct facts *facts,
			   const struct facts_link *link, document_visit_fn *visit, void *data)
{
	const struct port *port = host_port_of_device(document, link->name);

	if (!is_end(document, facts, link))
		return false;
	if (port) {
		struct object *object = document_find(document, SECTION_PORTS, port->object.uuid);

		visit(data, object);
		document_users(document, object, visit, data);
	}
	return true;
}
