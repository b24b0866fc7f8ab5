/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attribute.c - values into and out of netlink attributes; what comes out is checked for its size.
 */
#include <string.h>
#include <sys/socket.h>

#include "lib/backend/rtnl/request.h"

int family_of(const struct ip *ip)
{
	return ip->family == 4 ? AF_INET : AF_INET6;
}

void put_ip(struct nlmsghdr *message, uint16_t type, const struct ip *ip)
{
	mnl_attr_put(message, type, ip_size(ip), ip->bytes);
}

struct ip get_ip(const struct nlattr *attribute)
{
	struct ip ip = { 0 };
	size_t size = attribute ? mnl_attr_get_payload_len(attribute) : 0;

	if (size != 4 && size != 16)
		return ip;
	ip.family = size == 4 ? 4 : 6;
	memcpy(ip.bytes, mnl_attr_get_payload(attribute), size);
	return ip;
}

bool get_mac(const struct nlattr *attribute, struct mac *mac)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) != sizeof(mac->bytes))
		return false;
	memcpy(mac->bytes, mnl_attr_get_payload(attribute), sizeof(mac->bytes));
	return true;
}

void get_attributes(const struct nlmsghdr *message, size_t header, const struct nlattr **attributes,
		    uint16_t max)
{
	const struct nlattr *attribute;

	memset(attributes, 0, (max + 1u) * sizeof(*attributes));
	mnl_attr_for_each(attribute, message,
			  (unsigned int)header) if (mnl_attr_get_type(attribute) <= max)
		attributes[mnl_attr_get_type(attribute)] = attribute;
}

void get_nested(const struct nlattr *nest, const struct nlattr **attributes, uint16_t max)
{
	const struct nlattr *attribute;

	memset(attributes, 0, (max + 1u) * sizeof(*attributes));
	if (!nest)
		return;
	mnl_attr_for_each_nested(attribute, nest) if (mnl_attr_get_type(attribute) <= max)
		attributes[mnl_attr_get_type(attribute)] = attribute;
}

uint32_t get_u32(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 4 ? mnl_attr_get_u32(attribute)
								     : 0;
}

uint16_t get_u16(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 2 ? mnl_attr_get_u16(attribute)
								     : 0;
}

uint8_t get_u8(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 1 ? mnl_attr_get_u8(attribute)
								     : 0;
}
