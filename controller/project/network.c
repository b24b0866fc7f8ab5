/* SPDX-License-Identifier: GPL-2.0-or-later */
/* L3 networks in hosts' documents: each is the same on every host. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

/* Guests of routed networks ask their router, which is their gateway. */
static void add_l3_dns(const struct l3_network *network, const struct ip *gateway, json_t *json)
{
	static const char *const names[] = { "dns", NULL };
	bool routed = network->architecture == L3_VROUTER || network->architecture == L3_VPC;
	json_t *own = routed ? json_pack("{s:[s]}", "dns", ip_text(gateway).s)
			     : part_of(&l3_network_type, network, false, names);

	json_object_update(json, own);
	json_decref(own);
}

static json_t *l3_json(const struct l3_network *network, const struct ip *gateway, int64_t length)
{
	static const char *const names[] = { "uuid", "l2=l2_network", "mtu", NULL };
	struct prefix cidr = { *gateway, (uint8_t)length };
	json_t *json = part_of(&l3_network_type, network, false, names);

	cidr = prefix_network(&cidr);
	json_object_set_new(json, "cidr", json_string(prefix_text(&cidr).s));
	json_object_set_new(json, "gateway", json_string(ip_text(gateway).s));
	json_object_set_new(json, "user_data", json_true());
	add_l3_dns(network, gateway, json);
	if (network->dhcp_address.family)
		json_object_set_new(json, "dhcp",
				    json_pack("{s:b, s:s}", "enabled", 1, "server",
					      ip_text(&network->dhcp_address).s));
	return json;
}

static int make(struct shared *shared, const char *uuid, json_t **json, struct err *err)
{
	struct l3_network network = { 0 };
	struct ip gateway;
	int64_t length;
	int ret = model_load(shared->model, &l3_network_type, uuid, &network, err);

	if (ret == 0)
		ret = network_gateway(shared->model, uuid, &gateway, &length, err);
	if (ret == 0)
		*json = l3_json(&network, &gateway, length);
	model_clear(&l3_network_type, &network);
	return ret;
}

static int add(struct shared *shared, const json_t *name, json_t *seen, json_t *list,
	       struct err *err)
{
	const char *uuid = json_string_value(name);
	json_t *network;

	if (part_seen(seen, uuid))
		return 0;
	if (shared_get(shared, SHARED_NETWORKS, uuid, make, &network, err) < 0)
		return err->code;
	json_array_append(list, network);
	return 0;
}

/* Those that the objects of a section name, in lists of 'inner' (NULL: themselves), as "l3". */
static int add_named(struct shared *shared, const json_t *section, const char *inner, json_t *seen,
		     json_t *list, struct err *err)
{
	json_t *object, *one;
	size_t i, j;

	json_array_foreach (section, i, object) {
		if (!inner) {
			if (add(shared, json_object_get(object, "l3"), seen, list, err) < 0)
				return err->code;
			continue;
		}
		json_array_foreach (json_object_get(object, inner), j, one)
			if (add(shared, json_object_get(one, "l3"), seen, list, err) < 0)
				return err->code;
	}
	return 0;
}

int network_project(struct shared *shared, json_t *document, struct err *err)
{
	json_t *seen = json_object(), *list = json_array();
	int ret =
		add_named(shared, json_object_get(document, "ports"), "addresses", seen, list, err);

	if (ret == 0)
		ret = add_named(shared, json_object_get(document, "eips"), NULL, seen, list, err);
	if (ret == 0)
		ret = add_named(shared, json_object_get(document, "routers"), "interfaces", seen,
				list, err);
	if (json_array_size(list))
		json_object_set(document, "l3_networks", list);
	json_decref(seen);
	json_decref(list);
	return ret;
}
