/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_refusals.c - each thing that a host's document refuses, with its path and sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostnet/document/host.h"

/* JSON with ' for ", to be read here. */
static json_t *json_of(const char *text)
{
	char *quoted = mem_text(text);
	json_error_t error;
	json_t *json;

	for (char *at = quoted; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(quoted, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s in %s", error.text, text);
	free(quoted);
	return json;
}

static const char base[] =
	"{'revision': 3, 'host': {'uuid': 'h-1', 'name': 'host1', 'vtep': '192.168.29.21'},"
	"'l2_networks': ["
	" {'uuid': 'l2-pub', 'type': 'novlan', 'device': 'em01', 'mtu': 1500},"
	" {'uuid': 'l2-web', 'type': 'vlan', 'device': 'em01', 'vlan': 2800},"
	" {'uuid': 'l2-app', 'type': 'vxlan', 'vni': 900, 'mtu': 1450,"
	"  'peers': ['192.168.29.22'], 'remote': [{'mac': 'fa:00:00:00:01:01',"
	"  'address': '192.168.11.9', 'vtep': '192.168.29.22'}]},"
	" {'uuid': 'l2-vx', 'type': 'vxlan', 'vni': 902, 'pool': 'pool-1'}],"
	"'l3_networks': ["
	" {'uuid': 'l3-pub', 'l2': 'l2-pub', 'cidr': '10.0.0.1/8', 'gateway': '10.0.0.1'},"
	" {'uuid': 'l3-web', 'l2': 'l2-web', 'cidr': '192.168.10.0/24',"
	"  'gateway': '192.168.10.1', 'mtu': 1500, 'dns': ['192.168.10.1'],"
	"  'dhcp': {'enabled': true, 'server': '192.168.10.2'}, 'user_data': true},"
	" {'uuid': 'l3-app', 'l2': 'l2-app', 'cidr': '192.168.11.0/24'}],"
	"'vms': [{'uuid': 'vm-1', 'name': 'web-1', 'user_data_b64': 'I2Nsb3Vk',"
	"  'ssh_keys': ['ssh-ed25519 AAAA']}],"
	"'security_groups': [{'uuid': 'sg-1', 'members': ['192.168.10.226'], 'rules': ["
	"  {'uuid': 'r-1', 'direction': 'ingress', 'protocol': 'all', 'peer_group': 'sg-1'},"
	"  {'uuid': 'r-2', 'direction': 'ingress', 'protocol': 'tcp', 'ports': '23-1024',"
	"   'peer_cidr': '192.168.1.0/24'}]}, {'uuid': 'sg-2'}],"
	"'ports': [{'uuid': 'nic-1', 'device': 'vnic1.0', 'l2': 'l2-web',"
	"  'mac': 'fa:00:00:00:00:01', 'vm': 'vm-1', 'hostname': 'web-1',"
	"  'addresses': [{'l3': 'l3-web', 'address': '192.168.10.226'}], 'default': true,"
	"  'anti_spoofing': true, 'security_groups': ['sg-1'],"
	"  'qos': {'up_kbps': 0, 'down_kbps': 0}}],"
	"'eips': [{'uuid': 'eip-1', 'address': '10.151.30.29', 'l3': 'l3-pub', 'port': 'nic-1',"
	"  'target': '192.168.10.226', 'qos': [{'port': null, 'up_mbps': 10, 'down_mbps': 10}]}],"
	"'routers': [{'uuid': 'r-1', 'gateway_mac': 'fa:00:00:00:00:fe', 'interfaces': ["
	"  {'l3': 'l3-web', 'address': '192.168.10.1'}]}],"
	"'vteps': [{'uuid': 't-1', 'pool': 'pool-1', 'address': '192.168.29.22'}],"
	"'l2_remotes': [{'uuid': 'g-1', 'l2': 'l2-vx', 'mac': 'fa:00:00:00:02:01',"
	"  'address': '192.168.15.9', 'vtep': '192.168.29.22'}],"
	"'security_group_members': [{'uuid': 'm-1', 'group': 'sg-2', 'address': '10.0.0.7'}]}";

/* A patch of the base, and what it is refused with. */
struct refusal {
	const char *upsert, *remove;
	const char *path, *sentence; /* The sentence begins with this. */
};

#define L2(rest)    "{'l2_networks': [{'uuid': 'l2-x', " rest "}]}"
#define L3(rest)    "{'l3_networks': [{'uuid': 'l3-x', 'l2': 'l2-web', " rest "}]}"
#define PORT(rest)  "{'ports': [{'uuid': 'nic-x', 'l2': 'l2-web', " rest "}]}"
#define NIC         "'device': 'vnic2.0', 'mac': 'fa:00:00:00:00:02', "
#define RULES(rest) "{'security_groups': [{'uuid': 'sg-x', 'rules': [" rest "]}]}"
#define EIP(rest)   "{'eips': [{'uuid': 'eip-x', 'l3': 'l3-pub', 'port': 'nic-1', " rest "}]}"
#define ROUTER(l3, address)                                                                \
	"{'routers': [{'uuid': 'r-x', 'gateway_mac': 'fa:00:00:00:00:fd', 'interfaces': [" \
	"{'l3': '" l3 "', 'address': '" address "'}]}]}"

static const struct refusal networks[] = {
	{ L2("'type': 'novlan'"), NULL, "upsert.l2_networks[0].device", "a network that is no" },
	{ L2("'type': 'novlan', 'device': 'a b'"), NULL, "upsert.l2_networks[0].device",
	  "\"a b\" cannot be the name of a link" },
	{ L2("'type': 'novlan', 'device': 'sixteen-letters1'"), NULL,
	  "upsert.l2_networks[0].device", "a text of 1 to 15 bytes" },
	{ L2("'type': 'novlan', 'device': 'em01'"), NULL, "upsert.l2_networks[0]",
	  "l2_network l2-pub is this device without VLAN already" },
	{ L2("'type': 'novlan', 'device': 'em02', 'vlan': 5"), NULL, "upsert.l2_networks[0].vlan",
	  "only a VLAN network has one" },
	{ L2("'type': 'novlan', 'device': 'em02', 'vni': 5"), NULL, "upsert.l2_networks[0].vni",
	  "only a VXLAN network has one" },
	{ L2("'type': 'novlan', 'device': 'em02', 'peers': ['10.0.0.1']"), NULL,
	  "upsert.l2_networks[0].peers", "only a VXLAN network has them" },
	{ L2("'type': 'vlan', 'device': 'em02'"), NULL, "upsert.l2_networks[0].vlan",
	  "a VLAN network needs one" },
	{ L2("'type': 'vlan', 'device': 'em01', 'vlan': 2800"), NULL, "upsert.l2_networks[0]",
	  "l2_network l2-web has this device and VLAN already" },
	{ L2("'type': 'vlan', 'device': 'em01', 'vlan': 0"), NULL, "upsert.l2_networks[0].vlan",
	  "0 is outside 1-4094" },
	{ L2("'type': 'vlan', 'device': 'em01', 'vlan': 4095"), NULL, "upsert.l2_networks[0].vlan",
	  "4095 is outside 1-4094" },
	{ L2("'type': 'vxlan'"), NULL, "upsert.l2_networks[0].vni", "a VXLAN network needs one" },
	{ L2("'type': 'vxlan', 'vni': 16777215"), NULL, "upsert.l2_networks[0].vni",
	  "16777215 is outside 1-16777214" },
	{ L2("'type': 'vxlan', 'vni': 900"), NULL, "upsert.l2_networks[0]",
	  "l2_network l2-app has this VNI already" },
	{ L2("'type': 'vxlan', 'vni': 901, 'device': 'em01'"), NULL, "upsert.l2_networks[0].device",
	  "a VXLAN network has none" },
	{ L2("'type': 'vxlan', 'vni': 901, 'peers': ['fd00::1']"), NULL,
	  "upsert.l2_networks[0].peers[0]", "VXLAN goes over IPv4" },
	{ L2("'type': 'vxlan', 'vni': 901, 'remote': ["
	     "{'mac': 'fa:00:00:00:01:01', 'vtep': '192.168.29.22'},"
	     "{'mac': 'fa:00:00:00:01:01', 'vtep': '192.168.29.23'}]"),
	  NULL, "upsert.l2_networks[0].remote[1].mac", "remote[0] has this MAC address too" },
	{ L2("'type': 'vlan', 'device': 'em01', 'vlan': 5, 'mtu': 67"), NULL,
	  "upsert.l2_networks[0].mtu", "67 is outside 68-9216" },
	{ "{'host': {'uuid': 'h-1'}}", NULL, "state.l2_networks[2].type",
	  "l2_network l2-app: this host has no VTEP" },
	{ NULL, "{'host': ['h-1']}", "state.l2_networks[2].type",
	  "l2_network l2-app: this host has no VTEP" },
	{ NULL, "{'l2_networks': ['l2-web']}", "remove.l2_networks[0]",
	  "l2_network l2-web is used by l3_network l3-web" },
	{ L3("'cidr': '192.168.12.0/24', 'gateway': '192.168.13.1'"), NULL,
	  "upsert.l3_networks[0].gateway", "192.168.13.1 is not in 192.168.12.0/24 of" },
	{ L3("'cidr': '192.168.12.0/24', 'gateway': '192.168.12.255'"), NULL,
	  "upsert.l3_networks[0].gateway", "192.168.12.255 is the network's broadcast address" },
	{ L3("'cidr': '192.168.12.0/24', 'dhcp': {'enabled': true}"), NULL,
	  "upsert.l3_networks[0].dhcp.server", "a responder needs an address" },
	{ L3("'cidr': '192.168.12.0/24', 'dhcp': {}"), NULL, "upsert.l3_networks[0].dhcp.enabled",
	  "is required" },
	{ L3("'cidr': '192.168.12.0/24', 'gateway': '192.168.12.1',"
	     "'dhcp': {'enabled': true, 'server': '192.168.12.1'}"),
	  NULL, "upsert.l3_networks[0].dhcp.server", "192.168.12.1 is the gateway" },
	{ L3("'cidr': '192.168.12.0/24', 'dhcp': {'enabled': true, 'server': '192.168.10.2'}"),
	  NULL, "upsert.l3_networks[0]", "l3_network l3-web has this DHCP server already" },
	{ L3("'cidr': '192.168.12.0/24', 'domain': '-a'"), NULL, "upsert.l3_networks[0].domain",
	  "\"-a\" is not a domain name" },
	{ ROUTER("l3-web", "192.168.10.1"), NULL, "upsert.routers[0].interfaces[0].l3",
	  "router r-1 routes this network already" },
	{ ROUTER("l3-app", "192.168.10.1"), NULL, "upsert.routers[0].interfaces[0].address",
	  "192.168.10.1 is not in 192.168.11.0/24 of l3_network l3-app" },
	{ ROUTER("l3-none", "192.168.10.1"), NULL, "upsert.routers[0].interfaces[0].l3",
	  "no l3_network \"l3-none\"" },
};

static const struct refusal guests[] = {
	{ PORT("'device': 'vnic1.0', 'mac': 'fa:00:00:00:00:02'"), NULL, "upsert.ports[0]",
	  "port nic-1 has this device already" },
	{ PORT("'device': 'vnic2.0', 'mac': 'fa:00:00:00:00:01'"), NULL, "upsert.ports[0]",
	  "port nic-1 has this MAC address already" },
	{ PORT("'device': 'a/b', 'mac': 'fa:00:00:00:00:02'"), NULL, "upsert.ports[0].device",
	  "\"a/b\" cannot be the name of a link" },
	{ PORT("'device': 'sixteen-letters1', 'mac': 'fa:00:00:00:00:02'"), NULL,
	  "upsert.ports[0].device", "a text of 1 to 15 bytes" },
	{ PORT(NIC "'addresses': [{'l3': 'l3-app', 'address': '192.168.11.5'}]"), NULL,
	  "upsert.ports[0].addresses[0].l3", "l3_network l3-app is on l2_network l2-app" },
	{ PORT(NIC "'addresses': [{'l3': 'l3-web', 'address': '192.168.11.5'}]"), NULL,
	  "upsert.ports[0].addresses[0].address", "192.168.11.5 is not in 192.168.10.0/24" },
	{ PORT(NIC "'addresses': [{'l3': 'l3-web', 'address': '192.168.10.226'}]"), NULL,
	  "upsert.ports[0].addresses[0].address", "port nic-1 has this address already" },
	{ PORT(NIC "'addresses': [{'l3': 'l3-web', 'address': '192.168.10.2'}]"), NULL,
	  "upsert.ports[0].addresses[0].address", "192.168.10.2 is the DHCP server" },
	{ PORT(NIC "'addresses': [{'l3': 'l3-web', 'address': '192.168.10.0'}]"), NULL,
	  "upsert.ports[0].addresses[0].address", "192.168.10.0 is the network itself" },
	{ PORT(NIC "'vm': 'vm-1', 'default': true"), NULL, "upsert.ports[0]",
	  "port nic-1 is the VM's default already" },
	{ PORT(NIC "'vm': 'vm-2'"), NULL, "upsert.ports[0].vm", "no vm \"vm-2\"" },
	{ PORT(NIC "'hostname': 'a.b'"), NULL, "upsert.ports[0].hostname",
	  "\"a.b\" is not a host name" },
	{ PORT(NIC "'security_groups': ['sg-9']"), NULL, "upsert.ports[0].security_groups[0]",
	  "no security_group \"sg-9\"" },
	{ NULL, "{'security_groups': ['sg-1']}", "remove.security_groups[0]",
	  "security_group sg-1 is used by port nic-1" },
	{ "{'vms': [{'uuid': 'vm-2', 'user_data_b64': 'x'}]}", NULL, "upsert.vms[0].user_data_b64",
	  "" },
	{ "{'vms': [{'uuid': 'vm-2', 'ssh_keys': ['a\\nb']}]}", NULL, "upsert.vms[0].ssh_keys[0]",
	  "has control characters" },
	{ RULES("{'uuid': 'a', 'direction': 'ingress', 'ports': '5'}"), NULL,
	  "upsert.security_groups[0].rules[0].ports", "only tcp and udp have ports" },
	{ RULES("{'uuid': 'a', 'direction': 'egress', 'protocol': 'icmp', 'ports': '5'}"), NULL,
	  "upsert.security_groups[0].rules[0].ports", "only tcp and udp have ports" },
	{ RULES("{'uuid': 'a', 'direction': 'egress', 'protocol': 'tcp', 'ports': '0-5'}"), NULL,
	  "upsert.security_groups[0].rules[0].ports", "\"0-5\" is not a port" },
	{ RULES("{'uuid': 'a', 'direction': 'egress', 'peer_group': 'sg-9'}"), NULL,
	  "upsert.security_groups[0].rules[0].peer_group", "no security_group \"sg-9\"" },
	{ RULES("{'uuid': 'a', 'direction': 'egress'}, {'uuid': 'a', 'direction': 'egress'}"), NULL,
	  "upsert.security_groups[0].rules[1].uuid", "rules[0] has this uuid too" },
	{ EIP("'address': '10.151.30.29', 'target': '192.168.10.226'"), NULL, "upsert.eips[0]",
	  "eip eip-1 has this address already" },
	{ EIP("'address': '11.0.0.1', 'target': '192.168.10.226'"), NULL, "upsert.eips[0].address",
	  "11.0.0.1 is not in 10.0.0.0/8" },
	{ EIP("'address': '10.0.0.1', 'target': '192.168.10.226'"), NULL, "upsert.eips[0].address",
	  "10.0.0.1 is the gateway of l3_network l3-pub" },
	{ EIP("'address': '10.1.1.1', 'target': '192.168.10.227'"), NULL, "upsert.eips[0].target",
	  "192.168.10.227 is no address of port nic-1" },
	{ EIP("'address': '10.1.1.1', 'target': '192.168.10.226', 'qos': [{}]"), NULL,
	  "upsert.eips[0].qos[0]", "a rule limits at least one direction" },
	{ EIP("'address': '10.1.1.1', 'target': '192.168.10.226', 'qos': ["
	      "{'port': 5, 'up_mbps': 1}, {'port': 5, 'down_mbps': 1}]"),
	  NULL, "upsert.eips[0].qos[1]", "qos[0] limits port 5 already" },
	/* What an object that changes breaks in those that refer to it. */
	{ "{'ports': [{'uuid': 'nic-1', 'l2': 'l2-web', 'device': 'vnic1.0',"
	  "'mac': 'fa:00:00:00:00:01'}]}",
	  NULL, "state.eips[0].target", "eip eip-1: 192.168.10.226 is no address of port nic-1" },
	{ "{'l3_networks': [{'uuid': 'l3-web', 'l2': 'l2-web', 'cidr': '192.168.12.0/24'}]}", NULL,
	  "state.ports[0].addresses[0].address", "port nic-1: 192.168.10.226 is not in" },
	{ "{'l3_networks': [{'uuid': 'l3-web', 'l2': 'l2-app', 'cidr': '192.168.10.0/24'}]}", NULL,
	  "state.ports[0].addresses[0].l3", "port nic-1: l3_network l3-web is on" },
};

#define VTEP(rest)   "{'vteps': [{'uuid': 't-x', 'pool': 'p', " rest "}]}"
#define GUEST(rest)  "{'l2_remotes': [{'uuid': 'g-x', " rest "}]}"
#define MEMBER(rest) "{'security_group_members': [{'uuid': 'm-x', " rest "}]}"

/* Entries of lists, as objects of their own. */
static const struct refusal entries[] = {
	{ L2("'type': 'novlan', 'device': 'em02', 'pool': 'p'"), NULL, "upsert.l2_networks[0].pool",
	  "only a VXLAN network has one" },
	{ L2("'type': 'vxlan', 'vni': 901, 'pool': 'p', 'peers': ['192.168.29.22']"), NULL,
	  "upsert.l2_networks[0].peers", "its peers are the VTEPs of pool p" },
	{ VTEP("'address': 'fd00::1'"), NULL, "upsert.vteps[0].address", "VXLAN goes over IPv4" },
	{ "{'vteps': [{'uuid': 'a', 'pool': 'p', 'address': '10.0.0.1'},"
	  "{'uuid': 'b', 'pool': 'p', 'address': '10.0.0.1'}]}",
	  NULL, "upsert.vteps[1]", "vtep a has this address already" },
	{ "{'vteps': [{'uuid': 'a', 'address': '10.0.0.1'}]}", NULL, "upsert.vteps[0].pool",
	  "is required" },
	{ GUEST("'l2': 'l2-none', 'mac': 'fa:00:00:00:03:01', 'vtep': '10.0.0.1'"), NULL,
	  "upsert.l2_remotes[0].l2", "no l2_network \"l2-none\"" },
	{ GUEST("'l2': 'l2-web', 'mac': 'fa:00:00:00:03:01', 'vtep': '10.0.0.1'"), NULL,
	  "upsert.l2_remotes[0].l2", "l2_network l2-web is no VXLAN" },
	{ GUEST("'l2': 'l2-app', 'mac': 'fa:00:00:00:03:01', 'vtep': '10.0.0.1'"), NULL,
	  "upsert.l2_remotes[0].l2", "l2_network l2-app has its guests in remote" },
	{ GUEST("'l2': 'l2-vx', 'mac': 'fa:00:00:00:03:01', 'vtep': 'fd00::1'"), NULL,
	  "upsert.l2_remotes[0].vtep", "VXLAN goes over IPv4" },
	{ GUEST("'l2': 'l2-vx', 'mac': 'fa:00:00:00:03:01'"), NULL, "upsert.l2_remotes[0].vtep",
	  "is required" },
	{ GUEST("'l2': 'l2-vx', 'mac': 'fa:00:00:00:02:01', 'vtep': '10.0.0.1'"), NULL,
	  "upsert.l2_remotes[0]", "l2_remote g-1 has this MAC address already" },
	{ GUEST("'l2': 'l2-vx', 'mac': 'fa:00:00:00:03:01', 'address': '192.168.15.9',"
		"'vtep': '10.0.0.1'"),
	  NULL, "upsert.l2_remotes[0]", "l2_remote g-1 has this address already" },
	{ "{'l2_networks': [{'uuid': 'l2-vx', 'type': 'vxlan', 'vni': 902, 'remote': ["
	  "{'mac': 'fa:00:00:00:03:01', 'vtep': '10.0.0.1'}]}]}",
	  NULL, "state.l2_remotes[0].l2",
	  "l2_remote g-1: l2_network l2-vx has its guests in remote" },
	{ NULL, "{'l2_networks': ['l2-vx']}", "remove.l2_networks[0]",
	  "l2_network l2-vx is used by l2_remote g-1" },
	{ NULL, "{'l2_remotes': ['g-2']}", "remove.l2_remotes[0]", "no l2_remote \"g-2\"" },
	{ MEMBER("'group': 'sg-9', 'address': '10.0.0.1'"), NULL,
	  "upsert.security_group_members[0].group", "no security_group \"sg-9\"" },
	{ MEMBER("'group': 'sg-1', 'address': '10.0.0.1'"), NULL,
	  "upsert.security_group_members[0].group",
	  "security_group sg-1 has its members in members" },
	{ MEMBER("'group': 'sg-2', 'address': '10.0.0.0/8'"), NULL,
	  "upsert.security_group_members[0].address", "" },
	{ MEMBER("'group': 'sg-2', 'address': '10.0.0.7'"), NULL,
	  "upsert.security_group_members[0]", "security_group_member m-1 is this member already" },
	{ MEMBER("'group': 'sg-2'"), NULL, "upsert.security_group_members[0].address",
	  "is required" },
	{ "{'security_groups': [{'uuid': 'sg-2', 'members': ['10.0.0.9']}]}", NULL,
	  "state.security_group_members[0].group",
	  "security_group_member m-1: security_group sg-2 has its members in members" },
	{ NULL, "{'security_groups': ['sg-2']}", "remove.security_groups[0]",
	  "security_group sg-2 is used by security_group_member m-1" },
};

static struct document *base_document(void)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document = NULL;
	json_t *state = json_of(base);

	if (document_parse(&host_document, state, &document, &err) < 0)
		fail_msg("base: %s: %s", err.path, err_text(&err));
	json_decref(state);
	return document;
}

static void refuse(const struct refusal *refusal)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document = base_document();
	json_t *upsert = refusal->upsert ? json_of(refusal->upsert) : NULL;
	json_t *removal = refusal->remove ? json_of(refusal->remove) : NULL;
	json_t *before = document_json(document, true), *after;
	struct document_delta delta;

	if (document_patch(document, upsert, removal, &delta, &err) == 0)
		fail_msg("accepted: %s %s", refusal->upsert, refusal->remove);
	if (strcmp(err.path, refusal->path) ||
	    strncmp(err_text(&err), refusal->sentence, strlen(refusal->sentence)))
		fail_msg("wanted \"%s: %s\", got \"%s: %s\"", refusal->path, refusal->sentence,
			 err.path, err_text(&err));
	after = document_json(document, true);
	assert_true(json_equal(before, after));
	document_free(document);
	json_decref(before);
	json_decref(after);
	json_decref(upsert);
	json_decref(removal);
}

