/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listener: one port of a load balancer, and the NICs behind it. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/service.h"

static const char *const protocols[] = { "tcp", "http", "https", NULL };
static const char *const algorithms[] = { "roundrobin", "leastconn", "source", NULL };

#define AT(member) offsetof(struct listener, member)

static const struct field nic_element = {
	.type = FIELD_REFERENCE,
	.target = "nic",
	.at_end = FIELD_CLEARS,
};

static const struct field listener_fields[] = {
	RESOURCE_FIELDS,
	{ "load_balancer", FIELD_REFERENCE, AT(load_balancer), .required = true,
	  .target = "load_balancer", .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	{ "protocol", FIELD_CHOICE, AT(protocol), .choices = protocols, .immutable = true,
	  .doc = "What it understands." },
	{ "port", FIELD_NUMBER, AT(port), .required = true, .min = 1, .max = 65535,
	  .immutable = true, .doc = "Of the VIP." },
	{ "target_port", FIELD_NUMBER, AT(target_port), .required = true, .min = 1, .max = 65535,
	  .immutable = true, .doc = "Of the guests." },
	{ "algorithm", FIELD_CHOICE, AT(algorithm), .choices = algorithms,
	  .doc = "In turn, to the fewest connections, or by the client's address." },
	{ "idle_timeout_s", FIELD_NUMBER, AT(idle_timeout_s), .min = 1, .max = 86400,
	  .fallback = 60, .unit = "s", .doc = "A silent connection is closed then." },
	{ "healthy_threshold", FIELD_NUMBER, AT(healthy_threshold), .min = 1, .max = 100,
	  .fallback = 2, .doc = "A guest is well again after so many good checks." },
	{ "unhealthy_threshold", FIELD_NUMBER, AT(unhealthy_threshold), .min = 1, .max = 100,
	  .fallback = 2, .doc = "It is left out after so many failed ones." },
	{ "health_interval_s", FIELD_NUMBER, AT(health_interval_s), .min = 1, .max = 3600,
	  .fallback = 5, .unit = "s", .doc = "Between two checks." },
	{ "max_connections", FIELD_NUMBER, AT(max_connections), .min = 1, .max = 1000000,
	  .fallback = 5000, .doc = "At once; further ones wait." },
	{ "certificate", FIELD_REFERENCE, AT(certificate), .target = "certificate",
	  .immutable = true, .doc = "Of https; see bind_certificate." },
	{ "nics", FIELD_LIST, AT(nics), .element = &nic_element, .immutable = true,
	  .doc = "Of the guests behind it; see bind_nic." },
	HEALTH_FIELDS(struct listener),
	{ 0 },
};

static int certificate_fits(const struct model_change *change, struct err *err)
{
	const struct listener *listener = change->is;

	if (listener->certificate && listener->protocol != LISTENER_HTTPS)
		return model_refuse(err, "a %s listener shows no certificate",
				    protocols[listener->protocol]);
	return 0;
}

/* Its VIP; the caller's. */
static int vip_of(const struct model_change *change, char **vip, struct err *err)
{
	const struct listener *listener = change->is;
	struct load_balancer balancer = { 0 };
	int ret = model_load(change->model, &load_balancer_type, listener->load_balancer, &balancer,
			     err);

	if (ret == 0)
		*vip = STEAL(balancer.on.vip);
	model_clear(&load_balancer_type, &balancer);
	return ret;
}

static int port_free(const struct model_change *change, struct err *err)
{
	const struct listener *listener = change->is;
	struct port_range port = { (uint16_t)listener->port, (uint16_t)listener->port };
	AUTO(free_ptr) char *vip = NULL;

	if (vip_of(change, &vip, err) < 0)
		return err->code;
	return vip_ports_free(change->model, vip, listener->resource.uuid, VIP_LISTENS, &port, err);
}

static int management_reached(const struct model_change *change, struct err *err)
{
	const struct listener *listener = change->is;
	struct port_range port = { (uint16_t)listener->port, (uint16_t)listener->port };
	AUTO(free_ptr) char *vip = NULL;

	if (vip_of(change, &vip, err) < 0)
		return err->code;
	return vip_management(change->model, vip, &port, err);
}

static int nic_network(struct model *model, const char *uuid, char **network, struct err *err)
{
	struct nic nic = { 0 };
	int ret = model_load(model, &nic_type, uuid, &nic, err);

	if (ret == 0)
		*network = STEAL(nic.l3_network);
	model_clear(&nic_type, &nic);
	return ret;
}

/* Those of one listener, with those of '*network' (NULL at first). */
static int same_network(struct model *model, const struct listener *listener, char **network,
			struct err *err)
{
	char **nics = listener->nics.items;

	for (size_t i = 0; i < listener->nics.n; i++) {
		AUTO(free_ptr) char *own = NULL;
		int together = 1;

		if (nic_network(model, nics[i], &own, err) < 0)
			return err->code;
		if (own && *network)
			together = networks_together(model, own, *network, err);
		if (together < 0)
			return together;
		if (!together)
			return model_refuse(err,
					    "nic %s is on another network than others of "
					    "the load balancer",
					    nics[i]);
		if (!*network)
			*network = STEAL(own);
	}
	return 0;
}

static int one_network(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct listener *is = change->is;
	AUTO(free_ptr) char *network = NULL;
	int ret = model_find(change->model, &listener_type, &rows, err, "load_balancer",
			     is->load_balancer);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct listener *other = db_row(&rows, i);

		if (strcmp(other->resource.uuid, is->resource.uuid) != 0)
			ret = same_network(change->model, other, &network, err);
	}
	return ret == 0 ? same_network(change->model, is, &network, err) : ret;
}

