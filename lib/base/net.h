/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net.h - addresses, prefixes, MAC addresses and port ranges as values.
 *
 * Bytes are in network order. The *_text() functions return a small struct by value: no static
 * buffer, nothing to free. Parsers take the canonical and the usual sloppy forms and return
 * -EINVAL with a sentence about the value; they never look names up. */
#ifndef WEFT_BASE_NET_H
#define WEFT_BASE_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct ip {
	uint8_t family; /* 4 or 6; 0: none. */
	uint8_t bytes[16];
};

struct prefix {
	struct ip ip;   /* Host bits are kept: an interface's address is a prefix too. */
	uint8_t length; /* Bits. */
};

struct mac {
	uint8_t bytes[6];
};

struct port_range {
	uint16_t first, last; /* 1-65535, first <= last; both 0: none. */
};

struct ip_text {
	char s[46];
};

struct prefix_text {
	char s[50];
};

struct mac_text {
	char s[18];
};

struct port_text {
	char s[12];
};

int ip_parse(const char *text, struct ip *ip, struct err *err);
int prefix_parse(const char *text, struct prefix *prefix, struct err *err); /* No '/': a host. */
int mac_parse(const char *text, struct mac *mac, struct err *err);
int port_range_parse(const char *text, struct port_range *range, struct err *err);

struct ip_text ip_text(const struct ip *ip);
struct prefix_text prefix_text(const struct prefix *prefix);      /* Always with its length. */
struct mac_text mac_text(const struct mac *mac);                  /* Lower case. */
struct port_text port_range_text(const struct port_range *range); /* "80" or "80-90". */

static inline unsigned int ip_bits(const struct ip *ip)
{
	return ip->family == 4 ? 32 : 128;
}

static inline unsigned int ip_size(const struct ip *ip)
{
	return ip->family == 4 ? 4 : 16;
}

int ip_compare(const struct ip *a, const struct ip *b); /* As memcmp; families apart. */
bool ip_equal(const struct ip *a, const struct ip *b);
bool mac_equal(const struct mac *a, const struct mac *b);
bool mac_is_unicast(const struct mac *mac); /* Neither group address nor all zeroes. */

/* The network of 'prefix': host bits cleared. */
struct prefix prefix_network(const struct prefix *prefix);
struct ip prefix_last(const struct prefix *prefix); /* Host bits all set. */
bool prefix_contains(const struct prefix *prefix, const struct ip *ip);
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);
bool prefix_equal(const struct prefix *a, const struct prefix *b); /* As networks. */

bool port_range_overlaps(const struct port_range *a, const struct port_range *b);

#endif
