/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the router itself hears a packet, and if not, what was near. */
#include <string.h>

#include "lib/base/text.h"
#include "vrouter/explain/walk.h"

static bool is_port(const struct walk *walk, int protocol, int64_t port)
{
	return walk->packet.protocol == protocol && walk->packet.to_port == port;
}

void walk_say_heard(struct walk *walk, const struct object *object, const char *what)
{
	walk_step(walk, object, "deliver", "%s", what);
	walk->verdict = "accept";
}

/* Whether the destination is an own address of an interface of this role. */
static bool is_address_of(const struct walk *walk, int role)
{
	const struct object *object;
	struct place place;

	section_for_each (walk->document, SECTION_INTERFACES, object) {
		const struct interface *interface = (const void *)object;

		if (interface->role == role && interface_has_address(interface, &walk->packet.to) &&
		    interface_place(walk->facts, interface, &place, NULL) == 0)
			return true;
	}
	return false;
}

static void from_management(struct walk *walk)
{
	if (!is_address_of(walk, ROLE_MANAGEMENT))
		return;
	if (walk->packet.protocol == PACKET_ICMP)
		walk_say_heard(walk, &walk->in->object, "the router answers");
	else if (is_port(walk, PACKET_TCP, 22))
		walk_say_heard(walk, &walk->in->object, "management reaches SSH");
}

static const struct dhcp *dhcp_of(const struct walk *walk)
{
	const struct object *object;

	section_for_each (walk->document, SECTION_DHCP, object)
		if (router_network(walk->document,
				   ((const struct dhcp *)(const void *)object)->network) ==
		    walk->in)
			return (const void *)object;
	return NULL;
}

static void from_private(struct walk *walk)
{
	const struct dns *dns = router_dns(walk->document);
	bool is_own = is_address_of(walk, ROLE_PRIVATE);

	if (is_port(walk, PACKET_UDP, 67) && dhcp_of(walk))
		walk_say_heard(walk, &dhcp_of(walk)->object, "DHCP is served here");
	else if (is_own && walk->packet.protocol == PACKET_ICMP)
		walk_say_heard(walk, &walk->in->object, "the router answers");
	else if (is_own && dns && dns->forwarders.n > 0 &&
		 (is_port(walk, PACKET_TCP, 53) || is_port(walk, PACKET_UDP, 53)))
		walk_say_heard(walk, &dns->object, "DNS is forwarded");
}

/* What a listener waits for, or NULL if it does not. */
static const struct listener *listener_at(const struct object *user, int64_t port)
{
	const struct load_balancer *balancer = (const void *)user;
	const struct listener *listeners = balancer->listeners.items;

	if (strcmp(user->section->name, SECTION_LOAD_BALANCERS) != 0)
		return NULL;
	for (size_t i = 0; i < balancer->listeners.n; i++)
		if (listeners[i].port == port)
			return &listeners[i];
	return NULL;
}

void walk_say_listener(struct walk *walk, const struct object *balancer)
{
	const struct listener *listener = listener_at(balancer, walk->packet.to_port);

	if (listener)
		walk_step(walk, balancer, "deliver", "listener %s shares it among %zu members",
			  listener->uuid, listener->members.n);
	walk->verdict = "accept";
}

static bool at_listener(struct walk *walk, const struct vip *vip)
{
	for (size_t i = 0; i < document_user_count(&vip->object); i++) {
		const struct object *user = document_user(&vip->object, i);
		const struct listener *listener = listener_at(user, walk->packet.to_port);

		if (!listener || walk->packet.protocol != PACKET_TCP)
			continue;
		if (listener->protocol == LISTENER_HTTPS && !listener->certificate) {
			walk_step(walk, user, "rest", "listener %s has no certificate",
				  listener->uuid);
			return false;
		}
		if (walk->in->role == ROLE_PRIVATE &&
		    router_of(walk->document)->private_default != PRIVATE_ACCEPT) {
			walk_end(walk, "drop", "filter",
				 "listener %s of %s is not for private clients: private_default is "
				 "reject",
				 listener->uuid, user->uuid);
			return true;
		}
		walk_say_listener(walk, user);
		return true;
	}
	return false;
}

