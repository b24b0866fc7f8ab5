/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router_refusals.c - each thing that a router's document refuses, with its path and sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vrouter/document/router.h"

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
	"{'revision': 1, 'router': {'uuid': 'r-1', 'name': 'vpc-1'},"
	"'interfaces': ["
	" {'uuid': 'if-pub', 'mac': 'fa:00:00:00:00:01', 'role': 'public', 'network': 'l3-pub',"
	"  'addresses': ['10.108.13.216/8'], 'gateway': '10.0.0.1', 'default_route': true},"
	" {'uuid': 'if-mgt', 'mac': 'fa:00:00:00:00:00', 'role': 'management', 'network': 'l3-mgt',"
	"  'addresses': ['192.168.29.10/24'], 'gateway': '192.168.29.1'},"
	" {'uuid': 'if-web', 'mac': 'fa:00:00:00:00:02', 'role': 'private', 'network': 'l3-web',"
	"  'addresses': ['192.168.10.1/24'], 'mtu': 1500, 'snat': true},"
	" {'uuid': 'if-app', 'mac': 'fa:00:00:00:00:03', 'role': 'private', 'network': 'l3-app',"
	"  'addresses': ['192.168.11.1/24'], 'snat': true}],"
	"'dns': {'forwarders': ['223.5.5.5']},"
	"'dhcp': [{'uuid': 'dhcp-web', 'network': 'l3-web', 'hosts': ["
	"  {'mac': 'fa:01:00:00:00:01', 'address': '192.168.10.7', 'hostname': 'web-1'}]}],"
	"'vips': ["
	" {'uuid': 'vip-sys', 'address': '10.108.13.216', 'network': 'l3-pub', 'system': true},"
	" {'uuid': 'vip-eip', 'address': '10.108.12.1', 'network': 'l3-pub', 'qos': ["
	"   {'uuid': 'q-1', 'port': 2300, 'up_mbps': 1}, {'uuid': 'q-2', 'down_mbps': 5}]},"
	" {'uuid': 'vip-svc', 'address': '10.108.12.2', 'network': 'l3-pub'},"
	" {'uuid': 'vip-ips', 'address': '10.108.12.3', 'network': 'l3-pub'},"
	" {'uuid': 'vip-far', 'address': '172.31.0.9', 'network': 'l3-pub'},"
	" {'uuid': 'vip-free', 'address': '10.108.12.4', 'network': 'l3-pub'}],"
	"'eips': [{'uuid': 'eip-1', 'vip': 'vip-eip', 'target': '192.168.10.226'}],"
	"'port_forwards': [{'uuid': 'pf-1', 'vip': 'vip-svc', 'protocol': 'tcp',"
	"  'vip_ports': '20-30', 'target': '192.168.10.167'}],"
	"'load_balancers': [{'uuid': 'lb-1', 'vip': 'vip-svc', 'listeners': ["
	"  {'uuid': 'ls-1', 'port': 80, 'target_port': 5000, 'members': ["
	"   {'uuid': 'nic-1', 'address': '192.168.10.226'},"
	"   {'uuid': 'nic-2', 'address': '192.168.11.226'}]}]}],"
	"'ipsec': [{'uuid': 'ips-1', 'vip': 'vip-ips', 'local_cidrs': ['192.168.10.0/24'],"
	"  'remote_address': '10.108.14.126', 'remote_cidrs': ['192.168.100.0/24'],"
	"  'auth': {'psk': 'test1234'}}],"
	"'routes': [{'uuid': 'rt-1', 'destination': '172.18.0.10/24', 'next_hop': '10.0.108.102'}],"
	"'firewall': [{'uuid': 'fw-1', 'interface': 'if-pub', 'priority': 1001, 'action': 'drop',"
	"  'protocol': 'tcp', 'destination_ports': '22,8000-8080'}],"
	"'ha': null}";

/* A patch of the base, and what it is refused with. */
struct refusal {
	const char *upsert, *remove;
	const char *path, *sentence; /* The sentence begins with this. */
};

#define IF(uuid, mac, role, network, rest)                                      \
	"{'interfaces': [{'uuid': '" uuid "', 'mac': '" mac "', 'role': '" role \
	"', 'network': '" network "', " rest "}]}"
#define NEW_IF(role, rest) IF("if-x", "fa:00:00:00:00:09", role, "l3-x", rest)
#define PF(rest)           "{'port_forwards': [{'uuid': 'pf-x', " rest "}]}"
#define LISTENER(rest)                                                                    \
	"{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-free', 'listeners': [{'uuid': " \
	"'ls-x', 'target_port': 1, " rest "}]}]}"
