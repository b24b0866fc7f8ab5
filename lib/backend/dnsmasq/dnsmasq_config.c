/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/dnsmasq/dnsmasq_config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/child/service_file.h"

/* A name goes into a line of dnsmasq's: nothing that means something there may be in it. */
static bool is_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > 253 || name[0] == '-' || name[0] == '.')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-._", name[i]))
			return false;
	return true;
}

static int parse_number(const char *text, int *number)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 0 || value > INT32_MAX)
		return -EINVAL;
	*number = (int)value;
	return 0;
}

static int parse_servers(const char *text, char *to, size_t size, struct err *err)
{
	AUTO(free_ptr) char *copy = mem_text(text);
	char *rest = copy, *one;
	struct ip ip;

	while ((one = strsep(&rest, ",")))
		if (ip_parse(one, &ip, err) < 0)
			return -EINVAL;
	if (snprintf(to, size, "%s", text) >= (int)size)
		return err_set(err, -EINVAL, "too many DNS servers");
	return 0;
}

static int range_word(const char *word, const char *value, struct dnsmasq_range *range,
		      struct err *err)
{
	if (strcmp(word, "server") == 0)
		return ip_parse(value, &range->server, err);
	if (strcmp(word, "gateway") == 0) {
		range->gateway = (struct ip){ 0 };
		return strcmp(value, "none") == 0 ? 0 : ip_parse(value, &range->gateway, err);
	}
	if (strcmp(word, "reach") == 0)
		return ip_parse(value, &range->reach, err);
	if (strcmp(word, "lease") == 0 && parse_number(value, &range->lease_s) == 0)
		return 0;
	if (strcmp(word, "mtu") == 0 && parse_number(value, &range->mtu) == 0)
		return 0;
	if (strcmp(word, "dns") == 0)
		return parse_servers(value, range->dns, sizeof(range->dns), err);
	if (strcmp(word, "domain") == 0 && is_name(value)) {
		snprintf(range->domain, sizeof(range->domain), "%s", value);
		return 0;
	}
	return err_set(err, -EINVAL, "\"%s %s\" is nothing that DHCP hands out", word, value);
}

int dnsmasq_range_parse(const struct item *item, struct dnsmasq_range *range, struct err *err)
{
	AUTO(free_ptr) char *copy = mem_text(item_value(item));
	const char *prefix_at = strrchr(item_key(item), ' ');
	char *rest = copy, *word, *value;
	bool has_gateway = false;

	memset(range, 0, sizeof(*range));
	if (prefix_parse(prefix_at ? prefix_at + 1 : item_key(item), &range->network, err) < 0)
		return -EINVAL;
	while ((word = strsep(&rest, " "))) {
		value = strsep(&rest, " ");
		if (!value)
			return err_set(err, -EINVAL, "\"%s\" has no value", word);
		has_gateway = has_gateway || strcmp(word, "gateway") == 0;
		if (range_word(word, value, range, err) < 0)
			return -EINVAL;
	}
	if (!has_gateway)
		range->gateway = range->server;
	if (range->network.ip.family != 4 || range->server.family != 4)
		return err_set(err, -EINVAL, "DHCP serves IPv4 only");
	return 0;
}

/* Whether dnsmasq would take the name for something else: a lease time ("10d") or a keyword. Such a
 * host is served without its name. */
static bool is_taken_otherwise(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (strcmp(name, "infinite") == 0 || strcmp(name, "ignore") == 0)
		return true;
	return digits > 0 &&
	       (!name[digits] || (strchr("wdhms", name[digits]) && !name[digits + 1]));
}

bool dnsmasq_host_is_second(const struct item *item)
{
	const char *name = strrchr(item_value(item), ' ');

	return name && strcmp(name, " -") == 0;
}

int dnsmasq_host_text(const struct item *item, struct text *text, struct err *err)
{
	AUTO(free_ptr) char *copy = mem_text(item_value(item));
	const char *mac_at = strrchr(item_key(item), ' ');
	char *name = copy, *address = strsep(&name, " ");
	struct mac mac;
	struct ip ip;
	bool second;

	if (!mac_at || mac_parse(mac_at + 1, &mac, err) < 0)
		return err_set(err, -EINVAL, "\"%s\" has no MAC", item_key(item));
	if (ip_parse(address, &ip, err) < 0)
		return -EINVAL;
	second = dnsmasq_host_is_second(item);
	if (second)
		name = NULL;
	if (name && (!is_name(name) || strchr(name, '.')))
		return err_set(err, -EINVAL, "\"%s\" cannot be a host's name", name);
	service_mark_add(text, item);
	if (name && is_taken_otherwise(name))
		name = NULL;
	text_format(text, "%s,%s%s%s%s\n", mac_text(&mac).s, second ? "set:second," : "",
		    ip_text(&ip).s, name ? "," : "", name ? name : "");
	return 0;
}

static int compare_keys(const void *one, const void *other)
{
	const struct item *const *a = one, *const *b = other;

	return strcmp(item_key(*a), item_key(*b));
}

/* The items of a kind in the order of their keys: the same items make the same text. */
static const struct item **sorted(const struct item_set *items, const char *kind, size_t *n)
{
	const struct item **list = mem_array(item_set_count(items) + 1, sizeof(*list));
	struct item *item, *after;

	*n = 0;
	item_set_for_each_of (items, kind, item, after)
		list[(*n)++] = item;
	qsort(list, *n, sizeof(*list), compare_keys);
	return list;
}

bool dnsmasq_is_needed(const struct item_set *items)
{
	return item_set_first_of(items, "dns.listen") || item_set_first_of(items, "dhcp.range");
}

