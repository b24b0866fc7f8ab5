/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.h - what a compiler must know of the machine: its links, and what its kernel can do.
 *
 * Compilers are pure: the facts are an input beside the document. */
#ifndef WEFT_ITEM_FACTS_H
#define WEFT_ITEM_FACTS_H

#include <net/if.h>

#include "lib/base/net.h"

struct facts_link {
	int index;
	char name[IFNAMSIZ];
	struct mac mac;
	bool ours; /* Made by this agent. */
};

struct facts_capability {
	const char *name; /* Static: "vlan", "bridge_conntrack", "ifb". */
	bool supported;
	char *reason; /* Owned; why not. */
};

struct facts {
	struct facts_link *links;
	size_t n_links, links_room;
	struct facts_capability *capabilities;
	size_t n_capabilities, capabilities_room;
	/* Digests of secrets are made with it: they tell nobody anything, and no other machine's
	 * are like them. */
	unsigned char salt[32];
};

#define FACTS_NONE \
	{          \
		0  \
	}

void facts_add_link(struct facts *facts, int index, const char *name, const struct mac *mac,
		    bool ours);

/* The link with this MAC; of several (a bridge over its port) the one with the lowest index that is
 * not ours. NULL if there is none. */
const struct facts_link *facts_link_by_mac(const struct facts *facts, const struct mac *mac);
const struct facts_link *facts_link_by_name(const struct facts *facts, const char *name);

void facts_add_capability(struct facts *facts, const char *name, bool supported,
			  const char *reason);
/* A capability that nobody probed counts as supported. '*reason' (may be NULL) is the facts' own.
 */
bool facts_supports(const struct facts *facts, const char *name, const char **reason);

void facts_clear_links(struct facts *facts);
void facts_clear(struct facts *facts);

#endif