static void networks_that_cannot_be_are_refused(void **data)
{
	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		refuse(&networks[i]);
}

static void guests_that_cannot_be_are_refused(void **data)
{
	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
		refuse(&guests[i]);
}

static void entries_that_cannot_be_are_refused(void **data)
{
	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		refuse(&entries[i]);
}

static void the_state_survives_its_own_json(void **data)
{
	struct document *document = base_document(), *again;
	json_t *first = document_json(document, true), *second;
	const struct port *port;
	const struct vm *vm;
	struct ip address, vip;

	(void)data;
	assert_int_equal(ip_parse("192.168.10.226", &address, NULL), 0);
	assert_int_equal(ip_parse("10.151.30.29", &vip, NULL), 0);
	assert_int_equal(document_parse(&host_document, first, &again, NULL), 0);
	second = document_json(again, true);
	assert_true(json_equal(first, second));
	port = host_port_of_device(again, "vnic1.0");
	assert_non_null(port);
	assert_string_equal(port->object.uuid, "nic-1");
	assert_null(host_port_of_device(again, "vnic2.0"));
	assert_ptr_equal(host_port_of_address(again, "l3-web", &address), port);
	assert_null(host_port_of_address(again, "l3-app", &address));
	/* An elastic IP's is none. */
	assert_null(host_port_of_address(again, "l3-pub", &vip));
	assert_string_equal(host_of(again)->name, "host1");
	vm = host_vm(again, "vm-1");
	assert_int_equal(vm->user_data.size, 6);
	assert_memory_equal(vm->user_data.bytes, "#cloud", 6);
	assert_int_equal(host_l3(again, "l3-web")->dhcp.lease_s, 86400);
	assert_false(host_l3(again, "l3-app")->dhcp.enabled);
	document_free(document);
	document_free(again);
	json_decref(first);
	json_decref(second);
}

