/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void facts_add_link(struct facts *facts, int index, const char *name, const struct mac *mac,
		    bool ours)
{
	struct facts_link *link;

	mem_grow(&facts->links, &facts->links_room, facts->n_links + 1, sizeof(*facts->links));
	link = &facts->links[facts->n_links++];
	*link = (struct facts_link){ .index = index, .mac = *mac, .ours = ours };
	snprintf(link->name, sizeof(link->name), "%s", name);
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

void facts_clear_links(struct facts *facts)
{
	facts->n_links = 0;
}

void facts_clear(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_capabilities; i++)
		free(facts->capabilities[i].reason);
	free(facts->capabilities);
	free(facts->links);
	*facts = (struct facts)FACTS_NONE;
}
