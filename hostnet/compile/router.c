/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router.c - a VPC router whose networks this host joins by itself.
 *
 * Guests here find the router's address at the router's MAC; the answer is this host's own. What
 * they send there for another of its networks is led into their network's leg and out of that
 * network's. Everything else goes to the router as ever. */
#include <errno.h>
#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"
#include "lib/base/text.h"

void compile_router_chains(const struct compiler *compiler, const char *owner)
{
	say_set(compiler, owner, "map ifname . ether_addr . ipv4_addr : verdict", "routed_ports");
	say_set(compiler, owner, "set ifname . ipv4_addr", "routed_gateways");
	if (!document_first(compiler->document, SECTION_ROUTERS))
		return;
	say_rule(compiler, owner, CHAIN_WAYS, WAYS_ROUTED,
		 "concat( meta iifname . ether daddr . ip saddr ) vmap @routed_ports");
	say_rule(compiler, owner, CHAIN_ARP, ARP_ROUTED,
		 "meta oifname != @legs arp operation request "
		 "concat( meta iifname . arp daddr ip ) @routed_gateways drop");
	say_rule(compiler, owner, CHAIN_ARP, ARP_LEG_ROUTED,
		 "meta oifname @legs arp operation request "
		 "concat( meta iifname . arp daddr ip ) @routed_gateways accept");
}

static const struct host_router *router_of(const struct l3_network *l3)
{
	for (size_t i = 0; i < document_user_count(&l3->object); i++) {
		const struct object *user = document_user(&l3->object, i);

		if (strcmp(user->section->name, SECTION_ROUTERS) == 0)
			return (const void *)user;
	}
	return NULL;
}

static const struct host_router_interface *interface_at(const struct host_router *router, size_t i)
{
	const struct host_router_interface *interfaces = router->interfaces.items;

	return i < router->interfaces.n ? &interfaces[i] : NULL;
}

/* Whose address it is on the router's side. */
static const struct mac *mac_of(const struct host_router *router,
				const struct host_router_interface *interface)
{
	return mac_is_unicast(&interface->mac) ? &interface->mac : &router->gateway_mac;
}

static int place_of(const struct compiler *compiler, const struct host_router_interface *interface,
		    struct l2_place *place, struct err *why)
{
	const struct l3_network *l3 = host_l3(compiler->document, interface->l3);
	const struct l2_network *l2 = host_l2(compiler->document, l3->l2);

	if (l3->cidr.ip.family != 4)
		return err_set(why, -EOPNOTSUPP, "l3_network %s: only IPv4 is routed on hosts",
			       interface->l3);
	if (l2_place(compiler->document, compiler->facts, l2, place, why) < 0) {
		err_in(why, "l2_network %s", l3->l2);
		return err_in(why, "l3_network %s", interface->l3);
	}
	return 0;
}

/* -EMEDIUMTYPE and why where the router has to do all by itself: a packet of one network must fit
 * into every other. */
static int check_sizes(const struct compiler *compiler, const struct host_router *router,
		       struct err *why)
{
	const struct host_router_interface *interface, *first = NULL;
	int64_t mtu = 0;

	for (size_t i = 0; (interface = interface_at(router, i)); i++) {
		struct err none = ERR_NONE;
		struct l2_place place;

		if (place_of(compiler, interface, &place, &none) < 0) {
			err_clear(&none);
			continue;
		}
		if (first && place.mtu != mtu)
			return err_set(why, -EMEDIUMTYPE,
				       "l3_network %s carries packets of %lld bytes, l3_network %s "
				       "of %lld: hosts route between equal ones only",
				       first->l3, (long long)mtu, interface->l3,
				       (long long)place.mtu);
		first = first ? first : interface;
		mtu = place.mtu;
	}
	return 0;
}

static bool can_route(const struct compiler *compiler, const struct host_router *router)
{
	struct err why = ERR_NONE;
	bool can = check_sizes(compiler, router, &why) == 0;

	err_clear(&why);
	return can;
}

bool is_routed(const struct l3_network *l3)
{
	return router_of(l3);
}

/* The interface's network's leg, where it is there. */
static bool leg_at(const struct compiler *compiler, const struct host_router_interface *interface,
		   struct leg *leg)
{
	const struct l3_network *l3 = host_l3(compiler->document, interface->l3);
	const struct l2_network *l2 = host_l2(compiler->document, l3->l2);
	struct err none = ERR_NONE;
	struct l2_place place;
	bool found = place_of(compiler, interface, &place, &none) == 0 &&
		     leg_of(compiler->facts, l2, &place, leg) && leg->index;

	err_clear(&none);
	return found;
}

static void list(struct text *text, const char *one)
{
	text_format(text, "%s%s", text->length ? "," : "", one);
}

