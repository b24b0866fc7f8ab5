/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of what makes a router: itself, its interfaces, DNS, DHCP, routes, firewall. */
#include "vrouter/document/fields.h"
#include "vrouter/document/router.h"

static const struct field ip_element[] = { { .type = FIELD_IP } };
static const struct field prefix_element[] = { { .type = FIELD_PREFIX } };
static const struct field ports_element[] = { { .type = FIELD_PORTS } };

static const char *const private_defaults[] = { "reject", "accept", NULL };

#define AT(member) offsetof(struct router, member)
const struct field router_fields[] = {
	{ "uuid", FIELD_UUID, AT(object.uuid), .doc = "Names the router; absent: \"router\"." },
	{ "name", FIELD_TEXT, AT(name), .doc = "For people." },
	{ "distributed_routing", FIELD_BOOL, AT(distributed_routing),
	  .doc = "Hosts route between the private networks by themselves." },
	{ "private_default", FIELD_CHOICE, AT(private_default), .choices = private_defaults,
	  .doc = "Whether private clients may use load balancers on the router's VIPs." },
	{ 0 },
};
#undef AT

static const char *const roles[] = { "public", "management", "private", NULL };

#define AT(member) offsetof(struct interface, member)
const struct field interface_fields[] = {
	FIELD_UUID_OF(interface),
	{ "mac", FIELD_MAC, AT(mac), .required = true,
	  .doc = "The NIC is found by it; until it is there the interface rests." },
	{ "role", FIELD_CHOICE, AT(role), .required = true, .choices = roles,
	  .doc = "public, management or private." },
	{ "network", FIELD_UUID, AT(network), .required = true,
	  .doc = "The L3 network; VIPs and DHCP name it." },
	{ "name", FIELD_TEXT, AT(name), .nullable = true, .min = 1, .max = 15,
	  .doc = "The link is renamed to this." },
	{ "addresses", FIELD_LIST, AT(addresses), .required = true, .element = prefix_element,
	  .doc = "With their prefix lengths; the first is the main one." },
	{ "gateway", FIELD_IP, AT(gateway), .nullable = true,
	  .doc = "Next hop of the network's default route; of management: of the answers only." },
	{ "default_route", FIELD_BOOL, AT(default_route),
	  .doc = "What goes nowhere else leaves here. One public interface at most." },
	{ "mtu", FIELD_NUMBER, AT(mtu), .min = 68, .max = 9216, .unit = "bytes",
	  .doc = "Absent: as the link has it." },
	{ "snat", FIELD_BOOL, AT(snat),
	  .doc = "Private: sources are translated on their way out." },
	{ 0 },
};
#undef AT

const struct field dns_fields[] = {
	{ "forwarders", FIELD_LIST, offsetof(struct dns, forwarders), .element = ip_element,
	  .doc = "Asked in this order." },
	{ 0 },
};

#define AT(member) offsetof(struct dhcp_host, member)
static const struct field dhcp_host_fields[] = {
	{ "mac", FIELD_MAC, AT(mac), .required = true, .doc = "Of the guest's NIC." },
	{ "address", FIELD_IP, AT(address), .required = true, .doc = "Its one address." },
	{ "hostname", FIELD_TEXT, AT(hostname), .nullable = true, .max = 63,
	  .doc = "Absent: the address with dashes." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct dhcp, member)
const struct field dhcp_fields[] = {
	FIELD_UUID_OF(dhcp),
	{ "network", FIELD_UUID, AT(network), .required = true, .doc = "Of a private interface." },
	{ "hosts", FIELD_LIST, AT(hosts), .fields = dhcp_host_fields,
	  .size = sizeof(struct dhcp_host), .doc = "Who is answered; nobody else is." },
	{ "lease_s", FIELD_NUMBER, AT(lease_s), .min = 60, .max = 31536000, .fallback = 86400,
	  .unit = "s", .doc = "How long a lease lasts." },
	{ "dns", FIELD_LIST, AT(dns), .element = ip_element,
	  .doc = "Absent: the router's own address." },
	{ "domain", FIELD_TEXT, AT(domain), .nullable = true, .max = 253,
	  .doc = "Domain name of the guests." },
	{ 0 },
};
#undef AT

static const char *const route_types[] = { "static", "blackhole", NULL };

#define AT(member) offsetof(struct route, member)
const struct field route_fields[] = {
	FIELD_UUID_OF(route),
	{ "destination", FIELD_PREFIX, AT(destination), .required = true,
	  .doc = "Where packets go to." },
	{ "type", FIELD_CHOICE, AT(type), .choices = route_types, .doc = "static or blackhole." },
	{ "next_hop", FIELD_IP, AT(next_hop), .nullable = true,
	  .doc = "Required for static, refused for blackhole." },
	{ "priority", FIELD_NUMBER, AT(priority), .min = 1, .max = 254, .fallback = 128,
	  .doc = "Larger is less preferred." },
	{ 0 },
};
#undef AT

static const char *const directions[] = { "in", "out", NULL };
static const char *const actions[] = { "accept", "drop", "reject", NULL };
static const char *const protocols[] = { "all", "tcp", "udp", "icmp", NULL };
static const char *const states[] = { "new", "established", "related", "invalid", NULL };
static const struct field state_element[] = { { .type = FIELD_CHOICE, .choices = states } };

#define AT(member) offsetof(struct firewall_rule, member)
const struct field firewall_fields[] = {
	FIELD_UUID_OF(firewall_rule),
	{ "interface", FIELD_REFERENCE, AT(interface), .required = true,
	  .target = SECTION_INTERFACES, .doc = "Where it stands." },
	{ "direction", FIELD_CHOICE, AT(direction), .choices = directions,
	  .doc = "in: what arrives there; out: what leaves there." },
	{ "priority", FIELD_NUMBER, AT(priority), .required = true, .min = 1, .max = 9999,
	  .doc = "Rules of an interface and direction count in this order." },
	{ "action", FIELD_CHOICE, AT(action), .required = true, .choices = actions,
	  .doc = "accept goes on to the router's own rules; drop and reject end it." },
	{ "protocol", FIELD_CHOICE, AT(protocol), .choices = protocols,
	  .doc = "all, tcp, udp or icmp." },
	{ "source", FIELD_PREFIX, AT(source), .nullable = true, .doc = "Absent: any." },
	{ "destination", FIELD_PREFIX, AT(destination), .nullable = true, .doc = "Absent: any." },
	{ "source_ports", FIELD_LIST, AT(source_ports), .nullable = true, .element = ports_element,
	  .doc = "\"22,8000-8080\"; absent: any." },
	{ "destination_ports", FIELD_LIST, AT(destination_ports), .nullable = true,
	  .element = ports_element, .doc = "\"22,8000-8080\"; absent: any." },
	{ "states", FIELD_LIST, AT(states), .element = state_element,
	  .doc = "Of the connection; absent: new." },
	{ 0 },
};
#undef AT

const struct field ha_fields[] = { { 0 } };