/* IKE of a tunnel's peer. */
static bool at_tunnel(struct walk *walk, const struct vip *vip)
{
	struct place place;

	if (walk->in->role != ROLE_PUBLIC ||
	    (!is_port(walk, PACKET_UDP, 500) && !is_port(walk, PACKET_UDP, 4500)))
		return false;
	for (size_t i = 0; i < document_user_count(&vip->object); i++) {
		const struct object *user = document_user(&vip->object, i);
		const struct ipsec *ipsec = (const void *)user;

		if (strcmp(user->section->name, SECTION_IPSEC) != 0 ||
		    !ip_equal(&ipsec->remote_address, &walk->packet.from) ||
		    ipsec_place(walk->document, walk->facts, ipsec, &place, NULL) < 0)
			continue;
		walk_say_heard(walk, user, "the tunnel's peer agrees on keys");
		return true;
	}
	return false;
}

static void add_near(struct text *text, const char *format, ...) PRINTF(2, 3);

static void add_near(struct text *text, const char *format, ...)
{
	AUTO(free_ptr) char *more = NULL;
	va_list args;

	va_start(args, format);
	more = mem_vformat(format, args);
	va_end(args);
	text_format(text, "%s%s", text->length ? ", " : "; ", more);
}

static void add_listeners(struct text *text, const struct load_balancer *balancer)
{
	const struct listener *listeners = balancer->listeners.items;

	for (size_t i = 0; i < balancer->listeners.n; i++)
		add_near(text, "%s of %s has tcp %lld", listeners[i].uuid, balancer->object.uuid,
			 (long long)listeners[i].port);
}

/* What the VIP does serve; a few of them are enough to see the slip. */
#define NEAR_MAX 5

static void miss_vip(struct walk *walk, const struct vip *vip)
{
	AUTO(text_clear) struct text near = TEXT_NONE;
	size_t shown = 0;

	for (size_t i = 0; i < document_user_count(&vip->object) && shown < NEAR_MAX; i++) {
		const struct object *user = document_user(&vip->object, i);
		const struct port_forward *forward = (const void *)user;

		if (strcmp(user->section->name, SECTION_LOAD_BALANCERS) == 0)
			add_listeners(&near, (const void *)user);
		else if (strcmp(user->section->name, SECTION_PORT_FORWARDS) == 0)
			add_near(&near, "%s has %s %s", user->uuid,
				 forward->protocol == PROTOCOL_TCP ? "tcp" : "udp",
				 port_range_text(&forward->vip_ports).s);
		else if (strcmp(user->section->name, SECTION_IPSEC) == 0 &&
			 walk->packet.protocol == PACKET_UDP)
			add_near(
				&near, "%s has udp 500 for %s", user->uuid,
				ip_text(&((const struct ipsec *)(const void *)user)->remote_address)
					.s);
		else
			continue;
		shown++;
	}
	if (walk->packet.to_port)
		walk_end(walk, "drop", "filter",
			 "%s port %lld of %s (%s): no port forward or listener%s",
			 packet_protocol_name(&walk->packet), (long long)walk->packet.to_port,
			 vip->object.uuid, ip_text(&vip->address).s, text_view(&near));
	else
		walk_end(walk, "drop", "filter", "%s does not take %s%s", vip->object.uuid,
			 packet_protocol_name(&walk->packet), text_view(&near));
}

void walk_say_unheard(struct walk *walk)
{
	const struct vip *vip = router_vip_at(walk->document, &walk->packet.to);

	if (vip)
		miss_vip(walk, vip);
	else
		walk_end(walk, "drop", "filter", "%s: the router serves nothing there to %s",
			 walk_destination(walk).s, walk->in ? walk->in->object.uuid : "itself");
}

void walk_local(struct walk *walk)
{
	const struct vip *vip = router_vip_at(walk->document, &walk->packet.to);

	if (!walk->for_router)
		return;
	if (!walk->in) {
		walk_say_heard(walk, &router_of(walk->document)->object,
			       "the router speaks to itself");
		return;
	}
	if (walk_is_forged(walk)) {
		walk_say_forged(walk);
		return;
	}
	if (walk->in->role == ROLE_MANAGEMENT)
		from_management(walk);
	else if (walk->in->role == ROLE_PRIVATE)
		from_private(walk);
	else if (walk->packet.protocol == PACKET_ICMP && is_address_of(walk, ROLE_PUBLIC))
		walk_say_heard(walk, &walk->in->object, "the router answers");
	if (walk->verdict || (vip && walk->in->role != ROLE_MANAGEMENT &&
			      (at_tunnel(walk, vip) || at_listener(walk, vip))))
		return;
	walk_say_unheard(walk);
}