/* A group that names itself, and what uses it, go together. */
static void what_goes_together_may_go(void **data)
{
	struct document *document = base_document();
	json_t *gone = json_of("{'security_groups': ['sg-1'], 'eips': ['eip-1'],"
			       "'ports': ['nic-1'], 'vms': ['vm-1'], 'routers': ['r-1'],"
			       "'l3_networks': ['l3-web']}");
	struct document_hash hash = document_hash(document);
	struct document_delta delta;

	(void)data;
	assert_int_equal(document_patch(document, NULL, gone, &delta, NULL), 0);
	assert_null(host_port_of_device(document, "vnic1.0"));
	document_take_back(&delta);
	assert_string_equal(hash.s, document_hash(document).s);
	assert_non_null(host_port_of_device(document, "vnic1.0"));
	assert_int_equal(document_patch(document, NULL, gone, &delta, NULL), 0);
	document_keep(&delta);
	assert_int_equal(document_count(document, SECTION_PORTS), 0);
	document_free(document);
	json_decref(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_that_cannot_be_are_refused),
		cmocka_unit_test(guests_that_cannot_be_are_refused),
		cmocka_unit_test(entries_that_cannot_be_are_refused),
		cmocka_unit_test(the_state_survives_its_own_json),
		cmocka_unit_test(what_goes_together_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