static struct ip_text netmask(const struct prefix *network)
{
	struct ip mask = { .family = 4 };

	for (unsigned int bit = 0; bit < network->length; bit++)
		mask.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return ip_text(&mask);
}

/* Clients that are told routes pass over the gateway beside them (RFC 3442): it is one of them. */
static void add_routes(struct text *text, const char *tag, const struct dnsmasq_range *range)
{
	if (!range->reach.family)
		return;
	text_format(text, "dhcp-option=tag:%s,tag:second,option:classless-static-route,%s/32,%s\n",
		    tag, ip_text(&range->reach).s, ip_text(&range->server).s);
	text_format(text, "dhcp-option=tag:%s,tag:!second,option:classless-static-route,%s/32,%s",
		    tag, ip_text(&range->reach).s, ip_text(&range->server).s);
	if (range->gateway.family)
		text_format(text, ",0.0.0.0/0,%s", ip_text(&range->gateway).s);
	text_add(text, "\n");
}

/* An option without a value is not sent, instead of dnsmasq's own address. */
static void add_range(struct text *text, const struct item *item)
{
	struct dnsmasq_range range;
	const char *gateway;
	struct ip_text gateway_text;
	const uint8_t *b;
	char tag[32];

	if (dnsmasq_range_parse(item, &range, NULL) < 0)
		return;
	b = range.network.ip.bytes;
	snprintf(tag, sizeof(tag), "n%02x%02x%02x%02xl%u", b[0], b[1], b[2], b[3],
		 range.network.length);
	gateway_text = ip_text(&range.gateway);
	gateway = range.gateway.family ? gateway_text.s : "";
	service_mark_add(text, item);
	text_format(text, "dhcp-range=set:%s,%s,static,%s,%d\n", tag, ip_text(&range.network.ip).s,
		    netmask(&range.network).s, range.lease_s);
	text_format(text, "listen-address=%s\n", ip_text(&range.server).s);
	text_format(text, "dhcp-option=tag:%s,tag:second,option:router\n", tag);
	text_format(text, "dhcp-option=tag:%s,tag:!second,option:router%s%s\n", tag,
		    *gateway ? "," : "", gateway);
	text_format(text, "dhcp-option=tag:%s,tag:second,option:dns-server\n", tag);
	text_format(text, "dhcp-option=tag:%s,tag:!second,option:dns-server%s%s\n", tag,
		    range.dns[0] ? "," : "", range.dns);
	/* Asked for or not: a guest that sends packets too large for its network loses them. */
	if (range.mtu > 0)
		text_format(text, "dhcp-option-force=tag:%s,option:mtu,%d\n", tag, range.mtu);
	if (range.domain[0])
		text_format(text, "dhcp-option=tag:%s,tag:!second,option:domain-name,%s\n", tag,
			    range.domain);
	add_routes(text, tag, &range);
}

/* Clients are known by MAC alone: some change their client identifier with each system that they
 * boot, and what holds a lease must be found again when its host is removed. */
static const char dhcp_settings[] = "dhcp-authoritative\n"
				    "dhcp-ignore=tag:!known\n"
				    "dhcp-ignore-clid\n"
				    "dhcp-ignore-names\n"
				    "dhcp-lease-max=100000\n"
				    "no-ping\n";

void dnsmasq_main_text(const struct item_set *items, const char *dir, struct text *text)
{
	size_t n_listen, n_ranges;
	AUTO(free_ptr) const struct item **listen = sorted(items, "dns.listen", &n_listen);
	AUTO(free_ptr) const struct item **ranges = sorted(items, "dhcp.range", &n_ranges);

	text_add(text, "# Written by weft: changes are lost.\n");
	/* Root, because it reads its files again while it runs, below directories that are closed
	 * to others; it was started without root's capabilities. */
	text_add(text, "user=root\ngroup=root\npid-file=\nlog-facility=-\n"
		       "no-resolv\nno-hosts\nbind-dynamic\n");
	text_format(text, "port=%d\n", n_listen > 0 ? 53 : 0);
	text_add(text, "strict-order\n"
		       "cache-size=10000\ndns-forward-max=1000\n");
	text_format(text, "servers-file=%s/servers.conf\n", dir);
	for (size_t i = 0; i < n_listen; i++) {
		service_mark_add(text, listen[i]);
		text_format(text, "listen-address=%s\n", item_key(listen[i]));
	}
	if (n_ranges == 0)
		return;
	text_format(text, "dhcp-hostsdir=%s/hosts\ndhcp-leasefile=%s/leases\n", dir, dir);
	text_add(text, dhcp_settings);
	for (size_t i = 0; i < n_ranges; i++)
		add_range(text, ranges[i]);
}

void dnsmasq_servers_text(const struct item_set *items, size_t first, struct text *text)
{
	size_t n;
	AUTO(free_ptr) const struct item **forwarders = sorted(items, "dns.forwarder", &n);

	for (size_t i = 0; i < n; i++)
		service_mark_add(text, forwarders[i]);
	if (first < n)
		text_format(text, "server=%s\n", item_value(forwarders[first]));
	for (size_t i = 0; i < n; i++)
		if (i != first)
			text_format(text, "server=%s\n", item_value(forwarders[i]));
}

struct ip *dnsmasq_servers(const struct item_set *items, size_t *n)
{
	AUTO(free_ptr) const struct item **forwarders = sorted(items, "dns.forwarder", n);
	struct ip *servers = mem_array(*n + 1, sizeof(*servers));

	for (size_t i = 0; i < *n; i++)
		if (ip_parse(item_value(forwarders[i]), &servers[i], NULL) < 0)
			servers[i] = (struct ip){ .family = 4 };
	return servers;
}
