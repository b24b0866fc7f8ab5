/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of guests and of what guards and serves them. */
#include "hostnet/document/fields.h"
#include "hostnet/document/host.h"

static const struct field ip_element[] = { { .type = FIELD_IP } };

#define AT(member) offsetof(struct port_address, member)
static const struct field port_address_fields[] = {
	{ "l3", FIELD_REFERENCE, AT(l3), .required = true, .target = SECTION_L3_NETWORKS,
	  .doc = "On the port's L2 network." },
	{ "address", FIELD_IP, AT(address), .required = true, .doc = "The guest's address there." },
	{ 0 },
};
#undef AT

static const struct field group_element[] = {
	{ .type = FIELD_REFERENCE, .target = SECTION_SECURITY_GROUPS },
};

#define AT(member)     offsetof(struct port, member)
#define IN(of, member) (offsetof(struct port, of.member) - offsetof(struct port, of))
static const struct field port_qos_fields[] = {
	{ "up_kbps", FIELD_NUMBER, IN(qos, up_kbps), .nullable = true, .max = 100000000,
	  .unit = "kbit/s", .doc = "Away from the guest; 0: no limit." },
	{ "down_kbps", FIELD_NUMBER, IN(qos, down_kbps), .nullable = true, .max = 100000000,
	  .unit = "kbit/s", .doc = "Towards the guest; 0: no limit." },
	{ 0 },
};

const struct field port_fields[] = {
	FIELD_UUID_OF(port),
	{ "device", FIELD_TEXT, AT(device), .required = true, .min = 1, .max = 15,
	  .doc = "The host's end of the NIC; the port is armed when it appears." },
	{ "l2", FIELD_REFERENCE, AT(l2), .required = true, .target = SECTION_L2_NETWORKS,
	  .doc = "The network that it is plugged into." },
	{ "mac", FIELD_MAC, AT(mac), .required = true, .doc = "The guest's." },
	{ "vm", FIELD_REFERENCE, AT(vm), .nullable = true, .target = SECTION_VMS,
	  .doc = "Whose it is." },
	{ "hostname", FIELD_TEXT, AT(hostname), .nullable = true, .min = 1, .max = 63,
	  .doc = "Told to the guest; absent: its address with dashes." },
	{ "addresses", FIELD_LIST, AT(addresses), .fields = port_address_fields,
	  .size = sizeof(struct port_address), .doc = "What the guest has there." },
	{ "default", FIELD_BOOL, AT(is_default),
	  .doc = "Gateway and DNS are told here. One port of a VM at most." },
	{ "anti_spoofing", FIELD_BOOL, AT(anti_spoofing),
	  .doc = "Only its own MAC and addresses leave it." },
	{ "security_groups", FIELD_LIST, AT(security_groups), .element = group_element,
	  .doc = "What any of them allows is allowed; none: everything is." },
	{ "qos", FIELD_RECORD, AT(qos), .nullable = true, .fields = port_qos_fields,
	  .size = sizeof(((struct port *)0)->qos), .doc = "Limits of the NIC." },
	{ 0 },
};
#undef AT
#undef IN

static const struct field key_element[] = { { .type = FIELD_TEXT, .min = 1, .max = 16384 } };

#define AT(member) offsetof(struct vm, member)
const struct field vm_fields[] = {
	FIELD_UUID_OF(vm),
	{ "name", FIELD_TEXT, AT(name), .doc = "For people, and the guest's own metadata." },
	{ "user_data_b64", FIELD_BASE64, AT(user_data), .nullable = true, .max = 1048576,
	  .doc = "What the guest runs at its first start." },
	{ "ssh_keys", FIELD_LIST, AT(ssh_keys), .element = key_element,
	  .doc = "Public keys for the guest's user, one line each." },
	{ 0 },
};
#undef AT

static const char *const directions[] = { "ingress", "egress", NULL };
static const char *const protocols[] = { "all", "tcp", "udp", "icmp", NULL };

#define AT(member) offsetof(struct group_rule, member)
static const struct field rule_fields[] = {
	{ "uuid", FIELD_UUID, AT(uuid), .required = true, .doc = "Names the rule." },
	{ "direction", FIELD_CHOICE, AT(direction), .required = true, .choices = directions,
	  .doc = "ingress: into the guest; egress: out of it." },
	{ "protocol", FIELD_CHOICE, AT(protocol), .choices = protocols,
	  .doc = "all, tcp, udp or icmp." },
	{ "ports", FIELD_PORTS, AT(ports), .nullable = true,
	  .doc = "tcp and udp only; absent: all." },
	{ "peer_group", FIELD_REFERENCE, AT(peer_group), .nullable = true,
	  .target = SECTION_SECURITY_GROUPS, .doc = "Only with its members; absent: any." },
	{ "peer_cidr", FIELD_PREFIX, AT(peer_cidr), .nullable = true,
	  .doc = "Only with these; absent: any. With peer_group: those that are in both." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct security_group, member)
const struct field group_fields[] = {
	FIELD_UUID_OF(security_group),
	{ "members", FIELD_LIST, AT(members), .element = ip_element,
	  .doc = "In place of security_group_members: addresses of the group's ports anywhere in "
		 "the cloud." },
	{ "rules", FIELD_LIST, AT(rules), .fields = rule_fields, .size = sizeof(struct group_rule),
	  .doc = "What is allowed; nothing else is, as soon as one is there." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct group_member, member)
const struct field group_member_fields[] = {
	FIELD_UUID_OF(group_member),
	{ "group", FIELD_REFERENCE, AT(group), .required = true, .target = SECTION_SECURITY_GROUPS,
	  .doc = "One without members of its own." },
	{ "address", FIELD_IP, AT(address), .required = true,
	  .doc = "Of one of the group's ports, wherever it is." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct host_eip_qos, member)
static const struct field eip_qos_fields[] = {
	{ "port", FIELD_PORTS, AT(port), .nullable = true, .max = 1,
	  .doc = "The public address's port; absent: all that has no rule of its own." },
	{ "up_mbps", FIELD_NUMBER, AT(up_mbps), .nullable = true, .max = 100000, .unit = "Mbit/s",
	  .doc = "Away from the guest; absent: no limit." },
	{ "down_mbps", FIELD_NUMBER, AT(down_mbps), .nullable = true, .max = 100000,
	  .unit = "Mbit/s", .doc = "Towards the guest; absent: no limit." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct host_eip, member)
const struct field host_eip_fields[] = {
	FIELD_UUID_OF(host_eip),
	{ "address", FIELD_IP, AT(address), .required = true, .doc = "The public address." },
	{ "l3", FIELD_REFERENCE, AT(l3), .required = true, .target = SECTION_L3_NETWORKS,
	  .doc = "The public network that it is on." },
	{ "port", FIELD_REFERENCE, AT(port), .required = true, .target = SECTION_PORTS,
	  .doc = "The guest's NIC." },
	{ "target", FIELD_IP, AT(target), .required = true, .doc = "One of the NIC's addresses." },
	{ "qos", FIELD_LIST, AT(qos), .fields = eip_qos_fields, .size = sizeof(struct host_eip_qos),
	  .doc = "Limits of the address and of single ports." },
	{ 0 },
};
#undef AT