#define IPSEC(rest) "{'ipsec': [{'uuid': 'ips-x', 'auth': {'psk': 'k'}, " rest "}]}"
#define VIP(rest)   "{'vips': [{'uuid': 'vip-x', " rest "}]}"
#define RULE(rest)  "{'firewall': [{'uuid': 'fw-x', 'action': 'drop', " rest "}]}"
#define DHCP(rest)  "{'dhcp': [{'uuid': 'dhcp-x', " rest "}]}"

static const struct refusal shapes[] = {
	{ "[]", NULL, "upsert", "expected object" },
	{ "{'foo': []}", NULL, "upsert.foo", "unknown section" },
	{ "{'vips': {}}", NULL, "upsert.vips", "expected array" },
	{ "{'vips': [1]}", NULL, "upsert.vips[0]", "expected object" },
	{ "{'vips': [{}]}", NULL, "upsert.vips[0].uuid", "is required" },
	{ VIP("'address': 5, 'network': 'l3-pub'"), NULL, "upsert.vips[0].address",
	  "expected string" },
	{ VIP("'address': '10.1.1.1.1', 'network': 'l3-pub'"), NULL, "upsert.vips[0].address",
	  "\"10.1.1.1.1\" is not an IP address" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-pub', 'x': 1"), NULL, "upsert.vips[0].x",
	  "unknown field" },
	{ "{'eips': [{'uuid': 'a b', 'vip': 'vip-free', 'target': '192.168.10.2'}]}", NULL,
	  "upsert.eips[0].uuid", "a uuid is 1-64 characters" },
	{ "{'eips': [{'uuid': 'a', 'vip': 'nope', 'target': '192.168.10.2'}]}", NULL,
	  "upsert.eips[0].vip", "no vip \"nope\"" },
	{ "{'eips': [{'uuid': 'a', 'vip': 'vip-free', 'target': '192.168.10.2'},"
	  "{'uuid': 'a', 'vip': 'vip-free', 'target': '192.168.10.2'}]}",
	  NULL, "upsert.eips[1]", "\"a\" is named twice" },
	{ "{'router': {'uuid': 'r-1', 'name': 'a\\nb'}}", NULL, "upsert.router.name",
	  "has control characters" },
	{ "{'ha': {}}", NULL, "upsert.ha", "is reserved" },
	{ NULL, "{'vips': ['nope']}", "remove.vips[0]", "no vip \"nope\"" },
	{ NULL, "{'vips': [1]}", "remove.vips[0]", "expected string" },
	{ NULL, "{'vips': 'vip-eip'}", "remove.vips", "expected array" },
	{ NULL, "{'foo': ['vip-eip']}", "remove.foo", "unknown section" },
	{ NULL, "{'vips': ['vip-eip']}", "remove.vips[0]", "vip vip-eip is used by eip eip-1" },
	{ NULL, "{'interfaces': ['if-pub']}", "remove.interfaces[0]",
	  "interface if-pub is used by firewall fw-1" },
	{ "{'vips': [{'uuid': 'vip-free', 'address': '10.1.1.1', 'network': 'l3-pub'}]}",
	  "{'vips': ['vip-free']}", "upsert.vips[0]", "\"vip-free\" is named twice" },
};

