/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_parse.c - one link out of the kernel's message. */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/link_table.h"
#include "lib/backend/rtnl/request.h"

/* Names are sysfs's. */
const struct link_option link_bridge_options[LINK_BRIDGE_OPTIONS] = {
	{ "stp_state", IFLA_BR_STP_STATE, 4 },
	{ "forward_delay", IFLA_BR_FORWARD_DELAY, 4 },
	{ "mcast_snooping", IFLA_BR_MCAST_SNOOPING, 1 },
	{ "ageing_time", IFLA_BR_AGEING_TIME, 4 },
	{ "vlan_filtering", IFLA_BR_VLAN_FILTERING, 1 },
};

const struct link_option link_port_options[LINK_PORT_OPTIONS] = {
	{ "isolated", IFLA_BRPORT_ISOLATED, 1 },
	{ "neigh_suppress", IFLA_BRPORT_NEIGH_SUPPRESS, 1 },
	{ "learning", IFLA_BRPORT_LEARNING, 1 },
	{ "flood", IFLA_BRPORT_UNICAST_FLOOD, 1 },
	{ "mcast_flood", IFLA_BRPORT_MCAST_FLOOD, 1 },
	{ "bcast_flood", IFLA_BRPORT_BCAST_FLOOD, 1 },
	{ "hairpin", IFLA_BRPORT_MODE, 1 },
	{ "proxyarp_wifi", IFLA_BRPORT_PROXYARP_WIFI, 1 },
};

static int option_find(const struct link_option *options, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(options[i].name, name) == 0)
			return i;
	return -1;
}

int link_bridge_option(const char *name)
{
	return option_find(link_bridge_options, LINK_BRIDGE_OPTIONS, name);
}

int link_port_option(const char *name)
{
	return option_find(link_port_options, LINK_PORT_OPTIONS, name);
}

static void copy_text(char *to, size_t size, const struct nlattr *attribute)
{
	if (attribute)
		snprintf(to, size, "%.*s", (int)mnl_attr_get_payload_len(attribute),
			 (const char *)mnl_attr_get_payload(attribute));
}

static void parse_vxlan(const struct nlattr *data, struct link *link)
{
	const struct nlattr *at[IFLA_VXLAN_LOCAL6 + 1];

	get_nested(data, at, IFLA_VXLAN_LOCAL6);
	link->number = get_u32(at[IFLA_VXLAN_ID]);
	link->port = ntohs(get_u16(at[IFLA_VXLAN_PORT]));
	link->local = get_ip(at[IFLA_VXLAN_LOCAL] ? at[IFLA_VXLAN_LOCAL] : at[IFLA_VXLAN_LOCAL6]);
}

static void parse_bridge(const struct nlattr *data, struct link *link)
{
	const struct nlattr *at[IFLA_BR_MAX + 1];

	get_nested(data, at, IFLA_BR_MAX);
	for (int i = 0; i < LINK_BRIDGE_OPTIONS; i++) {
		const struct nlattr *value = at[link_bridge_options[i].attribute];

		link->bridge[i] =
			link_bridge_options[i].bytes == 4 ? get_u32(value) : get_u8(value);
	}
}

static void parse_port(const struct nlattr *data, struct link *link)
{
	const struct nlattr *at[IFLA_BRPORT_MAX + 1];

	link->is_port = true;
	get_nested(data, at, IFLA_BRPORT_MAX);
	for (int i = 0; i < LINK_PORT_OPTIONS; i++)
		link->port_option[i] = get_u8(at[link_port_options[i].attribute]);
}

static void parse_info(const struct nlattr *info, struct link *link)
{
	const struct nlattr *at[IFLA_INFO_SLAVE_DATA + 1];
	const struct nlattr *vlan[IFLA_VLAN_ID + 1];
	char master[16] = "";

	get_nested(info, at, IFLA_INFO_SLAVE_DATA);
	copy_text(link->kind, sizeof(link->kind), at[IFLA_INFO_KIND]);
	copy_text(master, sizeof(master), at[IFLA_INFO_SLAVE_KIND]);
	if (strcmp(link->kind, "vxlan") == 0)
		parse_vxlan(at[IFLA_INFO_DATA], link);
	else if (strcmp(link->kind, "bridge") == 0)
		parse_bridge(at[IFLA_INFO_DATA], link);
	else if (strcmp(link->kind, "vlan") == 0) {
		get_nested(at[IFLA_INFO_DATA], vlan, IFLA_VLAN_ID);
		link->number = get_u16(vlan[IFLA_VLAN_ID]);
	}
	if (strcmp(master, "bridge") == 0)
		parse_port(at[IFLA_INFO_SLAVE_DATA], link);
}

void link_parse_port(const struct nlmsghdr *message, struct link *link)
{
	const struct nlattr *at[IFLA_PROTINFO + 1];

	link->master = 0;
	link->is_port = false;
	memset(link->port_option, 0, sizeof(link->port_option));
	if (message->nlmsg_type == RTM_DELLINK)
		return;
	get_attributes(message, sizeof(struct ifinfomsg), at, IFLA_PROTINFO);
	link->master = (int)get_u32(at[IFLA_MASTER]);
	if (at[IFLA_PROTINFO])
		parse_port(at[IFLA_PROTINFO], link);
}

void link_parse(const struct nlmsghdr *message, struct link *link)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *at[IFLA_LINK_NETNSID + 1];

	memset(link, 0, sizeof(*link));
	link->index = header->ifi_index;
	link->flags = header->ifi_flags;
	get_attributes(message, sizeof(*header), at, IFLA_LINK_NETNSID);
	copy_text(link->name, sizeof(link->name), at[IFLA_IFNAME]);
	copy_text(link->alias, sizeof(link->alias), at[IFLA_IFALIAS]);
	link->master = (int)get_u32(at[IFLA_MASTER]);
	link->lower = (int)get_u32(at[IFLA_LINK]);
	link->lower_elsewhere = at[IFLA_LINK_NETNSID];
	link->mtu = get_u32(at[IFLA_MTU]);
	link->group = get_u32(at[IFLA_GROUP]);
	link->has_mac = get_mac(at[IFLA_ADDRESS], &link->mac);
	if (at[IFLA_LINKINFO])
		parse_info(at[IFLA_LINKINFO], link);
}

bool link_is_ours(const struct link *link)
{
	return link->group == LINK_GROUP ||
	       strncmp(link->alias, LINK_ALIAS, strlen(LINK_ALIAS)) == 0;
}

const char *link_owner(const struct link *link)
{
	if (strncmp(link->alias, LINK_ALIAS, strlen(LINK_ALIAS)) != 0)
		return "";
	return link->alias + strlen(LINK_ALIAS);
}