static int on_router(const struct model_change *change, struct err *err)
{
	const struct listener *listener = change->is;
	AUTO(free_ptr) char *vip = NULL, *network = NULL;
	char **nics = listener->nics.items;

	if (!listener->nics.n)
		return 0;
	if (vip_of(change, &vip, err) < 0 || nic_network(change->model, nics[0], &network, err) < 0)
		return err->code;
	return service_on_router(change->model, vip, listener->load_balancer, network, err);
}

static const struct model_rule listener_rules[] = {
	{ "certificate_fits", "Only an https listener has a certificate.", MODEL_WRITE,
	  certificate_fits },
	{ "port_free", "Nothing else has its port on the VIP.", MODEL_CREATE, port_free },
	{ "management_reached", VIP_MANAGEMENT_DOC, MODEL_CREATE, management_reached },
	{ "one_network",
	  "All NICs of a load balancer are on one network, or on networks of one VPC router.",
	  MODEL_WRITE, one_network },
	{ "on_router",
	  "A router serves its NICs' network, has the VIP's network, and all that stands on the "
	  "VIP.",
	  MODEL_WRITE, on_router },
	{ 0 },
};

static int bind_nic(const struct model_change *change, const void *parameters, struct err *err)
{
	(void)err;
	return bind_to_list(&((struct listener *)change->is)->nics, parameters);
}

static int unbind_nic(const struct model_change *change, const void *parameters, struct err *err)
{
	return unbind_from_list(&((struct listener *)change->is)->nics, parameters, err);
}

static int bind_certificate(const struct model_change *change, const void *parameters,
			    struct err *err)
{
	struct listener *listener = change->is;
	char *const *certificate = parameters;

	if (listener->certificate)
		return model_refuse(err, "it has a certificate: unbind that first");
	listener->certificate = mem_text(*certificate);
	return 0;
}

static int unbind_certificate(const struct model_change *change, const void *parameters,
			      struct err *err)
{
	struct listener *listener = change->is;

	(void)parameters;
	(void)err;
	free(listener->certificate);
	listener->certificate = NULL;
	return 0;
}

static const struct field certificate_parameters[] = {
	{ "certificate", FIELD_REFERENCE, 0, .required = true, .target = "certificate",
	  .doc = "Which." },
	{ 0 },
};

static const struct model_action listener_actions[] = {
	{ "bind_nic", "One more guest behind it.", nic_parameters, sizeof(char *), bind_nic },
	{ "unbind_nic", "One less.", nic_parameters, sizeof(char *), unbind_nic },
	{ "bind_certificate", "What it shows.", certificate_parameters, sizeof(char *),
	  bind_certificate },
	{ "unbind_certificate", "It shows none.", NULL, 0, unbind_certificate },
	{ 0 },
};

const struct model_type listener_type = {
	.table = { "listener", listener_fields, sizeof(struct listener), NULL,
		   .part_of = "load_balancer" },
	.counted = true,
	.doc = "A port of a load balancer, and the guests behind it.",
	.rules = listener_rules,
	.actions = listener_actions,
};