static const struct refusal interfaces[] = {
	{ IF("if-x", "fa:00:00:00:00:01", "private", "l3-x", "'addresses': ['192.168.12.1/24']"),
	  NULL, "upsert.interfaces[0]", "interface if-pub has this MAC address" },
	{ IF("if-x", "01:00:00:00:00:01", "private", "l3-x", "'addresses': ['192.168.12.1/24']"),
	  NULL, "upsert.interfaces[0].mac", "01:00:00:00:00:01 is no station's address" },
	{ NEW_IF("private", "'addresses': ['192.168.10.129/25']"), NULL,
	  "upsert.interfaces[0].addresses", "192.168.10.129/25 overlaps 192.168.10.1/24 of" },
	{ NEW_IF("private", "'addresses': []"), NULL, "upsert.interfaces[0].addresses",
	  "an interface has an address at least" },
	{ NEW_IF("private", "'addresses': ['192.168.12.0/24']"), NULL,
	  "upsert.interfaces[0].addresses", "192.168.12.0/24 is the network itself" },
	{ NEW_IF("private", "'addresses': ['192.168.12.255/24']"), NULL,
	  "upsert.interfaces[0].addresses", "192.168.12.255/24 is the network's broadcast" },
	{ NEW_IF("private", "'addresses': ['127.0.0.1/24']"), NULL,
	  "upsert.interfaces[0].addresses", "127.0.0.1/24 is no address of an interface" },
	{ NEW_IF("private", "'addresses': ['192.168.12.1/33']"), NULL,
	  "upsert.interfaces[0].addresses[0]", "\"192.168.12.1/33\": the prefix length" },
	{ NEW_IF("private", "'addresses': ['192.168.12.1/24'], 'gateway': '192.168.13.1'"), NULL,
	  "upsert.interfaces[0].gateway", "192.168.13.1 is in no subnet of the interface" },
	{ IF("if-x", "fa:00:00:00:00:09", "public", "l3-pub",
	     "'addresses': ['10.9.9.9/8'], 'gateway': '10.108.13.216'"),
	  NULL, "upsert.interfaces[0].gateway", "10.108.13.216 is the router's own address" },
	{ NEW_IF("public", "'addresses': ['10.9.9.9/8'], 'gateway': '10.0.0.1'"), NULL,
	  "upsert.interfaces[0].gateway", "10.0.0.1 is the gateway of interface if-pub too" },
	{ NEW_IF("public", "'addresses': ['172.16.0.2/24'], 'gateway': '172.16.0.1',"
			   "'default_route': true"),
	  NULL, "upsert.interfaces[0]", "interface if-pub has the default route already" },
	{ NEW_IF("private", "'addresses': ['172.16.0.2/24'], 'gateway': '172.16.0.1',"
			    "'default_route': true"),
	  "{'interfaces': []}", "upsert.interfaces[0]",
	  "interface if-pub has the default route already" },
	{ NEW_IF("public", "'addresses': ['172.16.0.2/24'], 'snat': true"), NULL,
	  "upsert.interfaces[0].snat", "only the sources of a private interface" },
	{ NEW_IF("private", "'addresses': ['172.16.0.2/24'], 'mtu': 67"), NULL,
	  "upsert.interfaces[0].mtu", "67 is outside 68-9216" },
	{ NEW_IF("private", "'addresses': ['172.16.0.2/24'], 'mtu': 9217"), NULL,
	  "upsert.interfaces[0].mtu", "9217 is outside 68-9216" },
	{ NEW_IF("private", "'addresses': ['172.16.0.2/24'], 'mtu': 1500.0"), NULL,
	  "upsert.interfaces[0].mtu", "expected integer" },
	{ NEW_IF("private", "'addresses': ['172.16.0.2/24'], 'name': 'a/b'"), NULL,
	  "upsert.interfaces[0].name", "\"a/b\" cannot be the name of a link" },
	{ NEW_IF("outer", "'addresses': ['172.16.0.2/24']"), NULL, "upsert.interfaces[0].role",
	  "\"outer\" is none of public, management, private" },
	/* What stands on an interface that changes or goes. */
	{ NULL, "{'interfaces': ['if-app']}",
	  "state.load_balancers[0].listeners[0].members[1]"
	  ".address",
	  "load_balancer lb-1: 192.168.11.226 is on no private network" },
	{ IF("if-web", "fa:00:00:00:00:02", "private", "l3-web",
	     "'addresses': ['192.168.10.226/24']"),
	  NULL, "state.eips[0].target", "eip eip-1: 192.168.10.226 is the router's own address" },
	{ IF("if-pub", "fa:00:00:00:00:01", "public", "l3-pub2", "'addresses': ['10.1.1.1/8']"),
	  NULL, "state.vips[0].network", "vip vip-sys: no public interface is on network" },
};

