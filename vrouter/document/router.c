/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's document as a type, and typed ways into it. */
#include "vrouter/document/router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/fields.h"
#include "vrouter/document/index.h"

struct claimant {
	struct claims *claims;
	const char *uuid;
	struct err *err;
};

static int take_one(void *data, const char *what, const char *sentence)
{
	struct claimant *claimant = data;
	const char *holder, *place = strstr(sentence, "%s");

	if (claim(claimant->claims, what, claimant->uuid, &holder) == 0)
		return 0;
	return err_set(claimant->err, -EINVAL, "%.*s%s%s", (int)(place - sentence), sentence,
		       holder, place + 2);
}

static int give_one(void *data, const char *what, const char *sentence)
{
	const struct claimant *claimant = data;

	(void)sentence;
	unclaim(claimant->claims, what, claimant->uuid);
	return 0;
}

static bool is_eip(const struct object *object)
{
	return strcmp(object->section->name, SECTION_EIPS) == 0;
}

static void index_remove(void *data, const struct document *document, const struct object *object)
{
	struct router_index *index = data;
	struct claimant claimant = { index->claims, object->uuid, NULL };

	(void)document;
	object_claims(object, give_one, &claimant);
	if (is_eip(object))
		targets_remove(&index->targets, (const void *)object);
}

static int index_add(void *data, const struct document *document, const struct object *object,
		     struct err *err)
{
	struct router_index *index = data;
	struct claimant claimant = { index->claims, object->uuid, err };
	int ret = object_claims(object, take_one, &claimant);

	if (ret < 0)
		index_remove(index, document, object);
	else if (is_eip(object))
		targets_add(&index->targets, (const void *)object);
	return ret;
}

static void *index_new(void)
{
	struct router_index *index = mem_alloc(sizeof(*index));

	index->claims = claims_new();
	return index;
}

static void index_free(void *data)
{
	struct router_index *index = data;

	claims_free(index->claims);
	targets_clear(&index->targets);
	free(index);
}

#define SECTION(name, fields, type, ...)                       \
	{                                                      \
		name, fields, sizeof(struct type), __VA_ARGS__ \
	}

static const struct section_type sections[] = {
	SECTION(SECTION_ROUTER, router_fields, router, .single = true, .required = true),
	SECTION(SECTION_INTERFACES, interface_fields, interface, .single = false),
	SECTION(SECTION_DNS, dns_fields, dns, .single = true),
	SECTION(SECTION_DHCP, dhcp_fields, dhcp, .single = false),
	SECTION(SECTION_VIPS, vip_fields, vip, .single = false),
	SECTION(SECTION_EIPS, eip_fields, eip, .single = false),
	SECTION(SECTION_PORT_FORWARDS, port_forward_fields, port_forward, .single = false),
	SECTION(SECTION_LOAD_BALANCERS, load_balancer_fields, load_balancer, .single = false),
	SECTION(SECTION_CERTIFICATES, certificate_fields, certificate, .single = false),
	SECTION(SECTION_IPSEC, ipsec_fields, ipsec, .single = false),
	SECTION(SECTION_ROUTES, route_fields, route, .single = false),
	SECTION(SECTION_FIREWALL, firewall_fields, firewall_rule, .single = false),
	SECTION(SECTION_HA, ha_fields, object, .single = true),
	{ .name = NULL },
};

const struct document_type router_document = {
	.name = "router",
	.sections = sections,
	.index_new = index_new,
	.index_free = index_free,
	.add = index_add,
	.remove = index_remove,
	.check = router_check_object,
};

const struct router *router_of(const struct document *document)
{
	return (const void *)document_single(document, SECTION_ROUTER);
}

const struct dns *router_dns(const struct document *document)
{
	return (const void *)document_single(document, SECTION_DNS);
}

const struct vip *router_vip(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_VIPS, uuid);
}

const struct interface *router_network(const struct document *document, const char *network)
{
	const struct object *object;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (strcmp(interface->network, network) == 0)
			return interface;
	}
	return NULL;
}

const struct prefix *interface_address(const struct interface *interface, size_t i)
{
	const struct prefix *addresses = interface->addresses.items;

	return i < interface->addresses.n ? &addresses[i] : NULL;
}

const struct interface *router_interface_of(const struct document *document, const struct ip *ip)
{
	const struct object *object;
	const struct prefix *address;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->role != ROLE_PRIVATE)
			continue;
		for (size_t i = 0; (address = interface_address(interface, i)); i++)
			if (prefix_contains(address, ip))
				return interface;
	}
	return NULL;
}

const struct interface *router_default_interface(const struct document *document)
{
	const struct interface *first = NULL;
	const struct object *object;

	section_for_each (document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->default_route)
			return interface;
		if (!first && interface->role == ROLE_PUBLIC && interface->gateway.family)
			first = interface;
	}
	return first;
}

const struct eip *router_eip_of(const struct document *document, const struct ip *target, size_t n)
{
	const struct router_index *index = document_index(document);

	return targets_eip(&index->targets, target, n);
}

const struct vip *router_vip_at(const struct document *document, const struct ip *address)
{
	const struct router_index *index = document_index(document);
	AUTO(free_ptr) char *what = mem_format("vip %s", ip_text(address).s);
	const char *holder = claim_holder(index->claims, what);

	return holder ? router_vip(document, holder) : NULL;
}