/* What guests of one network send to the gateway. */
static void say_guests(const struct compiler *compiler, const struct host_router *router,
		       const struct host_router_interface *interface, const struct leg *leg)
{
	AUTO(free_ptr) char *chain = mem_format("routed-%s", interface->l3);
	AUTO(text_clear) struct text own = TEXT_NONE, others = TEXT_NONE;
	const struct mac *mac = mac_of(router, interface);
	const struct host_router_interface *other;
	const char *owner = router->object.uuid;
	struct mac_text to = mac_text(mac);
	struct leg unused;

	for (size_t i = 0; (other = interface_at(router, i)); i++) {
		if (other->address.family == 4)
			list(&own, ip_text(&other->address).s);
		if (other != interface && leg_at(compiler, other, &unused))
			list(&others,
			     network_text(&host_l3(compiler->document, other->l3)->cidr).s);
	}
	say_chain(compiler, owner, "", "%s", chain);
	say_rule(compiler, owner, chain, ROUTED_GATEWAYS, "ip daddr %s ether daddr set %s accept",
		 text_view(&own), to.s);
	if (others.length)
		say_rule(compiler, owner, chain, ROUTED_NEAR,
			 "ip daddr %s ether daddr set %s accept", text_view(&others),
			 mac_text(&leg->mac).s);
	say_rule(compiler, owner, chain, ROUTED_REST, "ether daddr set %s", to.s);
}

static void say_interface(const struct compiler *compiler, const struct host_router *router,
			  const struct host_router_interface *interface, const struct leg *leg)
{
	AUTO(free_ptr) char *from = mem_format(LEG_ROUTED ".%s", interface->l3);
	AUTO(free_ptr) char *to = mem_format(ROUTES_TO ".%s", interface->l3);
	AUTO(free_ptr) char *routes = mem_format("routes-%s", router->object.uuid);
	const struct l3_network *l3 = host_l3(compiler->document, interface->l3);
	struct prefix_text subnet = network_text(&l3->cidr);
	struct compiler legs = leg_compiler(compiler);
	const char *owner = router->object.uuid;

	say_element(&legs, owner, "leg_arp", mac_text(&router->gateway_mac).s, "%s . %s",
		    leg->inner, ip_text(&interface->address).s);
	say_rule(&legs, owner, leg->inner, from,
		 "meta pkttype host ip saddr %s meta mark set 0x0 goto %s", subnet.s, routes);
	say_rule(&legs, owner, routes, to, "ip daddr %s fwd ip to ip daddr device %d", subnet.s,
		 leg->index);
	say_guests(compiler, router, interface, leg);
}

void compile_router(const struct compiler *compiler, const struct object *object)
{
	const struct host_router *router = (const void *)object;
	const struct host_router_interface *interface;
	struct compiler legs = leg_compiler(compiler);
	struct err why = ERR_NONE;
	struct l2_place place;
	struct leg leg;

	if (check_sizes(compiler, router, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	say_chain(&legs, object->uuid, "", "routes-%s", object->uuid);
	for (size_t i = 0; (interface = interface_at(router, i)); i++) {
		if (place_of(compiler, interface, &place, &why) < 0)
			say_rest(compiler, object, &why);
		else if (leg_at(compiler, interface, &leg))
			say_interface(compiler, router, interface, &leg);
	}
}

static const struct host_router_interface *interface_of(const struct host_router *router,
							const char *l3)
{
	const struct host_router_interface *interface;

	for (size_t i = 0; (interface = interface_at(router, i)); i++)
		if (strcmp(interface->l3, l3) == 0)
			return interface;
	return NULL;
}

static bool was_before(const struct port *port, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(port_address(port, j)->l3, port_address(port, i)->l3) == 0)
			return true;
	return false;
}

/* The router's MAC that guests may still know is another than the one that is answered. */
void compile_port_router(const struct compiler *compiler, const struct port *port)
{
	const char *owner = port->object.uuid;
	const struct port_address *address;

	for (size_t i = 0; (address = port_address(port, i)); i++) {
		const struct l3_network *l3 = host_l3(compiler->document, address->l3);
		const struct host_router *router = router_of(l3);
		const struct host_router_interface *interface =
			router ? interface_of(router, address->l3) : NULL;
		AUTO(free_ptr) char *goto_routed = mem_format("goto routed-%s", address->l3);
		struct leg leg;

		if (!interface || address->address.family != 4 || !can_route(compiler, router) ||
		    !leg_at(compiler, interface, &leg))
			continue;
		say_element(compiler, owner, "routed_ports", goto_routed, "%s . %s . %s",
			    port->device, mac_text(&router->gateway_mac).s,
			    ip_text(&address->address).s);
		if (!mac_equal(mac_of(router, interface), &router->gateway_mac))
			say_element(compiler, owner, "routed_ports", goto_routed, "%s . %s . %s",
				    port->device, mac_text(mac_of(router, interface)).s,
				    ip_text(&address->address).s);
		if (!was_before(port, i))
			say_element(compiler, owner, "routed_gateways", "", "%s . %s", port->device,
				    ip_text(&interface->address).s);
	}
}
