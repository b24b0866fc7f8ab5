/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct facts_link *facts_add_link(struct facts *facts, int index, const char *name,
				  const struct mac *mac, bool ours)
{
	struct facts_link *link;

	mem_grow(&facts->links, &facts->links_room, facts->n_links + 1, sizeof(*facts->links));
	link = &facts->links[facts->n_links++];
	*link = (struct facts_link){ .index = index, .mac = *mac, .ours = ours };
	snprintf(link->name, sizeof(link->name), "%s", name);
	return link;
}

void facts_add_address(struct facts *facts, int link, const struct prefix *address)
{
	mem_grow(&facts->addresses, &facts->addresses_room, facts->n_addresses + 1,
		 sizeof(*facts->addresses));
	facts->addresses[facts->n_addresses++] = (struct facts_address){ link, *address };
}

const struct facts_link *facts_link_by_mac(const struct facts *facts, const struct mac *mac)
{
	const struct facts_link *found = NULL;

	for (size_t i = 0; i < facts->n_links; i++) {
		const struct facts_link *link = &facts->links[i];

		if (!link->ours && mac_equal(&link->mac, mac) &&
		    (!found || link->index < found->index))
			found = link;
	}
	return found;
}

const struct facts_link *facts_link_by_name(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_links; i++)
		if (strcmp(facts->links[i].name, name) == 0)
			return &facts->links[i];
	return NULL;
}

const struct facts_link *facts_link_by_index(const struct facts *facts, int index)
{
	for (size_t i = 0; i < facts->n_links; i++)
		if (facts->links[i].index == index)
			return &facts->links[i];
	return NULL;
}

const struct facts_link *facts_link_vlan(const struct facts *facts, int lower, uint32_t id)
{
	for (size_t i = 0; i < facts->n_links; i++) {
		const struct facts_link *link = &facts->links[i];

		if (strcmp(link->kind, "vlan") == 0 && link->lower == lower && link->number == id)
			return link;
	}
	return NULL;
}

const struct facts_link *facts_link_with(const struct facts *facts, const struct ip *address)
{
	for (size_t i = 0; i < facts->n_addresses; i++)
		if (ip_equal(&facts->addresses[i].address.ip, address))
			return facts_link_by_index(facts, facts->addresses[i].link);
	return NULL;
}

bool facts_has_address(const struct facts *facts, const struct facts_link *link)
{
	for (size_t i = 0; i < facts->n_addresses; i++)
		if (facts->addresses[i].link == link->index)
			return true;
	return false;
}

void facts_add_capability(struct facts *facts, const char *name, bool supported, const char *reason)
{
	mem_grow(&facts->capabilities, &facts->capabilities_room, facts->n_capabilities + 1,
		 sizeof(*facts->capabilities));
	facts->capabilities[facts->n_capabilities++] =
		(struct facts_capability){ name, supported, mem_text(reason) };
}

bool facts_supports(const struct facts *facts, const char *name, const char **reason)
{
	for (size_t i = 0; i < facts->n_capabilities; i++) {
		const struct facts_capability *capability = &facts->capabilities[i];

		if (strcmp(capability->name, name) != 0)
			continue;
		if (reason)
			*reason = capability->reason;
		return capability->supported;
	}
	return true;
}

static bool same_link(const struct facts_link *a, const struct facts_link *b)
{
	return a->index == b->index && strcmp(a->name, b->name) == 0 &&
	       mac_equal(&a->mac, &b->mac) && a->ours == b->ours && strcmp(a->kind, b->kind) == 0 &&
	       a->master == b->master && a->lower == b->lower && a->number == b->number &&
	       a->mtu == b->mtu;
}

static bool same_address(const struct facts_address *a, const struct facts_address *b)
{
	return a->link == b->link && ip_equal(&a->address.ip, &b->address.ip) &&
	       a->address.length == b->address.length;
}

static bool same_links(const struct facts *facts, const struct facts *other)
{
	if (facts->n_links != other->n_links || facts->n_addresses != other->n_addresses)
		return false;
	for (size_t i = 0; i < facts->n_links; i++)
		if (!same_link(&facts->links[i], &other->links[i]))
			return false;
	for (size_t i = 0; i < facts->n_addresses; i++)
		if (!same_address(&facts->addresses[i], &other->addresses[i]))
			return false;
	return true;
}

bool facts_take_links(struct facts *facts, struct facts *from)
{
	bool changed = !same_links(facts, from);

	free(facts->links);
	free(facts->addresses);
	facts->links = STEAL(from->links);
	facts->n_links = from->n_links;
	facts->links_room = from->links_room;
	facts->addresses = STEAL(from->addresses);
	facts->n_addresses = from->n_addresses;
	facts->addresses_room = from->addresses_room;
	from->n_links = from->links_room = from->n_addresses = from->addresses_room = 0;
	return changed;
}

void facts_clear(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_capabilities; i++)
		free(facts->capabilities[i].reason);
	free(facts->capabilities);
	free(facts->links);
	free(facts->addresses);
	*facts = (struct facts)FACTS_NONE;
}
