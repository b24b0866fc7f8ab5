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
	bool ours;       /* Made by this agent. */
	char kind[16];   /* "bridge", "vlan", "veth"; "" for hardware. */
	int master;      /* Index of the link that it is a port of; 0: none. */
	int lower;       /* A VLAN's: the link below. */
	uint32_t number; /* A VLAN's ID, a VXLAN's VNI. */
	uint32_t mtu;
	bool told; /* Something else of it has changed. */
};

/* One that the machine has by itself: others than ours, of global scope. */
struct facts_address {
	int link; /* Index. */
	struct prefix address;
};

struct facts_capability {
	const char *name; /* Static: "vlan", "bridge_conntrack", "ifb". */
	bool supported;
	char *reason; /* Owned; why not. */
};

struct facts {
	struct facts_link *links;
	size_t n_links, links_room;
	uint32_t *names; /* Places of links, by their names' hashes; NULL: they are gone through. */
	size_t names_room;
	struct facts_address *addresses;
	size_t n_addresses, addresses_room;
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

/* The new link, for what else is known of it; the pointer holds until the next is added. */
struct facts_link *facts_add_link(struct facts *facts, int index, const char *name,
				  const struct mac *mac, bool ours);
void facts_add_address(struct facts *facts, int link, const struct prefix *address);

/* The link with this MAC; of several (a bridge over its port) the one with the lowest index that is
 * not ours. NULL if there is none. */
const struct facts_link *facts_link_by_mac(const struct facts *facts, const struct mac *mac);
const struct facts_link *facts_link_by_name(const struct facts *facts, const char *name);
const struct facts_link *facts_link_by_index(const struct facts *facts, int index);
/* The VLAN of this ID on the link with this index, whatever it is called. */
const struct facts_link *facts_link_vlan(const struct facts *facts, int lower, uint32_t id);

/* The link that has this address, as one of the machine's own; NULL if none has. */
const struct facts_link *facts_link_with(const struct facts *facts, const struct ip *address);
bool facts_has_address(const struct facts *facts, const struct facts_link *link);

void facts_add_capability(struct facts *facts, const char *name, bool supported,
			  const char *reason);
/* A capability that nobody probed counts as supported. '*reason' (may be NULL) is the facts' own.
 */
bool facts_supports(const struct facts *facts, const char *name, const char **reason);

/* Links and their addresses are as in 'from' now, which is left without. Whether they are others
 * than before. */
bool facts_take_links(struct facts *facts, struct facts *from);

typedef bool facts_link_fn(void *data, const struct facts *facts, const struct facts_link *link,
			   bool same);
/* Calls 'fn' for each link that one of the two lacks, or has otherwise, with the one that has it:
 * twice for those that both have; and for those that are the same, but told of in 'after'. Links
 * are in the order of their indexes in both. False if 'fn' says so, at once; or if their addresses
 * are not the same. */
bool facts_compare_links(const struct facts *before, const struct facts *after, facts_link_fn *fn,
			 void *data);
void facts_clear(struct facts *facts);

#endif
