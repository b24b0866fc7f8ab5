/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.c - which check is whose, and what checks have in common. Checks of two objects are made
 * from both sides, so that the order in which they come does not matter. */
#include "vrouter/document/check.h"

#include <errno.h>
#include <string.h>

int check_failed(struct err *err, const char *path, const char *format, ...)
{
	AUTO(free_ptr) char *text = NULL;
	va_list args;

	va_start(args, format);
	text = mem_vformat(format, args);
	va_end(args);
	err_set(err, -EINVAL, "%s", text);
	err_at(err, "%s", path);
	return -EINVAL;
}

bool interface_has_subnet_of(const struct interface *interface, const struct ip *ip)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (prefix_contains(address, ip))
			return true;
	return false;
}

bool interface_overlaps(const struct interface *interface, const struct prefix *prefix)
{
	const struct prefix *address;

	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (prefix_overlaps(address, prefix))
			return true;
	return false;
}

int check_guest(const struct document *document, const struct ip *ip, const char *path,
		struct err *err)
{
	const struct interface *interface = router_interface_of(document, ip);
	const struct prefix *address;

	if (!interface)
		return check_failed(err, path, "%s is on no private network of the router",
				    ip_text(ip).s);
	for (size_t i = 0; (address = interface_address(interface, i)); i++)
		if (ip_equal(&address->ip, ip))
			return check_failed(err, path, "%s is the router's own address on %s",
					    ip_text(ip).s, object_text(&interface->object).s);
	return 0;
}

static int check_ha(const struct document *document, const struct object *object, struct err *err)
{
	(void)document;
	(void)object;
	return err_set(err, -EINVAL, "is reserved for router pairs; it must be null");
}

int router_check(void *index, const struct document *document, const struct object *object,
		 struct err *err)
{
	static const struct {
		const char *section;
		int (*check)(const struct document *document, const struct object *object,
			     struct err *err);
	} checks[] = {
		{ SECTION_INTERFACES, check_interface },
		{ SECTION_DHCP, check_dhcp },
		{ SECTION_VIPS, check_vip },
		{ SECTION_EIPS, check_eip },
		{ SECTION_PORT_FORWARDS, check_port_forward },
		{ SECTION_LOAD_BALANCERS, check_load_balancer },
		{ SECTION_CERTIFICATES, check_certificate },
		{ SECTION_IPSEC, check_ipsec },
		{ SECTION_ROUTES, check_route },
		{ SECTION_FIREWALL, check_firewall },
		{ SECTION_HA, check_ha },
	};

	(void)index;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (strcmp(checks[i].section, object->section->name) == 0)
			return checks[i].check(document, object, err);
	return 0;
}
