/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec_connection: a tunnel from networks of a router to those behind a peer. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/ipsec_place.h"

static const char *const auth_modes[] = { "psk", NULL };
static const char *const working_modes[] = { "tunnel", NULL };
static const char *const transforms[] = { "esp", NULL };
static const char *const hashes[] = { "md5", "sha1", "sha256", "sha384", "sha512", NULL };
static const char *const ciphers[] = { "3des", "aes-128", "aes-192", "aes-256", NULL };
static const char *const pfs_groups[] = { "disabled",   "dh-group2",  "dh-group5",  "dh-group14",
					  "dh-group15", "dh-group16", "dh-group17", "dh-group18",
					  "dh-group19", "dh-group20", "dh-group21", NULL };
enum { HASH_SHA1 = 1, PFS_GROUP2 = 1 };

#define AT(member) offsetof(struct ipsec_connection, member)

static const struct field network_element = {
	.type = FIELD_REFERENCE,
	.target = "l3_network",
	.at_end = FIELD_CLEARS,
};
static const struct field cidr_element = { .type = FIELD_PREFIX };

static const struct field ipsec_connection_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	SERVICE_VIP_FIELDS(struct ipsec_connection, false),
	{ "local_networks", FIELD_LIST, AT(local_networks), .element = &network_element,
	  .immutable = true,
	  .doc = "What the peer may reach here; the one of the VIP's router, if it has no other, "
		 "when none is given. See attach_network." },
	{ "remote_address", FIELD_IP, AT(remote_address), .required = true, .immutable = true,
	  .doc = "The peer's public address." },
	{ "remote_cidrs", FIELD_LIST, AT(remote_cidrs), .element = &cidr_element, .required = true,
	  .immutable = true, .doc = "What is behind the peer; see add_remote_cidr." },
	{ "psk", FIELD_TEXT, AT(psk), .required = true, .min = 1, .max = 512, .secret = true,
	  .doc = "The pre-shared key, a strong one. Never shown." },
	{ "auth_mode", FIELD_CHOICE, AT(auth_mode), .choices = auth_modes, .immutable = true,
	  .doc = "How the two know each other." },
	{ "working_mode", FIELD_CHOICE, AT(working_mode), .choices = working_modes,
	  .immutable = true, .doc = "Site to site." },
	{ "ike_version", FIELD_NUMBER, AT(ike_version), .min = 1, .max = 2, .fallback = 1,
	  .immutable = true, .doc = "1 (main mode) or 2." },
	{ "ike_auth", FIELD_CHOICE, AT(ike_auth), .choices = hashes, .fallback = HASH_SHA1,
	  .immutable = true, .doc = "Of the key exchange." },
	{ "ike_encryption", FIELD_CHOICE, AT(ike_encryption), .choices = ciphers, .immutable = true,
	  .doc = "Of the key exchange." },
	{ "ike_dh_group", FIELD_NUMBER, AT(ike_dh_group), .min = 2, .max = 21, .fallback = 2,
	  .immutable = true, .doc = "2, 5 or 14-21." },
	{ "transform", FIELD_CHOICE, AT(transform), .choices = transforms, .immutable = true,
	  .doc = "Of the traffic." },
	{ "esp_auth", FIELD_CHOICE, AT(esp_auth), .choices = hashes, .fallback = HASH_SHA1,
	  .immutable = true, .doc = "Of the traffic." },
	{ "esp_encryption", FIELD_CHOICE, AT(esp_encryption), .choices = ciphers, .immutable = true,
	  .doc = "Of the traffic." },
	{ "pfs", FIELD_CHOICE, AT(pfs), .choices = pfs_groups, .fallback = PFS_GROUP2,
	  .immutable = true, .doc = "Of the traffic's keys." },
	{ "state", FIELD_CHOICE, AT(state), .choices = resource_states, .computed = true,
	  .fallback = RESOURCE_ENABLED, .doc = "Whether its router has it; see disable." },
	HEALTH_FIELDS(struct ipsec_connection),
	{ 0 },
};

/* Of the router that the VIP is on: where it has one network alone, no other can be meant. */
static int take_local_network(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows nics = DB_ROWS_NONE;
	struct ipsec_connection *ipsec = change->is;
	struct router_place place = { 0 };

	if (ipsec->on.vip && vip_router(change->model, ipsec->on.vip, "", &place, err) < 0)
		return err->code;
	if (!place.type)
		return model_wrong(err, "local_networks",
				   "is required: the VIP is on no router yet");
	if (model_find(change->model, &router_nic_type, &nics, err,
		       place.type == &vpc_router_type ? "vpc_router" : "router", place.uuid, "role",
		       "private") < 0)
		return err->code;
	if (nics.n != 1)
		return model_wrong(err, "local_networks",
				   "is required: the router has %zu networks", nics.n);
	uuids_add(&ipsec->local_networks, ((struct router_nic *)db_row(&nics, 0))->l3_network);
	return 0;
}

