/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_table.h - the links there are, as one dump tells them. */
#ifndef WEFT_BACKEND_RTNL_LINK_TABLE_H
#define WEFT_BACKEND_RTNL_LINK_TABLE_H

#include <libmnl/libmnl.h>
#include <net/if.h>
#include <stdbool.h>

#include "lib/base/net.h"

struct rtnl;

/* Options of a bridge (numbers) and of its ports (switches), as tables: a row for each. */
struct link_option {
	const char *name;
	uint16_t attribute; /* IFLA_BR_* or IFLA_BRPORT_* */
	uint8_t bytes;
};
#define LINK_BRIDGE_OPTIONS 5
#define LINK_PORT_OPTIONS   8
extern const struct link_option link_bridge_options[LINK_BRIDGE_OPTIONS];
extern const struct link_option link_port_options[LINK_PORT_OPTIONS];
/* The row's number, or -1. */
int link_bridge_option(const char *name);
int link_port_option(const char *name);

struct link {
	int index;
	int master;           /* 0: none. */
	int lower;            /* What a VLAN stands on, or a veth's peer; 0: none. */
	bool lower_elsewhere; /* In another network namespace. */
	unsigned int flags;   /* IFF_* */
	uint32_t mtu, group;
	char name[IFNAMSIZ];
	char alias[256];
	char kind[16]; /* "" for hardware. */
	bool has_mac;
	struct mac mac;
	uint32_t number; /* A VLAN's id, a VXLAN's VNI. */
	struct ip local; /* A VXLAN's. */
	uint16_t port;
	bool is_port; /* Of a bridge. */
	uint32_t bridge[LINK_BRIDGE_OPTIONS];
	bool port_option[LINK_PORT_OPTIONS];
	bool told; /* Something of it changed, and nobody was told of it yet. */
};

struct link_table {
	struct link *links; /* By index. */
	size_t n, room;
	const struct link **by_name;
};

#define LINK_TABLE_NONE \
	{               \
		0       \
	}

/* Reads one RTM_NEWLINK. */
void link_parse(const struct nlmsghdr *message, struct link *link);
/* Reads what a bridge tells of a port (a message of AF_BRIDGE) into the link that is known:
 * RTM_DELLINK means that it left. */
void link_parse_port(const struct nlmsghdr *message, struct link *link);

/* Made by us: known by alias "weft OWNER" or, as a veth's other end, by its group. */
bool link_is_ours(const struct link *link);
/* The OWNER in the alias, "" without. */
const char *link_owner(const struct link *link);

/* Reads all links, or the one with 'index'. What the table held is let go first. */
int link_table_read(struct rtnl *rtnl, int index, struct link_table *table, struct err *err);
const struct link *link_table_index(const struct link_table *table, int index);
const struct link *link_table_name(const struct link_table *table, const char *name);
/* As facts_link_by_mac(). */
const struct link *link_table_mac(const struct link_table *table, const struct mac *mac);

/* Notes or forgets a link; both return whether that changes what rtnl.h calls a link's change. */
bool link_table_note(struct link_table *table, const struct link *link);
bool link_table_forget(struct link_table *table, int index);
void link_table_clear(struct link_table *table);

#endif
