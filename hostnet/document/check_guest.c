/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_guest.c - ports, security groups and elastic IPs, beside what they refer to. */
#include <errno.h>
#include <string.h>

#include "hostnet/document/index.h"
#include "lib/base/name.h"

static int check_port_address(const struct document *document, const struct port *port,
			      const struct port_address *address, struct err *err)
{
	const struct l3_network *l3 = host_l3(document, address->l3);

	if (strcmp(l3->l2, port->l2) != 0)
		return check_failed(err, "l3", "l3_network %s is on l2_network %s, not on %s",
				    address->l3, l3->l2, port->l2);
	if (check_in_cidr(l3, &address->address, "address", err) < 0)
		return -EINVAL;
	if (l3->dhcp.enabled && ip_equal(&l3->dhcp.server, &address->address))
		return check_failed(err, "address", "%s is the DHCP server of l3_network %s",
				    ip_text(&address->address).s, address->l3);
	return 0;
}

int check_port(const struct document *document, const struct object *object, struct err *err)
{
	const struct port *port = (const void *)object;
	const struct port_address *address;

	if (!name_is_link(port->device))
		return check_failed(err, "device", "\"%s\" cannot be the name of a link",
				    port->device);
	if (port->hostname && !name_is_host(port->hostname))
		return check_failed(err, "hostname", "\"%s\" is not a host name", port->hostname);
	for (size_t i = 0; (address = port_address(port, i)); i++)
		if (check_port_address(document, port, address, err) < 0) {
			err_at(err, "addresses[%zu]", i);
			return -EINVAL;
		}
	return 0;
}

static int check_rule(const struct group_rule *rule, struct err *err)
{
	bool has_ports = rule->protocol == RULE_TCP || rule->protocol == RULE_UDP;

	if (rule->ports.first && !has_ports)
		return check_failed(err, "ports", "only tcp and udp have ports");
	return 0;
}

int check_group(const struct document *document, const struct object *object, struct err *err)
{
	const struct security_group *group = (const void *)object;
	const struct group_rule *rules = group->rules.items;

	(void)document;
	for (size_t i = 0; i < group->rules.n; i++) {
		int ret = check_rule(&rules[i], err);

		for (size_t j = 0; ret == 0 && j < i; j++)
			if (strcmp(rules[i].uuid, rules[j].uuid) == 0)
				ret = check_failed(err, "uuid", "rules[%zu] has this uuid too", j);
		if (ret < 0) {
			err_at(err, "rules[%zu]", i);
			return ret;
		}
	}
	return 0;
}

static int check_qos(const struct host_eip *eip, struct err *err)
{
	const struct host_eip_qos *rules = eip->qos.items;

	for (size_t i = 0; i < eip->qos.n; i++) {
		AUTO(free_ptr) char *path = mem_format("qos[%zu]", i);

		if (!rules[i].up_mbps && !rules[i].down_mbps)
			return check_failed(err, path, "a rule limits at least one direction");
		for (size_t j = 0; j < i; j++) {
			if (rules[i].port.first != rules[j].port.first)
				continue;
			if (!rules[i].port.first)
				return check_failed(err, path,
						    "qos[%zu] is the rule without port already", j);
			return check_failed(err, path, "qos[%zu] limits port %u already", j,
					    rules[i].port.first);
		}
	}
	return 0;
}

int check_eip(const struct document *document, const struct object *object, struct err *err)
{
	const struct host_eip *eip = (const void *)object;
	const struct l3_network *l3 = host_l3(document, eip->l3);
	const struct port *port = host_port(document, eip->port);
	const struct port_address *address;

	if (check_in_cidr(l3, &eip->address, "address", err) < 0)
		return -EINVAL;
	if (l3->gateway.family && ip_equal(&l3->gateway, &eip->address))
		return check_failed(err, "address", "%s is the gateway of l3_network %s",
				    ip_text(&eip->address).s, eip->l3);
	if (l3->dhcp.enabled && ip_equal(&l3->dhcp.server, &eip->address))
		return check_failed(err, "address", "%s is the DHCP server of l3_network %s",
				    ip_text(&eip->address).s, eip->l3);
	if (eip->address.family != eip->target.family)
		return check_failed(err, "target", "%s and %s are of two address families",
				    ip_text(&eip->address).s, ip_text(&eip->target).s);
	for (size_t i = 0; (address = port_address(port, i)); i++)
		if (ip_equal(&address->address, &eip->target))
			return check_qos(eip, err);
	return check_failed(err, "target", "%s is no address of port %s", ip_text(&eip->target).s,
			    eip->port);
}