static int complete(const struct model_change *change, struct err *err)
{
	struct ipsec_connection *ipsec = change->is;
	int64_t group = ipsec->ike_dh_group;

	if (!ipsec->local_networks.n && take_local_network(change, err) < 0)
		return err->code;
	if (!ipsec->remote_cidrs.n)
		return model_wrong(err, "remote_cidrs", "is required");
	/* As all VIPs and networks are. */
	if (ipsec->remote_address.family == 6)
		return model_wrong(err, "remote_address", "is of another family than the VIP");
	if (group != 2 && group != 5 && group < 14)
		return model_wrong(err, "ike_dh_group", "%lld is none of 2, 5, 14-21",
				   (long long)group);
	return service_complete(change, &ipsec->on, err);
}

static int shares_vip(const struct model_change *change, struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;

	return vip_shared(change->model, ipsec->on.vip, ipsec->resource.uuid, err);
}

static int ports_free(const struct model_change *change, struct err *err)
{
	static const struct port_range ike[] = { { 500, 500 }, { 4500, 4500 } };
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ipsec_connection *ipsec = change->is;

	if (model_find(change->model, &port_forward_type, &rows, err, "vip", ipsec->on.vip,
		       "protocol", "udp") < 0)
		return err->code;
	for (size_t i = 0; i < rows.n; i++)
		for (size_t j = 0; j < ARRAY_SIZE(ike); j++) {
			const struct port_forward *other = db_row(&rows, i);

			if (port_range_overlaps(&other->vip_ports, &ike[j]))
				return model_refuse(err, "%s has port %s of the VIP",
						    model_text(&port_forward_type, other).s,
						    port_range_text(&ike[j]).s);
		}
	return 0;
}

static int other_peer(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct ipsec_connection *ipsec = change->is;
	int ret =
		model_find(change->model, &ipsec_connection_type, &rows, err, "vip", ipsec->on.vip);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct ipsec_connection *other = db_row(&rows, i);

		if (strcmp(other->resource.uuid, ipsec->resource.uuid) != 0 &&
		    ip_equal(&other->remote_address, &ipsec->remote_address))
			ret = model_refuse(err, "%s has the same peer on the VIP",
					   model_text(&ipsec_connection_type, other).s);
	}
	return ret;
}

/* Each of the networks, by itself and beside the peer's. */
static int check_network(const struct model_change *change, const char *network, struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;
	const struct prefix *remote = ipsec->remote_cidrs.items;
	struct prefix local = { 0 };
	int64_t length = 0;
	int ret = network_gateway(change->model, network, &local.ip, &length, err);

	local.length = (uint8_t)length;
	for (size_t i = 0; ret == 0 && i < ipsec->remote_cidrs.n; i++)
		if (prefix_overlaps(&local, &remote[i]))
			ret = model_refuse(err, "%s overlaps the local subnet %s/%d",
					   prefix_text(&remote[i]).s, ip_text(&local.ip).s,
					   local.length);
	return ret;
}

static int sides_differ(const struct model_change *change, struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;
	const struct prefix *remote = ipsec->remote_cidrs.items;
	char **networks = ipsec->local_networks.items;
	int ret = 0;

	for (size_t i = 0; i < ipsec->remote_cidrs.n; i++)
		if (remote[i].ip.family == 6)
			return model_refuse(err, "%s is of another family than the local subnets",
					    prefix_text(&remote[i]).s);
	for (size_t i = 0; ret == 0 && i < ipsec->local_networks.n; i++)
		ret = check_network(change, networks[i], err);
	return ret;
}

static int on_router(const struct model_change *change, struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;
	char **networks = ipsec->local_networks.items;
	struct router_place first, place;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < ipsec->local_networks.n; i++) {
		ret = service_on_router(change->model, ipsec->on.vip, ipsec->resource.uuid,
					networks[i], err);
		if (ret == 0)
			ret = network_router(change->model, networks[i], i ? &place : &first, err);
		if (ret == 0 && i && strcmp(first.uuid, place.uuid) != 0)
			ret = model_refuse(err, "its networks are on two routers");
	}
	return ret;
}

