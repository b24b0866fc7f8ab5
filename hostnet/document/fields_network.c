/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of what the host connects: itself, L2 and L3 networks, routers. */
#include "hostnet/document/fields.h"
#include "hostnet/document/host.h"

static const struct field ip_element[] = { { .type = FIELD_IP } };

#define AT(member) offsetof(struct host, member)
const struct field host_fields[] = {
	{ "uuid", FIELD_UUID, AT(object.uuid), .doc = "Names the host; absent: \"host\"." },
	{ "name", FIELD_TEXT, AT(name), .doc = "For people." },
	{ "vtep", FIELD_IP, AT(vtep), .nullable = true,
	  .doc = "The address that VXLAN packets leave from; needed by VXLAN networks." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct l2_remote, member)
static const struct field remote_fields[] = {
	{ "mac", FIELD_MAC, AT(mac), .required = true, .doc = "Of the guest's NIC." },
	{ "address", FIELD_IP, AT(address), .nullable = true, .doc = "Of the guest's NIC." },
	{ "vtep", FIELD_IP, AT(vtep), .required = true, .doc = "Of the host that it is on." },
	{ 0 },
};
#undef AT

static const char *const l2_types[] = { "novlan", "vlan", "vxlan", NULL };

#define AT(member) offsetof(struct l2_network, member)
const struct field l2_fields[] = {
	FIELD_UUID_OF(l2_network),
	{ "type", FIELD_CHOICE, AT(type), .required = true, .choices = l2_types,
	  .doc = "novlan, vlan or vxlan." },
	{ "device", FIELD_TEXT, AT(device), .nullable = true, .min = 1, .max = 15,
	  .doc = "The host's link below; novlan and vlan only." },
	{ "vlan", FIELD_NUMBER, AT(vlan), .nullable = true, .min = 1, .max = 4094,
	  .doc = "VLAN ID; vlan only." },
	{ "vni", FIELD_NUMBER, AT(vni), .nullable = true, .min = 1, .max = 16777214,
	  .doc = "VXLAN network identifier; vxlan only." },
	{ "mtu", FIELD_NUMBER, AT(mtu), .min = 68, .max = 9216, .unit = "bytes",
	  .doc = "Absent: as the device has it; VXLAN: 50 less." },
	{ "pool", FIELD_UUID, AT(pool), .nullable = true,
	  .doc = "Flooded frames are sent to all vteps of this pool; vxlan only." },
	{ "peers", FIELD_LIST, AT(peers), .element = ip_element,
	  .doc = "In place of a pool: the other hosts' VTEPs, which flooded frames are sent to; "
		 "vxlan only." },
	{ "remote", FIELD_LIST, AT(remote), .fields = remote_fields,
	  .size = sizeof(struct l2_remote),
	  .doc = "In place of l2_remotes: guests on other hosts, so that nothing needs to be "
		 "flooded for them; vxlan only." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct vtep, member)
const struct field vtep_fields[] = {
	FIELD_UUID_OF(vtep),
	{ "pool", FIELD_UUID, AT(pool), .required = true,
	  .doc = "What l2_networks that use it name." },
	{ "address", FIELD_IP, AT(address), .required = true,
	  .doc = "Where tunnels to that host end." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct l2_guest, member)
const struct field l2_guest_fields[] = {
	FIELD_UUID_OF(l2_guest),
	{ "l2", FIELD_REFERENCE, AT(l2), .required = true, .target = SECTION_L2_NETWORKS,
	  .doc = "A VXLAN network without remote." },
	{ "mac", FIELD_MAC, AT(at.mac), .required = true, .doc = "Of the guest's NIC." },
	{ "address", FIELD_IP, AT(at.address), .nullable = true, .doc = "Of the guest's NIC." },
	{ "vtep", FIELD_IP, AT(at.vtep), .required = true, .doc = "Of the host that it is on." },
	{ 0 },
};
#undef AT

#define AT(member)     offsetof(struct l3_network, member)
#define IN(of, member) (offsetof(struct l3_network, of.member) - offsetof(struct l3_network, of))
static const struct field dhcp_fields[] = {
	{ "enabled", FIELD_BOOL, IN(dhcp, enabled), .required = true,
	  .doc = "Whether guests get their addresses by DHCP." },
	{ "server", FIELD_IP, IN(dhcp, server), .nullable = true,
	  .doc = "The responder's address, the same on every host; needed when enabled." },
	{ "lease_s", FIELD_NUMBER, IN(dhcp, lease_s), .min = 60, .max = 31536000, .fallback = 86400,
	  .unit = "s", .doc = "How long a lease lasts." },
	{ 0 },
};

const struct field l3_fields[] = {
	FIELD_UUID_OF(l3_network),
	{ "l2", FIELD_REFERENCE, AT(l2), .required = true, .target = SECTION_L2_NETWORKS,
	  .doc = "The network that it is on." },
	{ "cidr", FIELD_PREFIX, AT(cidr), .required = true,
	  .doc = "All its addresses; host bits are passed over." },
	{ "gateway", FIELD_IP, AT(gateway), .nullable = true,
	  .doc = "Told to guests on their default port." },
	{ "mtu", FIELD_NUMBER, AT(mtu), .min = 68, .max = 9216, .unit = "bytes",
	  .doc = "Told to guests; absent: nothing is told." },
	{ "dns", FIELD_LIST, AT(dns), .element = ip_element,
	  .doc = "Told to guests on their default port, in this order." },
	{ "domain", FIELD_TEXT, AT(domain), .nullable = true, .min = 1, .max = 253,
	  .doc = "Domain name of the guests." },
	{ "dhcp", FIELD_RECORD, AT(dhcp), .nullable = true, .fields = dhcp_fields,
	  .size = sizeof(((struct l3_network *)0)->dhcp),
	  .doc = "The responder on this host; absent: there is none." },
	{ "user_data", FIELD_BOOL, AT(user_data),
	  .doc = "Whether guests find their user data at 169.254.169.254." },
	{ 0 },
};
#undef AT
#undef IN

#define AT(member) offsetof(struct host_router_interface, member)
static const struct field router_interface_fields[] = {
	{ "l3", FIELD_REFERENCE, AT(l3), .required = true, .target = SECTION_L3_NETWORKS,
	  .doc = "One of the router's networks." },
	{ "address", FIELD_IP, AT(address), .required = true,
	  .doc = "The router's address there, which guests have as gateway." },
	{ "mac", FIELD_MAC, AT(mac), .nullable = true,
	  .doc = "Of the router's own NIC there; absent: gateway_mac." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct host_router, member)
const struct field host_router_fields[] = {
	FIELD_UUID_OF(host_router),
	{ "gateway_mac", FIELD_MAC, AT(gateway_mac), .required = true,
	  .doc = "The MAC address that every host routes with." },
	{ "interfaces", FIELD_LIST, AT(interfaces), .fields = router_interface_fields,
	  .size = sizeof(struct host_router_interface),
	  .doc = "The networks between which hosts route by themselves." },
	{ 0 },
};
#undef AT
