/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhcp.c - the addresses that a private network's hosts are told. */
#include <string.h>

#include "lib/base/text.h"
#include "vrouter/compile/services.h"

/* Whether the router answers DNS queries of its private networks. */
static bool has_dns(const struct document *document)
{
	const struct dns *dns = router_dns(document);

	return dns && dns->forwarders.n > 0;
}

static void say_range(const struct document *document, const struct dhcp *dhcp,
		      const struct interface *interface, const struct prefix *address,
		      struct item_set *items)
{
	AUTO(text_clear) struct text value = TEXT_NONE;
	struct prefix network = prefix_network(address);
	const struct ip *dns = dhcp->dns.items;

	text_format(&value, "server %s lease %lld", ip_text(&address->ip).s,
		    (long long)dhcp->lease_s);
	if (interface->mtu > 0)
		text_format(&value, " mtu %lld", (long long)interface->mtu);
	for (size_t i = 0; i < dhcp->dns.n; i++)
		text_format(&value, "%s%s", i == 0 ? " dns " : ",", ip_text(&dns[i]).s);
	if (dhcp->dns.n == 0 && has_dns(document))
		text_format(&value, " dns %s", ip_text(&address->ip).s);
	if (dhcp->domain)
		text_format(&value, " domain %s", dhcp->domain);
	item_set_say(items, "dhcp.range", dhcp->object.uuid, prefix_text(&network).s,
		     text_view(&value));
}

static void say_host(const struct dhcp *dhcp, const struct dhcp_host *host, struct item_set *items)
{
	AUTO(free_ptr) char *key = mem_format("%s %s", dhcp->network, mac_text(&host->mac).s);
	const char *name = host->hostname ? host->hostname : "";
	int length = (int)strcspn(name, "."); /* The domain is the network's. */
	AUTO(free_ptr)
	char *value =
		mem_format("%s%s%.*s", ip_text(&host->address).s, length ? " " : "", length, name);

	item_set_say(items, "dhcp.host", dhcp->object.uuid, key, value);
}

void compile_dhcp(const struct document *document, const struct facts *facts,
		  const struct object *object, struct item_set *items, struct notes *notes)
{
	const struct dhcp *dhcp = (const struct dhcp *)object;
	const struct interface *interface = router_network(document, dhcp->network);
	const struct dhcp_host *hosts = dhcp->hosts.items;
	bool served = false;

	(void)facts;
	for (size_t i = 0; interface && i < interface->addresses.n; i++) {
		const struct prefix *address = interface_address(interface, i);

		if (address->ip.family != 4)
			continue;
		say_range(document, dhcp, interface, address, items);
		served = true;
	}
	if (!served) {
		notes_say(notes, object->uuid, NOTE_INACTIVE, "network %s has no IPv4 address here",
			  dhcp->network);
		return;
	}
	for (size_t i = 0; i < dhcp->hosts.n; i++)
		say_host(dhcp, &hosts[i], items);
}
