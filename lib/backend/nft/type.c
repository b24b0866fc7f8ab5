/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types, one row each. Numbers in 'kernel' are those that nft(8) keeps in a set's key type. */
#include "lib/backend/nft/type.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/net.h"

static bool ip_type_parse(const struct type *type, const char *text, uint8_t *bytes)
{
	struct ip ip;

	if (ip_parse(text, &ip, NULL) < 0 || ip_size(&ip) != type->size)
		return false;
	memcpy(bytes, ip.bytes, type->size);
	return true;
}

static void ip_type_format(const struct type *type, const uint8_t *bytes, struct text *out)
{
	struct ip ip = { .family = type->size == 4 ? 4 : 6 };

	memcpy(ip.bytes, bytes, type->size);
	text_add(out, ip_text(&ip).s);
}

static bool ether_parse(const struct type *type, const char *text, uint8_t *bytes)
{
	struct mac mac;

	if (mac_parse(text, &mac, NULL) < 0)
		return false;
	memcpy(bytes, mac.bytes, type->size);
	return true;
}

static void ether_format(const struct type *type, const uint8_t *bytes, struct text *out)
{
	struct mac mac;

	memcpy(mac.bytes, bytes, type->size);
	text_add(out, mac_text(&mac).s);
}

static bool ifname_parse(const struct type *type, const char *text, uint8_t *bytes)
{
	size_t length = strlen(text);

	if (length == 0 || length >= IFNAMSIZ || strpbrk(text, "\"@{} /"))
		return false;
	memset(bytes, 0, type->size);
	memcpy(bytes, text, length);
	return true;
}