static const struct refusal networks[] = {
	{ "{'routes': [{'uuid': 'rt-x', 'destination': '172.19.0.0/24'}]}", NULL,
	  "upsert.routes[0].next_hop", "a static route needs a next hop" },
	{ "{'routes': [{'uuid': 'rt-x', 'destination': '172.19.0.0/24', 'type': 'blackhole',"
	  "'next_hop': '10.0.0.9'}]}",
	  NULL, "upsert.routes[0].next_hop", "a blackhole has no next hop" },
	{ "{'routes': [{'uuid': 'rt-x', 'destination': 'fd00::/64', 'next_hop': '10.0.0.9'}]}",
	  NULL, "upsert.routes[0].next_hop", "destination and next hop are of two" },
	{ "{'routes': [{'uuid': 'rt-x', 'destination': '172.18.0.0/24', 'next_hop': '10.0.0.9'}]}",
	  NULL, "upsert.routes[0]", "route rt-1 has this destination and priority already" },
	{ "{'routes': [{'uuid': 'rt-x', 'destination': '172.19.0.0/24', 'next_hop': '10.0.0.9',"
	  "'priority': 255}]}",
	  NULL, "upsert.routes[0].priority", "255 is outside 1-254" },
	{ "{'routes': [{'uuid': 'rt-x', 'destination': '172.19.0.0/24', 'next_hop': '10.0.0.9',"
	  "'priority': 0}]}",
	  NULL, "upsert.routes[0].priority", "0 is outside 1-254" },
	{ RULE("'interface': 'if-none', 'priority': 1"), NULL, "upsert.firewall[0].interface",
	  "no interface \"if-none\"" },
	{ RULE("'interface': 'if-pub', 'priority': 1, 'destination_ports': '22'"), NULL,
	  "upsert.firewall[0].destination_ports", "only tcp and udp have ports" },
	{ RULE("'interface': 'if-pub', 'priority': 1, 'protocol': 'tcp',"
	       "'source_ports': '22,'"),
	  NULL, "upsert.firewall[0].source_ports[1]", "\"\" is not a port" },
	{ RULE("'interface': 'if-pub', 'priority': 1001"), NULL, "upsert.firewall[0]",
	  "firewall fw-1 has this interface, direction and priority already" },
	{ RULE("'interface': 'if-pub', 'priority': 1, 'source': '10.0.0.0/8',"
	       "'destination': 'fd00::/64'"),
	  NULL, "upsert.firewall[0].destination", "source and destination are of two" },
	{ DHCP("'network': 'l3-pub'"), NULL, "upsert.dhcp[0].network",
	  "no private interface is on network \"l3-pub\"" },
	{ DHCP("'network': 'l3-web'"), NULL, "upsert.dhcp[0]",
	  "dhcp dhcp-web serves this network" },
	{ DHCP("'network': 'l3-app', 'hosts': [{'mac': 'fa:01:00:00:00:01',"
	       "'address': '192.168.10.9'}]"),
	  NULL, "upsert.dhcp[0].hosts[0].address", "192.168.10.9 is not on network l3-app" },
	{ DHCP("'network': 'l3-app', 'hosts': [{'mac': 'fa:01:00:00:00:01',"
	       "'address': '192.168.11.1'}]"),
	  NULL, "upsert.dhcp[0].hosts[0].address", "192.168.11.1 is the router's own" },
	{ DHCP("'network': 'l3-app', 'hosts': [{'mac': 'fa:01:00:00:00:01',"
	       "'address': '192.168.11.2'}, {'mac': 'fa:01:00:00:00:01',"
	       "'address': '192.168.11.3'}]"),
	  NULL, "upsert.dhcp[0].hosts[1].mac", "hosts[0] has this mac too" },
	{ DHCP("'network': 'l3-app', 'hosts': [{'mac': 'fa:01:00:00:00:01',"
	       "'address': '192.168.11.2'}, {'mac': 'fa:01:00:00:00:02',"
	       "'address': '192.168.11.2'}]"),
	  NULL, "upsert.dhcp[0].hosts[1].address", "hosts[0] has this address too" },
	{ DHCP("'network': 'l3-app', 'hosts': [{'mac': 'fa:01:00:00:00:01',"
	       "'address': '192.168.11.2', 'hostname': 'a_b'}]"),
	  NULL, "upsert.dhcp[0].hosts[0].hostname", "\"a_b\" is not a host name" },
	{ DHCP("'network': 'l3-app', 'domain': 'a..b'"), NULL, "upsert.dhcp[0].domain",
	  "\"a..b\" is not a domain name" },
};

