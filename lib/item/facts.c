/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"

#define NAMES_MIN 64

/* Where the name is, or would be. */
static size_t name_slot(const struct facts *facts, const char *name)
{
	size_t slot = map_hash_text(name) & (facts->names_room - 1);

	while (facts->names[slot] && strcmp(facts->links[facts->names[slot] - 1].name, name) != 0)
		slot = (slot + 1) & (facts->names_room - 1);
	return slot;
}

static void names_forget(struct facts *facts)
{
	free(facts->names);
	facts->names = NULL;
	facts->names_room = 0;
}

/* A compiler asks for links by name, several times for each object. */
static void names_find(struct facts *facts)
{
	names_forget(facts);
	for (facts->names_room = NAMES_MIN; facts->names_room < 2 * facts->n_links;)
		facts->names_room *= 2;
	facts->names = mem_array(facts->names_room, sizeof(*facts->names));
	for (size_t i = 0; i < facts->n_links; i++) {
		size_t slot = name_slot(facts, facts->links[i].name);

		if (!facts->names[slot])
			facts->names[slot] = (uint32_t)i + 1;
	}
}

struct facts_link *facts_add_link(struct facts *facts, int index, const char *name,
				  const struct mac *mac, bool ours)
{
	struct facts_link *link;

	names_forget(facts);
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
	uint32_t place = facts->names ? facts->names[name_slot(facts, name)] : 0;

	if (facts->names)
		return place ? &facts->links[place - 1] : NULL;
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

static bool same_addresses(const struct facts *facts, const struct facts *other)
{
	if (facts->n_addresses != other->n_addresses)
		return false;
	for (size_t i = 0; i < facts->n_addresses; i++)
		if (!same_address(&facts->addresses[i], &other->addresses[i]))
			return false;
	return true;
}

bool facts_compare_links(const struct facts *before, const struct facts *after, facts_link_fn *fn,
			 void *data)
{
	size_t b = 0, a = 0;

	while (b < before->n_links || a < after->n_links) {
		const struct facts_link *was = b < before->n_links ? &before->links[b] : NULL;
		const struct facts_link *is = a < after->n_links ? &after->links[a] : NULL;
		bool had = was && (!is || was->index <= is->index);
		bool has = is && (!was || is->index <= was->index);
		bool same = had && has && same_link(was, is);

		if (!same && had && !fn(data, before, was, false))
			return false;
		if (has && (!same || is->told) && !fn(data, after, is, same))
			return false;
		b += had;
		a += has;
	}
	return same_addresses(before, after);
}

static bool is_same(void *data, const struct facts *facts, const struct facts_link *link, bool same)
{
	(void)data;
	(void)facts;
	(void)link;
	return same;
}

bool facts_take_links(struct facts *facts, struct facts *from)
{
	bool changed = !facts_compare_links(facts, from, is_same, NULL);

	free(facts->links);
	free(facts->addresses);
	names_forget(from);
	facts->links = STEAL(from->links);
	facts->n_links = from->n_links;
	facts->links_room = from->links_room;
	facts->addresses = STEAL(from->addresses);
	facts->n_addresses = from->n_addresses;
	facts->addresses_room = from->addresses_room;
	from->n_links = from->links_room = from->n_addresses = from->addresses_room = 0;
	names_find(facts);
	return changed;
}

void facts_clear(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_capabilities; i++)
		free(facts->capabilities[i].reason);
	free(facts->capabilities);
	free(facts->links);
	free(facts->addresses);
	free(facts->names);
	*facts = (struct facts)FACTS_NONE;
}