static void ifname_format(const struct type *type, const uint8_t *bytes, struct text *out)
{
	text_add_n(out, (const char *)bytes, strnlen((const char *)bytes, type->size));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool hex_parse(const struct type *type, const char *text, uint8_t *bytes)
{
	if (strlen(text) != 2U * type->size)
		return false;
	for (size_t i = 0; i < type->size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void hex_format(const struct type *type, const uint8_t *bytes, struct text *out)
{
	for (size_t i = 0; i < type->size; i++)
		text_format(out, "%02x", bytes[i]);
}

/* A class of traffic control: "1:10", both parts hexadecimal, or a number. */
static bool classid_parse(const struct type *type, const char *text, uint8_t *bytes)
{
	unsigned long major, minor;
	uint64_t number;
	char *end;

	if (!strchr(text, ':')) {
		if (!number_parse(text, UINT32_MAX, &number))
			return false;
		type_put_number(type, (uint32_t)number, bytes);
		return true;
	}
	major = strtoul(text, &end, 16);
	if (*end != ':' || major > UINT16_MAX)
		return false;
	minor = strtoul(end + 1, &end, 16);
	if (*end || minor > UINT16_MAX)
		return false;
	type_put_number(type, (uint32_t)(major << 16 | minor), bytes);
	return true;
}

static void classid_format(const struct type *type, const uint8_t *bytes, struct text *out)
{
	uint32_t number;

	(void)type;
	memcpy(&number, bytes, sizeof(number));
	text_format(out, "%x:%x", number >> 16, number & 0xffff);
}

static const struct type_word protocol_words[] = {
	{ "icmp", 1 }, { "tcp", 6 },        { "udp", 17 },   { "gre", 47 }, { "esp", 50 },
	{ "ah", 51 },  { "ipv6-icmp", 58 }, { "sctp", 132 }, { 0 },
};

static const struct type_word ether_type_words[] = {
	{ "ip", 0x0800 }, { "arp", 0x0806 }, { "vlan", 0x8100 }, { "ip6", 0x86dd }, { 0 },
};

static const struct type_word icmp_words[] = {
	{ "echo-reply", 0 },
	{ "destination-unreachable", 3 },
	{ "source-quench", 4 },
	{ "redirect", 5 },
	{ "echo-request", 8 },
	{ "router-advertisement", 9 },
	{ "time-exceeded", 11 },
	{ "parameter-problem", 12 },
	{ 0 },
};

static const struct type_word icmpv6_words[] = {
	{ "destination-unreachable", 1 }, { "packet-too-big", 2 },
	{ "time-exceeded", 3 },           { "parameter-problem", 4 },
	{ "echo-request", 128 },          { "echo-reply", 129 },
	{ "mld-listener-query", 130 },    { "mld-listener-report", 131 },
	{ "mld-listener-done", 132 },     { "nd-router-solicit", 133 },
	{ "nd-router-advert", 134 },      { "nd-neighbor-solicit", 135 },
	{ "nd-neighbor-advert", 136 },    { "nd-redirect", 137 },
	{ "mld2-listener-report", 143 },  { 0 },
};

static const struct type_word family_words[] = { { "ipv4", 2 }, { "ipv6", 10 }, { 0 } };
static const struct type_word iftype_words[] = { { "ether", 1 }, { "loopback", 772 }, { 0 } };
static const struct type_word link_words[] = { { "none", 0 }, { 0 } };
static const struct type_word packet_words[] = {
	{ "host", 0 },      { "unicast", 0 }, { "broadcast", 1 },
	{ "multicast", 2 }, { "other", 3 },   { 0 },
};

static const struct type_word state_words[] = {
	{ "invalid", 1 }, { "established", 2 }, { "related", 4 },
	{ "new", 8 },     { "untracked", 64 },  { 0 },
};

static const struct type_word status_words[] = {
	{ "expected", IPS_EXPECTED }, { "seen-reply", IPS_SEEN_REPLY },
	{ "assured", IPS_ASSURED },   { "confirmed", IPS_CONFIRMED },
	{ "snat", IPS_SRC_NAT },      { "dnat", IPS_DST_NAT },
	{ "dying", IPS_DYING },       { 0 },
};

static const struct type_word direction_words[] = { { "original", 0 }, { "reply", 1 }, { 0 } };
static const struct type_word exists_words[] = { { "exists", 1 }, { "missing", 0 }, { 0 } };
static const struct type_word arp_words[] = { { "request", 1 }, { "reply", 2 }, { 0 } };

static const struct type_word tcp_flag_words[] = {
	{ "fin", 1 },  { "syn", 2 },  { "rst", 4 },   { "psh", 8 }, { "ack", 16 },
	{ "urg", 32 }, { "ecn", 64 }, { "cwr", 128 }, { 0 },
};

static const struct type_word fib_words[] = {
	{ "unicast", RTN_UNICAST },
	{ "local", RTN_LOCAL },
	{ "broadcast", RTN_BROADCAST },
	{ "anycast", RTN_ANYCAST },
	{ "multicast", RTN_MULTICAST },
	{ "blackhole", RTN_BLACKHOLE },
	{ "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT },
	{ 0 },
};

static const struct type types[] = {
	{ "ipv4_addr", 7, 4, .in_sets = true, .prefixes = true, .parse = ip_type_parse,
	  .format = ip_type_format },
	{ "ipv6_addr", 8, 16, .in_sets = true, .prefixes = true, .parse = ip_type_parse,
	  .format = ip_type_format },
	{ "ether_addr", 9, 6, .in_sets = true, .parse = ether_parse, .format = ether_format },
	{ "ether_type", 10, 2, .in_sets = true, .hexadecimal = true, .words = ether_type_words },
	{ "inet_proto", 12, 1, .in_sets = true, .words = protocol_words },
	{ "inet_service", 13, 2, .in_sets = true },
	{ "icmp_type", 14, 1, .in_sets = true, .words = icmp_words },
	{ "mark", 19, 4, .in_sets = true, .host_order = true, .hexadecimal = true },
	{ "ifname", 41, IFNAMSIZ, .in_sets = true, .host_order = true, .parse = ifname_parse,
	  .format = ifname_format },
	{ "bytes16", 4, 16, .in_sets = true, .parse = hex_parse, .format = hex_format },
	{ "zone", 4, 2, .in_sets = true, .host_order = true },
	/* Those below are only what selectors are compared with. */
	{ "icmpv6_type", 29, 1, .words = icmpv6_words },
	{ "nf_proto", 2, 1, .words = family_words },
	{ "iface_type", 21, 2, .host_order = true, .words = iftype_words },
	{ "link_index", 20, 4, .host_order = true, .words = link_words },
	{ "pkt_type", 31, 1, .words = packet_words },
	{ "ct_state", 26, 4, .host_order = true, .bits = true, .words = state_words },
	{ "ct_status", 28, 4, .host_order = true, .bits = true, .words = status_words },
	{ "ct_dir", 27, 1, .words = direction_words },
	{ "boolean", 39, 1, .words = exists_words },
	{ "arp_op", 11, 2, .words = arp_words },
	{ "tcp_flag", 15, 1, .bits = true, .hexadecimal = true, .words = tcp_flag_words },
	{ "fib_addrtype", 38, 4, .host_order = true, .words = fib_words },
	{ "classid", 23, 4, .in_sets = true, .host_order = true, .parse = classid_parse,
	  .format = classid_format },
	{ "number1", 4, 1, .words = NULL },
	{ "number2", 4, 2, .words = NULL },
};

const struct type *type_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

bool number_parse(const char *text, uint64_t max, uint64_t *value)
{
	bool hexadecimal = text[0] == '0' && text[1] == 'x';
	const char *digits = hexadecimal ? text + 2 : text;
	uint64_t base = hexadecimal ? 16 : 10, number = 0;

	if (!*digits)
		return false;
	for (; *digits; digits++) {
		int digit = hex_digit(*digits);

		if (digit < 0 || (uint64_t)digit >= base ||
		    number > (UINT64_MAX - (uint64_t)digit) / base)
			return false;
		number = number * base + (uint64_t)digit;
	}
	if (number > max)
		return false;
	*value = number;
	return true;
}

void type_put_number(const struct type *type, uint32_t value, uint8_t *bytes)
{
	uint16_t half = (uint16_t)value;

	if (type->host_order && type->size == 4) {
		memcpy(bytes, &value, 4);
	} else if (type->host_order && type->size == 2) {
		memcpy(bytes, &half, 2);
	} else {
		for (size_t i = 0; i < type->size; i++)
			bytes[i] = (uint8_t)(value >> 8 * (type->size - 1 - i));
	}
}

uint32_t type_get_number(const struct type *type, const uint8_t *bytes)
{
	uint32_t value = 0;
	uint16_t half;

	if (type->host_order && type->size == 4) {
		memcpy(&value, bytes, 4);
	} else if (type->host_order && type->size == 2) {
		memcpy(&half, bytes, 2);
		value = half;
	} else {
		for (size_t i = 0; i < type->size; i++)
			value = value << 8 | bytes[i];
	}
	return value;
}

bool type_parse(const struct type *type, const char *text, uint8_t *bytes)
{
	uint64_t number;

	if (type->parse)
		return type->parse(type, text, bytes);
	for (const struct type_word *word = type->words; word && word->word; word++)
		if (strcmp(word->word, text) == 0) {
			type_put_number(type, word->value, bytes);
			return true;
		}
	if (!number_parse(text, type->size == 4 ? UINT32_MAX : (1U << 8 * type->size) - 1, &number))
		return false;
	type_put_number(type, (uint32_t)number, bytes);
	return true;
}

void type_format(const struct type *type, const uint8_t *bytes, struct text *out)
{
	uint32_t number;

	if (type->format) {
		type->format(type, bytes, out);
		return;
	}
	number = type_get_number(type, bytes);
	for (const struct type_word *word = type->words; word && word->word; word++)
		if (word->value == number) {
			text_add(out, word->word);
			return;
		}
	text_format(out, type->hexadecimal ? "0x%x" : "%u", number);
}
