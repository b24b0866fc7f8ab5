/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load_balancer.c - listeners at a VIP, and the members that serve behind them. */
#include <string.h>

#include "lib/base/text.h"
#include "vrouter/compile/services.h"

static bool is_listed(const struct listener *listener, size_t n, const char *uuid)
{
	char *const *more = listener->certificates.items;

	if (listener->certificate && strcmp(listener->certificate, uuid) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (strcmp(more[i], uuid) == 0)
			return true;
	return false;
}

static void add_certificates(const struct listener *listener, struct text *value)
{
	char *const *more = listener->certificates.items;

	text_format(value, " certificates %s", listener->certificate);
	for (size_t i = 0; i < listener->certificates.n; i++)
		if (!is_listed(listener, i, more[i]))
			text_format(value, ",%s", more[i]);
}

static void say_listener(const struct load_balancer *balancer, const struct listener *listener,
			 const struct vip *vip, struct item_set *items)
{
	static const char *const protocols[] = { "tcp", "http", "https" };
	static const char *const algorithms[] = { "roundrobin", "leastconn", "source" };
	AUTO(text_clear) struct text value = TEXT_NONE;

	text_format(&value,
		    "%s %s %lld %s idle %lld maxconn %lld rise %lld fall %lld interval %lld",
		    protocols[listener->protocol], ip_text(&vip->address).s,
		    (long long)listener->port, algorithms[listener->algorithm],
		    (long long)listener->idle_timeout_s, (long long)listener->max_connections,
		    (long long)listener->healthy_threshold,
		    (long long)listener->unhealthy_threshold,
		    (long long)listener->health_interval_s);
	if (listener->protocol == LISTENER_HTTPS)
		add_certificates(listener, &value);
	item_set_say(items, "haproxy.listener", balancer->object.uuid, listener->uuid,
		     text_view(&value));
}

static void say_members(const struct load_balancer *balancer, const struct listener *listener,
			struct item_set *items)
{
	const struct member *members = listener->members.items;

	for (size_t i = 0; i < listener->members.n; i++) {
		const struct member *member = &members[i];
		AUTO(free_ptr) char *key = mem_format("%s %s", listener->uuid, member->uuid);
		AUTO(free_ptr)
		char *value =
			mem_format("%s %lld weight %lld", ip_text(&member->address).s,
				   (long long)listener->target_port, (long long)member->weight);

		item_set_say(items, "haproxy.member", balancer->object.uuid, key, value);
	}
}

/* The way in, and what ends when it is closed. */
static void say_door(const struct load_balancer *balancer, const struct listener *listener,
		     const struct vip *vip, struct item_set *items)
{
	struct ip_text address = ip_text(&vip->address);
	AUTO(free_ptr)
	char *element = mem_format("inet weft services %s . tcp . %lld", address.s,
				   (long long)listener->port);
	AUTO(free_ptr)
	char *connections = mem_format("local %s tcp %lld", address.s, (long long)listener->port);

	item_set_say(items, "nft.element", balancer->object.uuid, element, "");
	item_set_say(items, "connections", balancer->object.uuid, listener->uuid, connections);
}

void compile_load_balancer(const struct document *document, const struct facts *facts,
			   const struct object *object, struct item_set *items, struct notes *notes)
{
	const struct load_balancer *balancer = (const struct load_balancer *)object;
	const struct vip *vip = router_vip(document, balancer->vip);
	const struct listener *listeners = balancer->listeners.items;

	(void)facts;
	if (!vip)
		return;
	if (vip->address.family != 4) {
		notes_say(notes, object->uuid, NOTE_NOT_SUPPORTED, "ipv6_load_balancer");
		return;
	}
	for (size_t i = 0; i < balancer->listeners.n; i++) {
		const struct listener *listener = &listeners[i];

		if (listener->protocol == LISTENER_HTTPS && !listener->certificate) {
			notes_say(notes, object->uuid, NOTE_INACTIVE,
				  "listener %s has no certificate", listener->uuid);
			continue;
		}
		say_listener(balancer, listener, vip, items);
		say_members(balancer, listener, items);
		say_door(balancer, listener, vip, items);
	}
}