static const struct model_rule ipsec_connection_rules[] = {
	{ "vip_shared", "No EIP stands on its VIP.", MODEL_CREATE, shares_vip },
	{ "ports_free", "Nothing has UDP ports 500 and 4500 of the VIP.", MODEL_CREATE,
	  ports_free },
	{ "other_peer", "Connections on one VIP have different peers.", MODEL_CREATE, other_peer },
	{ "sides_differ", "The networks of the two sides do not overlap.", MODEL_WRITE,
	  sides_differ },
	{ "apart_from_router",
	  "The peer is not the router itself, and no network of it is behind the peer.",
	  MODEL_WRITE, ipsec_apart_from_router },
	{ "apart_from_others",
	  "What is behind a peer is behind that one alone, of connections on one VIP or with one "
	  "local network that are enabled.",
	  MODEL_WRITE, ipsec_apart_from_others },
	{ "on_router",
	  "One router serves its networks, has the VIP's network, and all that stands on the VIP.",
	  MODEL_WRITE, on_router },
	{ 0 },
};

static int attach_network(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	struct ipsec_connection *ipsec = change->is;
	char *const *network = parameters;
	struct router_place place;

	if (network_router(change->model, *network, &place, err) < 0)
		return err->code;
	if (place.type != &vpc_router_type)
		return model_refuse(err, "only a VPC router's connections have several networks");
	if (!uuids_have(&ipsec->local_networks, *network))
		uuids_add(&ipsec->local_networks, *network);
	return 0;
}

static int detach_network(const struct model_change *change, const void *parameters,
			  struct err *err)
{
	struct ipsec_connection *ipsec = change->is;
	char *const *network = parameters;

	if (!uuids_remove(&ipsec->local_networks, *network))
		return model_wrong(err, "network", "it is not attached");
	if (!ipsec->local_networks.n)
		return model_refuse(err, "one network has to stay");
	return 0;
}

static size_t find_cidr(const struct field_list *list, const struct prefix *cidr)
{
	const struct prefix *items = list->items;
	size_t i = 0;

	while (i < list->n && !prefix_equal(&items[i], cidr))
		i++;
	return i;
}

/* Only where a VPC router has it; the other stays as it was made. */
static int of_vpc(const struct model_change *change, struct err *err)
{
	const struct ipsec_connection *ipsec = change->is;
	char **networks = ipsec->local_networks.items;
	struct router_place place = { 0 };

	if (ipsec->local_networks.n && network_router(change->model, networks[0], &place, err) < 0)
		return err->code;
	return place.type == &vpc_router_type
		       ? 0
		       : model_refuse(err, "only a VPC router's connections are changed");
}

static int add_remote_cidr(const struct model_change *change, const void *parameters,
			   struct err *err)
{
	struct field_list *list = &((struct ipsec_connection *)change->is)->remote_cidrs;
	const struct prefix *cidr = parameters;
	struct prefix *items;

	if (of_vpc(change, err) < 0)
		return err->code;
	if (find_cidr(list, cidr) < list->n)
		return model_wrong(err, "cidr", "it is there already");
	items = mem_array(list->n + 1, sizeof(*items));
	memcpy(items, list->items, list->n * sizeof(*items));
	items[list->n++] = *cidr;
	free(list->items);
	list->items = items;
	return 0;
}

static int remove_remote_cidr(const struct model_change *change, const void *parameters,
			      struct err *err)
{
	struct field_list *list = &((struct ipsec_connection *)change->is)->remote_cidrs;
	size_t i = find_cidr(list, parameters);
	struct prefix *items = list->items;

	if (of_vpc(change, err) < 0)
		return err->code;
	if (i == list->n)
		return model_wrong(err, "cidr", "it is not there");
	if (list->n == 1)
		return model_refuse(err, "one has to stay");
	memmove(items + i, items + i + 1, (--list->n - i) * sizeof(*items));
	return 0;
}

static const struct field network_parameters[] = {
	{ "network", FIELD_REFERENCE, 0, .required = true, .target = "l3_network",
	  .doc = "Which." },
	{ 0 },
};

static const struct field cidr_parameters[] = {
	{ "cidr", FIELD_PREFIX, 0, .required = true, .doc = "Which." },
	{ 0 },
};

static const struct model_action ipsec_connection_actions[] = {
	STATE_ENABLE,
	{ "disable", "Its router has it no more, until it is enabled.", NULL, 0, state_disable },
	{ "attach_network", "The peer may reach one more network; of a VPC.", network_parameters,
	  sizeof(char *), attach_network },
	{ "detach_network", "One less.", network_parameters, sizeof(char *), detach_network },
	{ "add_remote_cidr", "One more behind the peer; of a VPC.", cidr_parameters,
	  sizeof(struct prefix), add_remote_cidr },
	{ "remove_remote_cidr", "One less.", cidr_parameters, sizeof(struct prefix),
	  remove_remote_cidr },
	{ 0 },
};

const struct model_type ipsec_connection_type = {
	.table = { "ipsec_connection", ipsec_connection_fields, sizeof(struct ipsec_connection),
		   NULL, .owner = "owner" },
	.counted = true,
	.doc = "A tunnel to the networks behind a peer.",
	.rules = ipsec_connection_rules,
	.actions = ipsec_connection_actions,
	.complete = complete,
};
