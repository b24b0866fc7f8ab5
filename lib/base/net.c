/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ip_parse(const char *text, struct ip *ip, struct err *err)
{
	struct ip parsed = { 0 };

	if (inet_pton(AF_INET, text, parsed.bytes) == 1)
		parsed.family = 4;
	else if (inet_pton(AF_INET6, text, parsed.bytes) == 1)
		parsed.family = 6;
	else
		return err_set(err, -EINVAL, "\"%.64s\" is not an IP address", text);
	*ip = parsed;
	return 0;
}

/* Reads a decimal number of at most 5 digits without sign; -1 if it is none or above 'max'. */
static long number(const char *text, size_t length, long max)
{
	long value = 0;

	if (!length || length > 5)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value > max ? -1 : value;
}

int prefix_parse(const char *text, struct prefix *prefix, struct err *err)
{
	const char *slash = strchr(text, '/');
	struct prefix parsed = { 0 };
	char address[46];
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	long bits;

	if (length >= sizeof(address))
		return err_set(err, -EINVAL, "\"%.64s\" is not a prefix", text);
	memcpy(address, text, length);
	address[length] = '\0';
	if (ip_parse(address, &parsed.ip, NULL) < 0)
		return err_set(err, -EINVAL, "\"%.64s\" is not a prefix", text);
	bits = slash ? number(slash + 1, strlen(slash + 1), ip_bits(&parsed.ip))
		     : (long)ip_bits(&parsed.ip);
	if (bits < 0)
		return err_set(err, -EINVAL, "\"%.64s\": the prefix length must be 0-%u", text,
			       ip_bits(&parsed.ip));
	parsed.length = (uint8_t)bits;
	*prefix = parsed;
	return 0;
}

int mac_parse(const char *text, struct mac *mac, struct err *err)
{
	struct mac parsed;
	const char *at = text;

	for (size_t i = 0; i < sizeof(parsed.bytes); i++) {
		unsigned int byte = 0;

		for (int digit = 0; digit < 2; digit++, at++) {
			if (*at >= '0' && *at <= '9')
				byte = byte * 16 + (unsigned int)(*at - '0');
			else if (*at >= 'a' && *at <= 'f')
				byte = byte * 16 + (unsigned int)(*at - 'a' + 10);
			else if (*at >= 'A' && *at <= 'F')
				byte = byte * 16 + (unsigned int)(*at - 'A' + 10);
			else
				goto invalid;
		}
		parsed.bytes[i] = (uint8_t)byte;
		if (*at != (i < 5 ? ':' : '\0'))
			goto invalid;
		at++;
	}
	*mac = parsed;
	return 0;
invalid:
	return err_set(err, -EINVAL, "\"%.64s\" is not a MAC address", text);
}

int port_range_parse(const char *text, struct port_range *range, struct err *err)
{
	const char *dash = strchr(text, '-');
	size_t length = dash ? (size_t)(dash - text) : strlen(text);
	long first = number(text, length, 65535);
	long last = dash ? number(dash + 1, strlen(dash + 1), 65535) : first;

	if (first < 1 || last < 1)
		return err_set(err, -EINVAL, "\"%.64s\" is not a port 1-65535 or a range of them",
			       text);
	if (first > last)
		return err_set(err, -EINVAL, "port range \"%.64s\" ends before it begins", text);
	range->first = (uint16_t)first;
	range->last = (uint16_t)last;
	return 0;
}

struct ip_text ip_text(const struct ip *ip)
{
	struct ip_text text = { "" };

	if (ip->family)
		inet_ntop(ip->family == 4 ? AF_INET : AF_INET6, ip->bytes, text.s, sizeof(text.s));
	return text;
}

struct prefix_text prefix_text(const struct prefix *prefix)
{
	struct prefix_text text;

	snprintf(text.s, sizeof(text.s), "%s/%u", ip_text(&prefix->ip).s, prefix->length);
	return text;
}

struct mac_text mac_text(const struct mac *mac)
{
	const uint8_t *b = mac->bytes;
	struct mac_text text;

	snprintf(text.s, sizeof(text.s), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
	return text;
}

struct port_text port_range_text(const struct port_range *range)
{
	struct port_text text;

	if (range->first == range->last)
		snprintf(text.s, sizeof(text.s), "%u", range->first);
	else
		snprintf(text.s, sizeof(text.s), "%u-%u", range->first, range->last);
	return text;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return ip_compare(a, b) == 0;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool mac_is_unicast(const struct mac *mac)
{
	static const struct mac none;

	return !(mac->bytes[0] & 1) && !mac_equal(mac, &none);
}

/* Sets all bits of 'ip' from 'bit' on to 'value'. */
static void set_from(struct ip *ip, unsigned int bit, bool value)
{
	for (unsigned int i = bit; i < ip_bits(ip); i++) {
		uint8_t mask = (uint8_t)(0x80 >> (i % 8));

		if (value)
			ip->bytes[i / 8] |= mask;
		else
			ip->bytes[i / 8] &= (uint8_t)~mask;
	}
}

struct prefix prefix_network(const struct prefix *prefix)
{
	struct prefix network = *prefix;

	set_from(&network.ip, network.length, false);
	return network;
}

struct ip prefix_last(const struct prefix *prefix)
{
	struct ip last = prefix->ip;

	set_from(&last, prefix->length, true);
	return last;
}

bool prefix_contains(const struct prefix *prefix, const struct ip *ip)
{
	unsigned int whole = prefix->length / 8, rest = prefix->length % 8;

	if (prefix->ip.family != ip->family || memcmp(prefix->ip.bytes, ip->bytes, whole) != 0)
		return false;
	return !rest || !((prefix->ip.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest));
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->length <= b->length ? prefix_contains(a, &b->ip) : prefix_contains(b, &a->ip);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && prefix_contains(a, &b->ip);
}

bool port_range_overlaps(const struct port_range *a, const struct port_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}