static const struct refusal services[] = {
	{ VIP("'address': '10.108.12.1', 'network': 'l3-pub'"), NULL, "upsert.vips[0].address",
	  "vip vip-eip has this address already" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-web'"), NULL, "upsert.vips[0].network",
	  "no public interface is on network \"l3-web\"" },
	{ VIP("'address': '192.168.10.9', 'network': 'l3-pub'"), NULL, "upsert.vips[0].address",
	  "192.168.10.9 is on the network of interface if-web, which is not public" },
	{ VIP("'address': '10.0.0.1', 'network': 'l3-pub'"), NULL, "upsert.vips[0].address",
	  "10.0.0.1 is the gateway of interface if-pub" },
	{ NEW_IF("private", "'addresses': ['172.31.0.1/24']"), NULL,
	  "upsert.interfaces[0].addresses", "vip vip-far: 172.31.0.9 is on the network of" },
	{ VIP("'address': '192.168.10.1', 'network': 'l3-pub'"), NULL, "upsert.vips[0].address",
	  "192.168.10.1 is the router's own, of interface if-web" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-pub', 'system': true"), NULL,
	  "upsert.vips[0].address", "10.1.1.1 is not an address of a public interface" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-pub', 'qos': [{'uuid': 'q'}]"), NULL,
	  "upsert.vips[0].qos[0]", "a rule limits at least one direction" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-pub', 'qos': ["
	      "{'uuid': 'q', 'up_mbps': 1, 'port': 5}, {'uuid': 'p', 'up_mbps': 1, 'port': '5'}]"),
	  NULL, "upsert.vips[0].qos[1]", "q limits port 5 already" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-pub', 'qos': ["
	      "{'uuid': 'q', 'up_mbps': 1}, {'uuid': 'p', 'up_mbps': 1, 'port': null}]"),
	  NULL, "upsert.vips[0].qos[1]", "q is the rule without port already" },
	{ VIP("'address': '10.1.1.1', 'network': 'l3-pub', 'qos': ["
	      "{'uuid': 'q', 'up_mbps': 1, 'port': '5-6'}]"),
	  NULL, "upsert.vips[0].qos[0].port", "5-6 is more than one port" },
	{ "{'vips': [{'uuid': 'vip-eip', 'address': '10.108.13.216', 'network': 'l3-pub',"
	  "'system': true}]}",
	  "{'vips': ['vip-sys']}", "state.eips[0].vip", "eip eip-1: vip vip-eip is the router's" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-sys', 'target': '192.168.10.2'}]}", NULL,
	  "upsert.eips[0].vip", "vip vip-sys is the router's own address" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-eip', 'target': '192.168.10.2'}]}", NULL,
	  "upsert.eips[0].vip", "vip vip-eip serves eip eip-1 already" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-svc', 'target': '192.168.10.2'}]}", NULL,
	  "upsert.eips[0].vip", "vip vip-svc serves port_forward pf-1 already" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-free', 'target': '10.2.2.2'}]}", NULL,
	  "upsert.eips[0].target", "10.2.2.2 is on no private network of the router" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-free', 'target': '192.168.10.1'}]}", NULL,
	  "upsert.eips[0].target", "192.168.10.1 is the router's own address" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-free', 'target': 'fd00::1'}]}", NULL,
	  "upsert.eips[0].target", "vip vip-free has an address of another family" },
	{ "{'eips': [{'uuid': 'e', 'vip': 'vip-free', 'target': '192.168.10.2'},"
	  "{'uuid': 'f', 'vip': 'vip-free', 'target': '192.168.10.2'}]}",
	  NULL, "upsert.eips[0].vip", "vip vip-free serves eip f already" },
	{ PF("'vip': 'vip-eip', 'protocol': 'udp', 'vip_ports': 5, 'target': '192.168.10.2'"), NULL,
	  "upsert.port_forwards[0].vip", "vip vip-eip serves eip eip-1 and nothing else" },
	{ PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': '5-6', 'target': '192.168.10.2',"
	     "'target_ports': '5-7'"),
	  NULL, "upsert.port_forwards[0].target_ports", "5-7 is not as long as 5-6" },
	{ PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': 0, 'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "0 is not a port" },
	{ PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': '65536',"
	     "'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "\"65536\" is not a port" },
	{ PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': '9-8', 'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "port range \"9-8\" ends before" },
	{ PF("'vip': 'vip-free', 'protocol': 'icmp', 'vip_ports': 5, 'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].protocol", "\"icmp\" is none of tcp, udp" },
	{ PF("'vip': 'vip-svc', 'protocol': 'tcp', 'vip_ports': '30-35',"
	     "'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "port 30-35 is taken by port_forward pf-1" },
	{ PF("'vip': 'vip-svc', 'protocol': 'udp', 'vip_ports': 80, 'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "port 80 is taken by load_balancer lb-1" },
	{ PF("'vip': 'vip-free', 'protocol': 'tcp', 'vip_ports': 5, 'target': '192.168.10.167'"),
	  NULL, "upsert.port_forwards[0].target", "ports of vip vip-svc are forwarded to" },
	{ PF("'vip': 'vip-ips', 'protocol': 'udp', 'vip_ports': '400-600',"
	     "'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "the tunnel on vip vip-ips needs UDP" },
	{ PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': 5, 'target': '10.9.9.9'"), NULL,
	  "upsert.port_forwards[0].target", "10.9.9.9 is on no private network" },
	{ PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': 5, 'target': '192.168.10.2',"
	     "'allowed_cidr': 'fd00::/64'"),
	  NULL, "upsert.port_forwards[0].allowed_cidr", "vip vip-free has an address of another" },
	{ PF("'vip': 'vip-sys', 'protocol': 'tcp', 'vip_ports': '20-25',"
	     "'target': '192.168.10.2'"),
	  "{'interfaces': ['if-mgt']}", "upsert.port_forwards[0].vip_ports",
	  "TCP 22 of vip vip-sys is for management" },
	{ "{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-sys', 'listeners': [{'uuid': 'ls-x',"
	  "'port': 22, 'target_port': 22}]}]}",
	  "{'interfaces': ['if-mgt']}", "upsert.load_balancers[0].listeners[0].port",
	  "TCP 22 of vip vip-sys is for management" },
	{ "{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-eip'}]}", NULL,
	  "upsert.load_balancers[0].vip", "vip vip-eip serves eip eip-1 and nothing else" },
	{ "{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-svc', 'listeners': [{'uuid': 'ls-x',"
	  "'port': 80, 'target_port': 22}]}]}",
	  NULL, "upsert.load_balancers[0].listeners[0].port", "port 80 is taken by load_balancer" },
	{ "{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-svc', 'listeners': [{'uuid': 'ls-x',"
	  "'port': 25, 'target_port': 22}]}]}",
	  NULL, "upsert.load_balancers[0].listeners[0].port", "port 25 is taken by port_forward" },
	{ "{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-free', 'listeners': ["
	  "{'uuid': 'a', 'port': 1, 'target_port': 2}, {'uuid': 'b', 'port': 1,"
	  "'target_port': 2}]}]}",
	  NULL, "upsert.load_balancers[0].listeners[1].port", "port 1 is taken by load_balancer" },
	{ "{'load_balancers': [{'uuid': 'lb-x', 'vip': 'vip-free', 'listeners': ["
	  "{'uuid': 'ls-1', 'port': 1, 'target_port': 2}]}]}",
	  NULL, "upsert.load_balancers[0].listeners[0].uuid",
	  "a listener of load_balancer lb-1 has this uuid" },
	{ LISTENER("'port': 1, 'certificate': 'c-1'"), NULL,
	  "upsert.load_balancers[0].listeners[0].certificate", "no certificate \"c-1\"" },
	{ LISTENER("'port': 1, 'protocol': 'https', 'certificates': ['c-1']"), NULL,
	  "upsert.load_balancers[0].listeners[0].certificates[0]", "no certificate \"c-1\"" },
	{ LISTENER("'port': 1, 'members': [{'uuid': 'm', 'address': '10.2.2.2'}]"), NULL,
	  "upsert.load_balancers[0].listeners[0].members[0].address", "10.2.2.2 is on no private" },
	{ LISTENER("'port': 1, 'members': [{'uuid': 'm', 'address': '192.168.10.5'},"
		   "{'uuid': 'n', 'address': '192.168.10.5'}]"),
	  NULL, "upsert.load_balancers[0].listeners[0].members[1].address",
	  "members[0] has this address too" },
	{ LISTENER("'port': 1, 'members': [{'uuid': 'm', 'address': '192.168.10.5'},"
		   "{'uuid': 'm', 'address': '192.168.10.6'}]"),
	  NULL, "upsert.load_balancers[0].listeners[0].members[1].uuid",
	  "members[0] has this uuid too" },
	{ LISTENER("'port': 1, 'members': [{'uuid': 'm', 'address': '192.168.10.5',"
		   "'weight': 257}]"),
	  NULL, "upsert.load_balancers[0].listeners[0].members[0].weight", "257 is outside 0-256" },
	{ "{'certificates': [{'uuid': 'c', 'certificate_pem': 'x', 'private_key_pem': 'y'}]}", NULL,
	  "upsert.certificates[0].certificate_pem", "holds no certificate that can be read" },
};

#define NETS "'local_cidrs': ['192.168.11.0/24'], 'remote_cidrs': ['192.168.101.0/24'],"

static const struct refusal tunnels[] = {
	{ IPSEC("'vip': 'vip-eip', " NETS "'remote_address': '10.9.9.9'"), NULL,
	  "upsert.ipsec[0].vip", "vip vip-eip serves eip eip-1 and nothing else" },
	{ IPSEC("'vip': 'vip-ips', " NETS "'remote_address': '10.108.14.126'"), NULL,
	  "upsert.ipsec[0]", "ipsec ips-1 has a tunnel between this VIP and this peer already" },
	{ IPSEC("'vip': 'vip-free', " NETS "'remote_address': 'fd00::1'"), NULL,
	  "upsert.ipsec[0].remote_address", "vip vip-free has an address of another family" },
	{ IPSEC("'vip': 'vip-free', " NETS "'remote_address': '10.108.13.216'"), NULL,
	  "upsert.ipsec[0].remote_address", "10.108.13.216 is the router's own address" },
	{ IPSEC("'vip': 'vip-free', 'remote_address': '10.9.9.9',"
		"'local_cidrs': [], 'remote_cidrs': ['192.168.101.0/24']"),
	  NULL, "upsert.ipsec[0].local_cidrs", "a tunnel joins one network at least" },
	{ IPSEC("'vip': 'vip-free', 'remote_address': '10.9.9.9',"
		"'local_cidrs': ['192.168.10.0/24'], 'remote_cidrs': ['192.168.10.128/25']"),
	  NULL, "upsert.ipsec[0].remote_cidrs", "192.168.10.128/25 overlaps a network on this" },
	{ IPSEC("'vip': 'vip-free', 'remote_address': '10.9.9.9',"
		"'local_cidrs': ['192.168.10.0/24'], 'remote_cidrs': ['192.168.11.128/25']"),
	  NULL, "upsert.ipsec[0].remote_cidrs", "192.168.11.128/25 overlaps a network of" },
	{ IPSEC("'vip': 'vip-free', 'remote_address': '10.9.9.9',"
		"'local_cidrs': ['172.30.0.0/24'], 'remote_cidrs': ['192.168.101.0/24']"),
	  NULL, "upsert.ipsec[0].local_cidrs", "172.30.0.0/24 is no private network" },
	{ IPSEC("'vip': 'vip-free', 'remote_address': '10.9.9.9',"
		"'local_cidrs': ['192.168.10.0/24'], 'remote_cidrs': ['fd00::/64']"),
	  NULL, "upsert.ipsec[0].remote_cidrs", "is of another address family" },
	{ IPSEC("'vip': 'vip-ips', 'remote_address': '10.9.9.9',"
		"'local_cidrs': ['192.168.11.0/24'], 'remote_cidrs': ['192.168.100.0/25']"),
	  NULL, "upsert.ipsec[0].remote_cidrs", "192.168.100.0/25 is behind the peer of ipsec" },
	{ IPSEC("'vip': 'vip-free', 'remote_address': '10.9.9.9',"
		"'local_cidrs': ['192.168.10.0/24'], 'remote_cidrs': ['192.168.100.0/25']"),
	  NULL, "upsert.ipsec[0].remote_cidrs", "192.168.100.0/25 is behind the peer of ipsec" },
	{ IPSEC("'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9', 'ike': {'dh_group': 6}"),
	  NULL, "upsert.ipsec[0].ike.dh_group", "group 6 is none of 2, 5, 14-21" },
	{ IPSEC("'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9', 'ike_version': 3"), NULL,
	  "upsert.ipsec[0].ike_version", "3 is outside 1-2" },
	{ IPSEC("'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9', 'esp': {'pfs': 'x'}"),
	  NULL, "upsert.ipsec[0].esp.pfs", "\"x\" is none of disabled, dh-group2" },
	{ "{'ipsec': [{'uuid': 'i', 'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9'}]}",
	  NULL, "upsert.ipsec[0].auth", "is required" },
	{ "{'ipsec': [{'uuid': 'i', 'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9',"
	  "'auth': {'psk': ''}}]}",
	  NULL, "upsert.ipsec[0].auth.psk", "a text of 1 to 512 bytes" },
	{ "{'ipsec': [{'uuid': 'i', 'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9',"
	  "'auth': {'psk': '********'}}]}",
	  NULL, "upsert.ipsec[0].auth.psk", "the mask stands for a secret that is held" },
	{ IPSEC("'vip': 'vip-free', " NETS "'remote_address': '10.9.9.9'}],"
		"'port_forwards': [{'uuid': 'p', 'vip': 'vip-free', 'protocol': 'udp',"
		"'vip_ports': 4500, 'target': '192.168.10.2'"),
	  NULL, "upsert.port_forwards[0].vip_ports", "the tunnel on vip vip-free needs UDP" },
};

static void refuse(const struct refusal *refusal)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	json_t *state = json_of(base), *before, *after;
	json_t *upsert = refusal->upsert ? json_of(refusal->upsert) : NULL;
	json_t *removal = refusal->remove ? json_of(refusal->remove) : NULL;
	struct document_delta delta;
	struct document *document;
	struct document_hash hash;

	if (document_parse(&router_document, state, &document, &err) < 0)
		fail_msg("base: %s: %s", err.path, err_text(&err));
	before = document_json(document, true);
	hash = document_hash(document);
	if (document_patch(document, upsert, removal, &delta, &err) == 0)
		fail_msg("accepted: %s %s", refusal->upsert, refusal->remove);
	assert_true(err.code < 0);
	if (strcmp(err.path, refusal->path) ||
	    strncmp(err_text(&err), refusal->sentence, strlen(refusal->sentence)))
		fail_msg("wanted \"%s: %s\", got \"%s: %s\"", refusal->path, refusal->sentence,
			 err.path, err_text(&err));
	after = document_json(document, true);
	assert_true(json_equal(before, after));
	assert_string_equal(hash.s, document_hash(document).s);
	document_free(document);
	json_decref(before);
	json_decref(after);
	json_decref(state);
	json_decref(upsert);
	json_decref(removal);
}

#define EACH(list)                                    \
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) \
	refuse(&(list)[i])

static void wrong_shapes_and_references_are_refused(void **data)
{
	(void)data;
	EACH(shapes);
}

static void interfaces_that_collide_are_refused(void **data)
{
	(void)data;
	EACH(interfaces);
}

static void routes_rules_and_dhcp_are_refused(void **data)
{
	(void)data;
	EACH(networks);
}

static void services_that_collide_are_refused(void **data)
{
	(void)data;
	EACH(services);
}

static void tunnels_that_collide_are_refused(void **data)
{
	(void)data;
	EACH(tunnels);
}

/* A whole state names its places from "state" on. */
static void a_state_is_refused_with_its_path(void **data)
{
	static const struct refusal states[] = {
		{ "[]", NULL, "state", "expected object" },
		{ "{'foo': 1}", NULL, "state.foo", "unknown section" },
		{ "{'revision': -1}", NULL, "state.revision", "expected integer" },
		{ "{'revision': '1'}", NULL, "state.revision", "expected integer" },
		{ "{'router': {'x': 1}}", NULL, "state.router.x", "unknown field" },
		{ "{'eips': [{'uuid': 'e', 'vip': 'v', 'target': '10.0.0.1'}]}", NULL,
		  "state.eips[0].vip", "no vip \"v\"" },
		{ "{'vips': [{'uuid': 'v', 'address': '10.0.0.1', 'network': 'n'}]}", NULL,
		  "state.vips[0].network", "no public interface is on network \"n\"" },
	};

	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		AUTO(err_clear) struct err err = ERR_NONE;
		json_t *state = json_of(states[i].upsert);
		struct document *document;

		assert_true(document_parse(&router_document, state, &document, &err) < 0);
		assert_string_equal(err.path, states[i].path);
		assert_memory_equal(err_text(&err), states[i].sentence, strlen(states[i].sentence));
		json_decref(state);
	}
}

static void accept(const char *upsert, const char *remove)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	json_t *state = json_of(base), *more = json_of(upsert), *less = json_of(remove);
	struct document_delta delta;
	struct document *document;

	assert_int_equal(document_parse(&router_document, state, &document, NULL), 0);
	if (document_patch(document, more, less, &delta, &err) < 0)
		fail_msg("%s: %s: %s", upsert, err.path, err_text(&err));
	document_keep(&delta);
	document_free(document);
	json_decref(state);
	json_decref(more);
	json_decref(less);
}

/* What looks like one of the refusals and is none. */
static void what_only_looks_wrong_is_accepted(void **data)
{
	(void)data;
	accept("{}", "{}");
	/* Ports are of their protocol where both are forwarded. */
	accept(PF("'vip': 'vip-svc', 'protocol': 'udp', 'vip_ports': 25,"
		  "'target': '192.168.10.167'"),
	       "{}");
	accept(PF("'vip': 'vip-svc', 'protocol': 'tcp', 'vip_ports': 31,"
		  "'target': '192.168.11.9', 'target_ports': '22', 'allowed_cidr': null"),
	       "{}");
	/* With an interface of its own, management does not need the VIP's. */
	accept(PF("'vip': 'vip-sys', 'protocol': 'tcp', 'vip_ports': 22,"
		  "'target': '192.168.10.2'"),
	       "{}");
	/* A second interface in the same public network shares subnet and gateway. */
	accept(IF("if-x", "fa:00:00:00:00:09", "public", "l3-pub",
		  "'addresses': ['10.9.9.9/8'], 'gateway': '10.0.0.1'"),
	       "{}");
	/* What goes in the same patch is in nobody's way. */
	accept("{'eips': [{'uuid': 'e', 'vip': 'vip-svc', 'target': '192.168.10.2'}]}",
	       "{'port_forwards': ['pf-1'], 'load_balancers': ['lb-1']}");
	accept("{}", "{'vips': ['vip-eip'], 'eips': ['eip-1']}");
	/* An https listener may wait for its certificate. */
	accept(LISTENER("'port': 443, 'protocol': 'https', 'certificate': null"), "{}");
	/* IKE's ports are free where no tunnel is. */
	accept(PF("'vip': 'vip-free', 'protocol': 'udp', 'vip_ports': 500,"
		  "'target': '192.168.10.2'"),
	       "{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_shapes_and_references_are_refused),
		cmocka_unit_test(interfaces_that_collide_are_refused),
		cmocka_unit_test(routes_rules_and_dhcp_are_refused),
		cmocka_unit_test(services_that_collide_are_refused),
		cmocka_unit_test(tunnels_that_collide_are_refused),
		cmocka_unit_test(a_state_is_refused_with_its_path),
		cmocka_unit_test(what_only_looks_wrong_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
